// SPDX-License-Identifier: Apache-2.0
#include "registration.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "kernel_log.h"
#include "local.h"
#include "registry.h"

/* How the MGS could not be reached. */
enum failure {
	FAILURE_ABSENT,  /* no such host */
	FAILURE_DROPPED, /* packets vanish */
	FAILURE_REFUSED, /* host up, but no LNET there */
	FAILURE_NO_MGS,  /* LNET answers, but no MGS is mounted */
};

/* Measured (facts 3.2, 3.4, 12, surprises 8 and 14). */
static const double attempt_every = 25, first_attempt = 16, connect_limit = 20;

/* An MGS that is there is waited for while it waits for the dead (exports.c). */
static const double answer_limit = 60, revoke_limit = 180;

struct patience {
	double seconds;
	int result;
	bool unkillable;
};

static bool is_new(const struct registration *registration)
{
	return registration->data->flags & (FLAG_FIRST_TIME | FLAG_UPDATE | FLAG_WRITECONF);
}

static struct patience patience_for(const struct registration *registration, enum failure failure)
{
	if (!is_new(registration)) {
		if (registration->others && failure < FAILURE_REFUSED)
			return (struct patience){ 306, 0, true };
		return (struct patience){ 47, 0, false };
	}
	switch (failure) {
	case FAILURE_ABSENT:
		return (struct patience){ 67, -ETIMEDOUT, false };
	case FAILURE_DROPPED:
		return (struct patience){ 62, -ETIMEDOUT, false };
	case FAILURE_REFUSED:
	case FAILURE_NO_MGS:
		break;
	}
	if (registration->others)
		return (struct patience){ 108, -ESHUTDOWN, false };
	return (struct patience){ 67, -ETIMEDOUT, false };
}

static void put_registration(struct message *message, const struct registration *registration)
{
	const struct mountdata *data = registration->data;
	uint32_t flags = 0;

	if (data->flags & FLAG_FIRST_TIME)
		flags |= REGISTER_FIRST_TIME;
	else if (data->flags & FLAG_WRITECONF)
		flags |= REGISTER_WRITECONF;
	else if (data->flags & FLAG_UPDATE)
		flags |= REGISTER_UPDATE;
	if (registration->local_log)
		flags |= REGISTER_LOCAL_LOG;
	message_reset(message);
	put_string(message, data->fsname);
	put_string(message, data->svname);
	put_u32(message, data->index);
	put_u32(message, flags);
	put_string(message, registration->nids);
}

static enum failure classify(int error)
{
	if (error == -ENODEV)
		return FAILURE_NO_MGS;
	if (error == -ECONNREFUSED || error == -ECONNRESET)
		return FAILURE_REFUSED;
	return error == -ETIMEDOUT || error == -EAGAIN ? FAILURE_DROPPED : FAILURE_ABSENT;
}

/* Asks one MGS node. True if it answered: then `ret_status` is its word. */
static bool ask(const struct conf *conf, const struct registration *registration,
		const struct nid *nid, int32_t *ret_status, enum failure *ret_failure)
{
	struct message message = { 0 };
	int r, fd = nid_connect(nid, conf_seconds(conf, connect_limit),
				answer_limit + conf_seconds(conf, revoke_limit));

	r = fd;
	if (fd >= 0) {
		put_registration(&message, registration);
		r = wire_call(fd, OP_MGS_REGISTER, &message, ret_status);
		if (r == 0 && *ret_status == -ENODEV)
			r = -ENODEV;
		close(fd);
	}
	message_done(&message);
	if (r < 0)
		*ret_failure = classify(r);
	return r >= 0;
}

static bool ask_all(const struct conf *conf, const struct registration *registration,
		    int32_t *ret_status, enum failure *ret_failure)
{
	struct nid nids[NIDS_MAX];
	char list[NIDS_SIZE];

	for (unsigned n = 0;
	     mountdata_parameter(registration->data, "mgsnode", n, list, sizeof(list)); n++) {
		int count = nid_list_parse(list, nids, NIDS_MAX);

		for (int i = 0; i < count; i++) {
			if (ask(conf, registration, &nids[i], ret_status, ret_failure))
				return true;
		}
	}
	return false;
}

static void log_refusal(const struct conf *conf, const struct registration *registration,
			int status)
{
	char mgs[NIDS_SIZE] = "0@lo";

	mountdata_parameter(registration->data, "mgsnode", 0, mgs, sizeof(mgs));
	if (status == -ENOENT)
		kernel_error(conf, "LustreError: MGC%s: no remote llog for %s, check MGS config",
			     mgs, registration->data->svname);
	else
		kernel_error(conf,
			     "LustreError: %s: the MGS refuses to allow this server to start: rc = "
			     "%d. Please see messages on the MGS.",
			     registration->data->svname, status);
}

static int give_up(const struct conf *conf, const struct registration *registration, int result)
{
	if (result < 0)
		kernel_error(conf,
			     "LustreError: %s: cannot register this server with the MGS: rc = %d. "
			     "Is the MGS running?",
			     registration->data->svname, result);
	else
		kernel_error(conf,
			     "LustreError: Failed to get MGS log %s-sptlrpc and no local "
			     "copy.",
			     registration->data->fsname);
	return result;
}

static int ask_local(const struct conf *conf, const struct registration *registration)
{
	struct message message = { 0 };
	int r;

	put_registration(&message, registration);
	r = local_call(conf, OP_MGS_REGISTER, &message);
	message_done(&message);
	return r;
}

static void wait_unkillable(void)
{
	/* The real wait is in the kernel, deaf to signals (SIGKILL, too, which cannot be played).
	 */
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
}

int registration_run(const struct conf *conf, const struct registration *registration)
{
	double start = monotonic_seconds(), next = start;
	enum failure failure = FAILURE_ABSENT;
	struct patience patience;
	int32_t status;

	if (registration->data->flags & TARGET_MGS) {
		status = ask_local(conf, registration);
		if (status < 0)
			log_refusal(conf, registration, status);
		return status;
	}
	for (;;) {
		double now, end;

		if (ask_all(conf, registration, &status, &failure)) {
			if (status < 0)
				log_refusal(conf, registration, status);
			return status;
		}
		patience = patience_for(registration, failure);
		if (patience.unkillable)
			wait_unkillable();
		now = monotonic_seconds();
		end = start + conf_seconds(conf, patience.seconds);
		next += conf_seconds(conf, failure == FAILURE_NO_MGS && next == start
						   ? first_attempt
						   : attempt_every);
		if (next < now)
			next = now;
		sleep_seconds(next < end ? next - now : (end > now ? end - now : 0));
		if (next >= end)
			return give_up(conf, registration, patience.result);
	}
}
