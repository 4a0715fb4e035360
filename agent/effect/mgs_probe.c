/* SPDX-License-Identifier: Apache-2.0 */
#include "effect/mgs_probe.h"

#include "base/cleanup.h"
#include "base/text.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define LNET_PORT          988 /* lnet/klnds/socklnd: accept_port */
#define RESOLVE_LIMIT_USEC 5000000ULL
#define CONNECT_LIMIT_USEC 4000000ULL /* an address without a host shows after 3.3 s (measured) */
#define PING_LIMIT_USEC    5000000ULL /* a ping that succeeds takes half a second (measured) */
#define GETENT_NOT_FOUND   2          /* getent(1) */

struct mgs_probe {
	sd_event *loop;
	struct processes *processes;
	char net[32]; /* "@tcp" */
	char address[INET_ADDRSTRLEN];
	bool ping;
	mgs_probe_fn done;
	void *userdata;
	int fd;
	sd_event_source *io, *timer;
	struct process *child; /* getent or lctl, while it runs */
};

static void end(struct mgs_probe *probe, enum mgs_answer answer)
{
	mgs_probe_fn done = probe->done;
	void *userdata = probe->userdata;

	sd_event_source_disable_unref(probe->io);
	sd_event_source_disable_unref(probe->timer);
	if (probe->fd >= 0)
		close(probe->fd);
	free(probe);
	if (done)
		done(answer, userdata);
}

/* A child is ended by signals, and tells of its end from the loop: the probe lives until then. */
void mgs_probe_cancel(struct mgs_probe *probe)
{
	if (!probe)
		return;
	probe->done = NULL;
	if (probe->child)
		process_cancel(probe->child);
	else
		end(probe, MGS_UNKNOWN);
}

static int start_child(struct mgs_probe *probe, const char *const argv[], uint64_t limit_usec,
		       process_done_fn done, struct error *err)
{
	const struct process_call call = {
		.argv = argv, .timeout_usec = limit_usec, .done = done, .userdata = probe
	};

	return process_start(probe->processes, &call, &probe->child, err);
}

static void on_ping(const struct process_result *result, void *userdata)
{
	bool answered = result->end == PROCESS_EXITED && result->code == 0;

	end(userdata, answered ? MGS_ANSWERS : MGS_NO_LNET_PING);
}

static void start_ping(struct mgs_probe *probe)
{
	char nid[64];
	const char *const argv[] = { "lctl", "ping", nid, NULL };

	_Static_assert(sizeof(nid) >= sizeof(probe->address) + sizeof(probe->net), "it is whole");
	snprintf(nid, sizeof(nid), "%s%s", probe->address, probe->net);
	if (start_child(probe, argv, PING_LIMIT_USEC, on_ping, /* err= */ NULL) < 0)
		end(probe, MGS_NOT_ASKED);
}

static int on_connected(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
	struct mgs_probe *probe = userdata;
	socklen_t size = sizeof(int);
	int code = 0;

	(void)source;
	(void)events;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &code, &size) < 0)
		code = errno;
	probe->io = sd_event_source_disable_unref(probe->io);
	probe->timer = sd_event_source_disable_unref(probe->timer);
	close(probe->fd);
	probe->fd = -1;
	if (code == 0 && probe->ping)
		start_ping(probe);
	else
		end(probe, mgs_answer_of_connect(code));
	return 0;
}

static int on_no_answer(sd_event_source *source, uint64_t usec, void *userdata)
{
	(void)source;
	(void)usec;
	end(userdata, MGS_SILENT);
	return 0;
}

/* Ends the probe at once where the kernel knows the answer already. */
static void start_connect(struct mgs_probe *probe)
{
	struct sockaddr_in peer = { .sin_family = AF_INET, .sin_port = htons(LNET_PORT) };
	int r;

	if (inet_pton(AF_INET, probe->address, &peer.sin_addr) != 1) {
		end(probe, MGS_NOT_ASKED);
		return;
	}
	probe->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (probe->fd < 0) {
		end(probe, MGS_NOT_ASKED);
		return;
	}
	if (connect(probe->fd, (const struct sockaddr *)&peer, sizeof(peer)) < 0 &&
	    errno != EINPROGRESS) {
		end(probe, mgs_answer_of_connect(errno));
		return;
	}
	r = sd_event_add_io(probe->loop, &probe->io, probe->fd, EPOLLOUT, on_connected, probe);
	if (r >= 0)
		r = sd_event_add_time_relative(probe->loop, &probe->timer, CLOCK_MONOTONIC,
					       CONNECT_LIMIT_USEC, 0, on_no_answer, probe);
	if (r < 0)
		end(probe, MGS_NOT_ASKED);
}

/* "10.0.0.10      STREAM mgs.internal": the first address is the one to use. */
static void on_resolved(const struct process_result *result, void *userdata)
{
	struct mgs_probe *probe = userdata;

	probe->child = NULL;
	if (!probe->done)
		end(probe, MGS_UNKNOWN);
	else if (result->end != PROCESS_EXITED)
		end(probe, MGS_NO_RESOLVER);
	else if (result->code != 0)
		end(probe, result->code == GETENT_NOT_FOUND ? MGS_NO_NAME : MGS_NOT_ASKED);
	else if (sscanf(result->output, "%15s", probe->address) != 1)
		end(probe, MGS_NO_NAME);
	else
		start_connect(probe);
}

static int start_resolve(struct mgs_probe *probe, const char *host, struct error *err)
{
	const char *const argv[] = { "getent", "ahostsv4", host, NULL };

	return start_child(probe, argv, RESOLVE_LIMIT_USEC, on_resolved, err);
}

/* An address, too, takes a turn of the loop: `done` is never called from within the start. */
static int on_turn(sd_event_source *source, void *userdata)
{
	struct mgs_probe *probe = userdata;

	probe->io = sd_event_source_disable_unref(source);
	start_connect(probe);
	return 0;
}

int mgs_probe_start(struct processes *processes, const char *nid, bool ping, mgs_probe_fn done,
		    void *userdata, struct mgs_probe **ret, struct error *err)
{
	struct mgs_probe *probe = calloc(1, sizeof(*probe));
	char host[256];
	int r;

	if (!probe)
		return error_set(err, -ENOMEM, "out of memory");
	*probe = (struct mgs_probe){
		.loop = processes_loop(processes),
		.processes = processes,
		.ping = ping,
		.done = done,
		.userdata = userdata,
		.fd = -1,
	};
	r = text_format(probe->net, sizeof(probe->net), "%s", nid + strcspn(nid, "@"));
	if (r == 0)
		r = mgs_nid_host(nid, host, sizeof(host));
	if (r < 0) {
		error_set(err, r, "MGS %s: its name or net is too long", nid);
	} else if (mgs_nid_has_name(nid)) {
		r = start_resolve(probe, host, err);
	} else {
		/* Of addresses, only IPv4 can be asked: others are longer, and stay "". */
		if (text_format(probe->address, sizeof(probe->address), "%s", host) < 0)
			probe->address[0] = '\0';
		r = sd_event_add_defer(probe->loop, &probe->io, on_turn, probe);
		if (r < 0)
			error_errno(err, r, "cannot ask the MGS %s", nid);
	}
	if (r < 0) {
		free(probe);
		return r;
	}
	*ret = probe;
	return 0;
}
