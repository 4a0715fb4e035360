// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "disk.h"
#include "mkfs_command.h"
#include "tool_time.h"
#include "tools.h"

enum { DEVICE_MIN_KB = 32384 };

static bool in_path(const char *program)
{
	const char *path = getenv("PATH");
	char copy[4096], full[4200], *rest = copy, *folder;

	snprintf(copy, sizeof(copy), "%s", path ? path : "");
	while ((folder = strsep(&rest, ":"))) {
		snprintf(full, sizeof(full), "%s/%s", folder, program);
		if (access(full, X_OK) == 0)
			return true;
	}
	return false;
}

static void print_log(const char *path)
{
	char line[512];
	FILE *log = fopen(path, "re");

	if (!log)
		return;
	while (fgets(line, sizeof(line), log))
		printf("   %s", line);
	fclose(log);
}

/*
 * Runs `sh -c` with mke2fs under it, as system() does in the real tool: the same process tree, so
 * that killing mkfs.lustre alone leaves both running (facts 3.4). The words reach mke2fs as words:
 * the shell's script is fixed. Returns the wait status.
 */
static int run_under_shell(char *words[static MKFS_WORDS_MAX], const char *log)
{
	char *argv[MKFS_WORDS_MAX + 4] = { (char[]){ "sh" }, (char[]){ "-c" }, NULL, strdupa(log) };
	char plain[] = "\"$@\"; exit $?", logged[] = "\"$@\" >\"$0\" 2>&1; exit $?";
	struct sigaction ignore = { .sa_handler = SIG_IGN }, interrupt, quit;
	int status = 0;
	pid_t pid;

	argv[2] = *log ? logged : plain;
	for (int i = 0; i < MKFS_WORDS_MAX && words[i]; i++)
		argv[4 + i] = words[i];
	fflush(stdout);
	sigaction(SIGINT, &ignore, &interrupt);
	sigaction(SIGQUIT, &ignore, &quit);
	pid = fork();
	if (pid == 0) {
		sigaction(SIGINT, &interrupt, NULL);
		sigaction(SIGQUIT, &quit, NULL);
		execv("/bin/sh", argv);
		_exit(127);
	}
	if (pid < 0)
		return 127 << 8;
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	sigaction(SIGINT, &interrupt, NULL);
	sigaction(SIGQUIT, &quit, NULL);
	return status;
}

static int run_mke2fs(const struct target_options *options, char *command)
{
	char *words[MKFS_WORDS_MAX], log[] = "/tmp/run_command_logXXXXXX";
	int fd = -1, status;

	if (mkfs_command_words(command, words) < 0)
		return EINVAL;
	if (options->verbose < 2) {
		fd = mkostemp(log, O_CLOEXEC);
		if (fd < 0)
			return errno;
		close(fd);
	}
	status = run_under_shell(words, fd < 0 ? "" : log);
	if (fd >= 0) {
		if (status)
			print_log(log);
		unlink(log);
	}
	return status;
}

static int make_backend(const struct conf *conf, struct target_options *options)
{
	char list[MKFS_COMMAND_SIZE], command[2 * MKFS_COMMAND_SIZE];
	int r;

	if (options->device_kb < DEVICE_MIN_KB) {
		fprintf(stderr,
			"%s: size of filesystem must be larger than 32MB, but is set to "
			"%lluKB\n",
			options->tool, (unsigned long long)options->device_kb);
		return EINVAL;
	}
	if (!in_path("mke2fs")) {
		target_fatal(options, "\"-O quota\" must be supported by e2fsprogs, please upgrade "
				      "your e2fsprogs.\n");
		return EINVAL;
	}
	r = mkfs_command_options(conf, options, list);
	if (r)
		return r;
	snprintf(command, sizeof(command), "mke2fs -j -b 4096 -L %s %s %s %lluk",
		 options->data.svname, list, options->device,
		 (unsigned long long)options->device_kb);
	if (options->verbose > 0) {
		printf("formatting backing filesystem ldiskfs on %s\n", options->device);
		printf("\ttarget name   %s\n", options->data.svname);
		printf("\tkilobytes     %llu\n", (unsigned long long)options->device_kb);
		printf("\toptions       %s\n", list);
		printf("mkfs_cmd = %s\n", command);
	}
	tool_time_fill(conf, TOOL_TIME_MKFS_PROBES, monotonic_seconds());
	r = run_mke2fs(options, command);
	if (r)
		target_fatal(options, "Unable to build fs %s (%d)\n", options->device, r);
	return r;
}

/* A plain file stands for a loop device: made, or made anew, at the size given. */
static int prepare_file(struct target_options *options)
{
	bool missing = access(options->device, F_OK) < 0;
	int fd;

	if (!missing && !options->reformat) {
		if (!options->device_kb)
			options->device_kb = disk_size_kb(options->device);
		return 0;
	}
	if (!options->device_kb) {
		target_fatal(options, "loop device requires a --device-size= param\n");
		return EINVAL;
	}
	fd = open(options->device, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		return errno;
	if (ftruncate(fd, (off_t)(options->device_kb * 1024)) < 0) {
		close(fd);
		return errno;
	}
	close(fd);
	return 0;
}

static int prepare_device(struct target_options *options)
{
	uint64_t real_kb;
	struct stat st;

	if (stat(options->device, &st) < 0 || S_ISREG(st.st_mode))
		return prepare_file(options);
	real_kb = disk_size_kb(options->device);
	if (options->verbose > 0)
		printf("device size = %lluMB\n", (unsigned long long)(real_kb >> 10));
	if (!options->device_kb || options->device_kb > real_kb)
		options->device_kb = real_kb;
	return 0;
}

static bool was_lustre(const struct target_options *options)
{
	const char *found = NULL;

	if (disk_has(options->device, "CONFIGS/mountdata"))
		found = "CONFIGS/mountdata";
	else if (disk_has(options->device, "last_rcvd"))
		found = "last_rcvd";
	if (options->verbose > 0)
		printf("checking for existing Lustre data: %s\n", found ? "found" : "not found");
	return found != NULL;
}

static int check_device(struct target_options *options)
{
	char directory[PATH_MAX];

	if (disk_mounted(options->device, directory)) {
		fprintf(stderr, "%s: according to /etc/mtab %s is already mounted on %s\n",
			options->tool, options->device, directory);
		fprintf(stderr, "%s: is currently mounted, exiting without any change\n",
			options->device);
		return EEXIST;
	}
	if (!options->reformat && was_lustre(options)) {
		target_fatal(options,
			     "Device %s was previously formatted for lustre. Use --reformat to "
			     "reformat it, or tunefs.lustre to modify.\n",
			     options->device);
		return target_exit(options, EPERM);
	}
	return prepare_device(options);
}

static int write_target(const struct conf *conf, struct target_options *options)
{
	int r = check_device(options);

	if (r)
		return r == EEXIST || r == EPERM ? r : target_exit(options, r);
	r = make_backend(conf, options);
	if (r) {
		target_fatal(options, "mkfs failed %d\n", r);
		/* A wait status whose low byte is zero would exit 0. */
		return (r & 255) == 0 ? 1 : target_exit(options, r);
	}
	if (options->verbose > 0)
		printf("Writing CONFIGS/mountdata\n");
	if (disk_write_mountdata(options->device, &options->data) < 0) {
		target_fatal(options, "failed to write local files\n");
		return target_exit(options, EIO);
	}
	return 0;
}

int mkfs_main(const struct conf *conf, int argc, char **argv)
{
	struct target_options options = { .tool = "mkfs.lustre" };
	int r;

	options.data.index = INDEX_UNASSIGNED;
	options.data.flags = FLAG_NEED_INDEX | FLAG_UPDATE | FLAG_FIRST_TIME;
	r = target_options_early(&options, argc, argv);
	if (r)
		return r;
	r = target_options_parse(&options, argc, argv);
	if (!r)
		r = target_options_check(&options);
	if (r)
		return target_exit(&options, r);
	if (options.index_on_mgs) {
		fprintf(stderr, "%s: '--index' only valid for MDT,OST\n", options.tool);
		target_usage(&options);
		return 0;
	}
	if (access(options.device, F_OK) < 0 && !strncmp(options.device, "/dev/", 5)) {
		fprintf(stderr, "%s: %s apparently does not exist\n", options.tool, options.device);
		target_fatal(&options, "unable to prepare backend (%d)\n", ENOENT);
		return target_exit(&options, ENOENT);
	}
	if (options.verbose > 0)
		mountdata_print(&options.data, "Permanent disk data", options.device);
	if (options.dryrun) {
		printf("exiting before disk write.\n");
		return 0;
	}
	return write_target(conf, &options);
}
