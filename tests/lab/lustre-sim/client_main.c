// SPDX-License-Identifier: Apache-2.0
/*
 * lustre-sim-client SOURCE DIRECTORY [OPTIONS]: what mount.lustre becomes for a client. Waits until
 * the file system can be used, mounts it and goes on in the background.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client_fuse.h"
#include "kernel_log.h"
#include "tool_time.h"

/* How long an MGS that does not answer is tried (as a target's registration, facts 3.2). */
static const double mgs_limit = 67, look_every = 1;

/* A mount that finds LNET and no MGS sits it out (facts 12): the MGS may be there in a second. */
static const double no_mgs_wait = 61.8;

static int tell(const char *source, const char *directory, int error)
{
	fprintf(stderr, "mount.lustre: mount %s at %s failed: %s\n", source, directory,
		strerror(error));
	if (error == EIO)
		fprintf(stderr, "Is the MGS running?\n");
	if (error == ENOENT)
		fprintf(stderr, "Is the MGS specification correct?\nIs the filesystem name "
				"correct?\nIf upgrading, is the copied client log valid? (see "
				"upgrade docs)\n");
	if (error == EINVAL)
		fprintf(stderr,
			"This may have multiple causes.\nIs '%s' the correct filesystem "
			"name?\nAre the mount options correct?\nCheck the syslog for more "
			"info.\n",
			strrchr(source, '/') + 1);
	return error;
}

/* Until the MGS knows the file system, its MDT answers and at least one OST is up (facts, surprise
 * 15). */
static int wait_usable(struct client *client)
{
	double start = monotonic_seconds();

	for (;;) {
		int r = client_refresh(client);

		if (r == -ENOENT)
			return ENOENT;
		if (r == -ENODEV) {
			kernel_error(&client->conf,
				     "LustreError: MGC%s: failed processing log, type 1: rc = %d",
				     client->mgs.nids[0].text, -ETIMEDOUT);
			sleep_seconds(conf_seconds(&client->conf, no_mgs_wait));
			r = client_refresh(client);
		}
		if (r < 0 && monotonic_seconds() - start > conf_seconds(&client->conf, mgs_limit))
			return EIO;
		client_probe(client);
		if (client->has_mdt && atomic_load(&client->mdt.up) && client_has_ost(client))
			return 0;
		sleep_seconds(conf_seconds(&client->conf, look_every));
	}
}

/* libfuse wants commas and backslashes in a value escaped. */
static void escape(const char *text, char *escaped, size_t size)
{
	size_t used = 0;

	for (; *text && used + 3 < size; text++) {
		if (*text == ',' || *text == '\\')
			escaped[used++] = '\\';
		escaped[used++] = *text;
	}
	escaped[used] = '\0';
}

static int serve(struct client *client, const char *source, const char *directory, bool read_only)
{
	char escaped[1024], options[1600], within[300] = "";
	struct fuse_args arguments = FUSE_ARGS_INIT(0, NULL);
	struct fuse_loop_config loop = { .clone_fd = 0, .max_idle_threads = 10 };
	int r = EIO;

	escape(source, escaped, sizeof(escaped));
	if (*client->fileset)
		snprintf(within, sizeof(within), ",modules=subdir,subdir=%s", client->fileset);
	snprintf(options, sizeof(options),
		 "fsname=%s,subtype=lustre,allow_other,default_permissions%s%s", escaped,
		 read_only ? ",ro" : "", within);
	fuse_opt_add_arg(&arguments, "lustre-sim-client");
	fuse_opt_add_arg(&arguments, "-o");
	fuse_opt_add_arg(&arguments, options);
	client->fuse = fuse_new(&arguments, &client_operations, sizeof(client_operations), client);
	fuse_opt_free_args(&arguments);
	if (!client->fuse)
		return EIO;
	if (fuse_mount(client->fuse, directory) == 0) {
		if (fuse_daemonize(0) == 0) {
			/* Nothing but an unmount ends a client: not the end of whoever mounted it.
			 */
			signal(SIGHUP, SIG_IGN);
			signal(SIGINT, SIG_IGN);
			signal(SIGPIPE, SIG_IGN);
			r = fuse_loop_mt(client->fuse, &loop) ? EIO : 0;
		}
		fuse_unmount(client->fuse);
	}
	return r;
}

/* A client that is unmounted says so; one that dies does not (facts 12). */
static void disconnect(struct client *client)
{
	struct message request = { 0 }, answer = { 0 };
	int32_t status;

	put_string(&request, "client");
	peer_call(&client->mgs, OP_MGS_DISCONNECT, &request, &answer, &status);
	message_done(&request);
	message_done(&answer);
}

static bool asks_read_only(const char *options)
{
	char copy[1024], *rest = copy, *option;
	bool found = false;

	snprintf(copy, sizeof(copy), "%s", options);
	while ((option = strsep(&rest, ",")))
		found |= !strcmp(option, "ro");
	return found;
}

int main(int argc, char **argv)
{
	struct client *client = calloc(1, sizeof(*client));
	const char *options = argc > 3 ? argv[3] : "";
	double began = monotonic_seconds();
	int r;

	if (argc < 3 || !client) {
		fprintf(stderr, "usage: lustre-sim-client SOURCE DIRECTORY [OPTIONS]\n");
		return EINVAL;
	}
	conf_load(&client->conf);
	r = -client_init(client, argv[1]);
	if (r == 0)
		r = wait_usable(client);
	if (r == 0)
		tool_time_fill(&client->conf, TOOL_TIME_MOUNT_CLIENT, began);
	if (r == 0)
		r = -client_check_fileset(client);
	if (r == 0)
		r = serve(client, argv[1], argv[2], asks_read_only(options));
	disconnect(client);
	/* The watch thread may still use it; the process ends here. */
	return r ? tell(argv[1], argv[2], r) : 0;
}
