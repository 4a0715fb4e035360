// SPDX-License-Identifier: Apache-2.0
#include "local.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "child.h"
#include "tool_time.h"

int local_connect(const struct conf *conf)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	snprintf(address.sun_path, sizeof(address.sun_path), "%s/simd.sock", conf->run_dir);
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
		close(fd);
		return -ENODEV;
	}
	return fd;
}

int local_call(const struct conf *conf, enum operation operation, struct message *message)
{
	int32_t status;
	int fd = local_connect(conf), r;

	if (fd < 0)
		return fd;
	r = wire_call(fd, operation, message, &status);
	close(fd);
	return r < 0 ? r : status;
}

static void take_ni(struct message *message, struct lnet_ni *ni)
{
	char text[64];

	get_string(message, text, sizeof(text));
	nid_parse(text, &ni->nid);
	get_string(message, ni->interface, sizeof(ni->interface));
	ni->conns = get_u32(message);
	ni->peer_credits = get_u32(message);
}

void local_lnet_state(const struct conf *conf, struct lnet_state *ret_state)
{
	struct message message = { 0 };

	*ret_state = (struct lnet_state){ .phase = LNET_NOT_LOADED };
	if (local_call(conf, OP_LNET_STATE, &message) == 0) {
		ret_state->phase = (enum lnet_phase)get_u32(&message);
		ret_state->lustre_loaded = get_u32(&message);
		ret_state->count = get_u32(&message);
		if (ret_state->count > NIDS_MAX)
			ret_state->count = 0;
		for (size_t i = 0; i < ret_state->count; i++)
			take_ni(&message, &ret_state->nis[i]);
		ret_state->discovery = get_u32(&message);
		ret_state->rule_count = get_u32(&message);
		if (ret_state->rule_count > RULES_MAX)
			ret_state->rule_count = 0;
		for (size_t i = 0; i < ret_state->rule_count; i++)
			get_string(&message, ret_state->rules[i], sizeof(ret_state->rules[0]));
	}
	message_done(&message);
}

/* Into a cgroup of its own where systemd runs; else as a daemon that leaves our session. */
static void start_simd(const struct conf *conf)
{
	char *const unit[] = { (char[]){ "systemctl" }, (char[]){ "start" },
			       (char[]){ "lustre-simd.service" }, NULL };
	char program[PATH_MAX] = "";
	char *const daemon[] = { program, (char[]){ "lustre-simd" }, (char[]){ "--daemon" }, NULL };
	ssize_t n;

	if (!conf->private_run && access("/run/systemd/system", F_OK) == 0 &&
	    child_run(unit, NULL, 0) == 0)
		return;
	n = readlink("/proc/self/exe", program, sizeof(program) - 1);
	if (n < 0)
		return;
	program[n] = '\0';
	child_run(daemon, NULL, 0);
}

/* What is loaded already takes no time. */
static void play_loading(const struct conf *conf, const char *name, double began)
{
	struct lnet_state state;

	local_lnet_state(conf, &state);
	if (strcmp(name, "lustre") != 0 && state.phase == LNET_NOT_LOADED)
		tool_time_fill(conf, TOOL_TIME_LOAD_LNET, began);
	if (!strcmp(name, "lustre") && !state.lustre_loaded)
		tool_time_fill(conf, TOOL_TIME_LOAD_LUSTRE, began);
}

int local_load_module(const struct conf *conf, const char *name, const char *options)
{
	struct message message = { 0 };
	double began = monotonic_seconds();
	int fd = local_connect(conf), r = -ENODEV;

	if (fd >= 0)
		close(fd);
	play_loading(conf, name, began); /* before it is there, or it would seem to be loaded */
	if (fd < 0)
		start_simd(conf);
	for (int tries = 0; tries < 50 && r == -ENODEV; tries++) {
		if (tries)
			sleep_seconds(0.1);
		message_reset(&message);
		put_string(&message, name);
		put_string(&message, options);
		r = local_call(conf, OP_MODULE_LOAD, &message);
	}
	message_done(&message);
	return r;
}

int local_autoload(const struct conf *conf)
{
	char *const argv[] = { (char[]){ "modprobe" }, (char[]){ "lustre" }, NULL };
	struct lnet_state state;

	local_lnet_state(conf, &state);
	if (state.lustre_loaded)
		return 0;
	if (conf->private_run)
		return local_load_module(conf, "lustre", "") < 0 ? -ENODEV : 0;
	return child_run(argv, NULL, 0) ? -ENODEV : 0;
}
