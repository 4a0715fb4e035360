/* SPDX-License-Identifier: Apache-2.0 */
#include "base/process_private.h"

#include "base/cleanup.h"
#include "base/lvm_command.h"
#include "base/text.h"
#include "base/words.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/param.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>

#define STANDARD_PATH "/usr/sbin:/usr/bin:/sbin:/bin"

/* How a child ends that did not become its program; the pipe says why. */
#define EXIT_UNTOLD 126
#define EXIT_TOLD   127

/* More than we ever have open. */
#define DESCRIPTORS_MAX 4096

/* close_range(2), since Linux 5.11, by its number: glibc has it since 2.34. */
#define SYS_CLOSE_RANGE 436
#define CLOSE_AT_EXEC   (1U << 2)

/* Whatever we ignore, a child does not: mke2fs in a pipe that nobody reads must end. */
static void reset_signals(void)
{
	const struct sigaction plain = { .sa_handler = SIG_DFL };
	sigset_t none;

	for (int signo = 1; signo < NSIG; signo++)
		sigaction(signo, &plain, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* The kernel ends the child when we die; if we are dead already, it was too late to ask. */
static int die_with(pid_t parent)
{
	if (prctl(PR_SET_PDEATHSIG, SIGTERM) < 0)
		return -errno;
	return getppid() == parent ? 0 : -ESRCH;
}

/* Also a library's: a multi handle of libcurl 7.88 has two sockets without FD_CLOEXEC. */
static void keep_descriptors(void)
{
	struct rlimit limit = { .rlim_cur = DESCRIPTORS_MAX };

	if (syscall(SYS_CLOSE_RANGE, STDERR_FILENO + 1, ~0U, CLOSE_AT_EXEC) == 0)
		return;
	getrlimit(RLIMIT_NOFILE, &limit);
	for (int fd = STDERR_FILENO + 1; fd < (int)MIN(limit.rlim_cur, DESCRIPTORS_MAX); fd++)
		fcntl(fd, F_SETFD, FD_CLOEXEC);
}

static int take_streams(const struct process_streams *streams)
{
	int input = streams->input >= 0 ? streams->input : open("/dev/null", O_RDONLY);

	if (input < 0 || dup2(input, STDIN_FILENO) < 0 ||
	    dup2(streams->output, STDOUT_FILENO) < 0 || dup2(streams->errors, STDERR_FILENO) < 0)
		return -errno;
	if (streams->input < 0)
		close(input);
	return streams->held >= 0 && fcntl(streams->held, F_SETFD, 0) < 0 ? -errno : 0;
}

/* As execvp(3) looks for it; but a file that is no program is not given to a shell. */
static int become(char **words, char **environment)
{
	const char *search = getenv("PATH");
	char path[PATH_MAX];
	size_t length;
	int r = -ENOENT;

	if (strchr(words[0], '/')) {
		execve(words[0], words, environment);
		return -errno;
	}
	for (search = search ? search : STANDARD_PATH; *search;
	     search += length + (search[length] == ':')) {
		length = strcspn(search, ":");
		if (text_format(path, sizeof(path), "%.*s/%s", (int)length, search, words[0]) < 0)
			continue;
		execve(path, words, environment);
		if (errno != ENOENT && errno != ENOTDIR)
			r = -errno;
		if (r != -ENOENT && r != -EACCES)
			return r;
	}
	return r;
}

/* In the child, where nothing may be called that could wait for a lock of the parent's. */
static int execute(char **words, char **environment, const struct process_streams *streams,
		   pid_t parent)
{
	int r = setpgid(0, 0) < 0 ? -errno : 0;

	reset_signals();
	if (r == 0)
		r = die_with(parent);
	keep_descriptors();
	if (r == 0)
		r = take_streams(streams);
	if (r == 0 && chdir("/") < 0)
		r = -errno;
	return r < 0 ? r : become(words, environment);
}

/* 0 when the child became its program; what it writes before is why not. */
static int read_refusal(int fd)
{
	int32_t code = 0;
	ssize_t n;

	do
		n = read(fd, &code, sizeof(code));
	while (n < 0 && errno == EINTR);
	return n == sizeof(code) ? code : 0;
}

/* A frame of its own, and none of the parent's is written to. `refusals`: a pipe that exec(2)
 * closes. */
static void __attribute__((noinline, noreturn))
live_as_child(char **words, char **environment, const struct process_streams *streams, int refusals,
	      pid_t parent)
{
	int32_t r = execute(words, environment, streams, parent);

	_exit(write(refusals, &r, sizeof(r)) < 0 ? EXIT_UNTOLD : EXIT_TOLD);
}

/*
 * The child has our memory, and this thread rests until it is its program. After fork(2) each page
 * that either writes to would be copied, for every tool again. No handler of ours could run in the
 * child: we have none.
 */
static int fork_and_execute(char **words, char **environment, const struct process_streams *streams,
			    int refusals, pid_t *ret)
{
	const pid_t parent = getpid();
	const pid_t pid = vfork();

	if (pid < 0)
		return -errno;
	if (pid == 0)
		live_as_child(words, environment, streams, refusals, parent);
	*ret = pid;
	return 0;
}

static int spawn(char **words, char **environment, const struct process_streams *streams,
		 pid_t *ret)
{
	int refusals[2];
	int r;

	if (pipe2(refusals, O_CLOEXEC) < 0)
		return -errno;
	r = fork_and_execute(words, environment, streams, refusals[1], ret);
	close(refusals[1]);
	if (r == 0) {
		r = read_refusal(refusals[0]);
		if (r < 0)
			waitpid(*ret, NULL, 0);
	}
	close(refusals[0]);
	return r;
}

/*
 * A known environment: the tools' messages in English, for they are shown and sometimes read; none
 * of the AMI's settings of LVM (lvm_command.h) and e2fsck (e2fsck.conf(5)), and nothing else that a
 * caller's shell might have set.
 */
static int make_environment(const struct words *further, struct words *environment)
{
	const char *search = getenv("PATH");

	words_addf(environment, "PATH=%s", search ? search : STANDARD_PATH);
	words_add(environment, "LC_ALL=C");
	words_add(environment, "LVM_SYSTEM_DIR=" LVM_SYSTEM_DIRECTORY);
	words_add(environment, "E2FSCK_CONFIG=/dev/null");
	words_add(environment, "LVM_SUPPRESS_FD_WARNINGS=1");
	for (size_t i = 0; further && i < further->count; i++)
		words_add(environment, further->items[i]);
	return environment->failed || (further && further->failed) ? -ENOMEM : 0;
}

int process_spawn(const char *const argv[], const struct process_streams *streams,
		  const struct words *further, pid_t *ret, struct error *err)
{
	cleanup(words_done) struct words environment = { 0 };
	char **words;
	int r;

	if (make_environment(further, &environment) < 0)
		return error_set(err, -ENOMEM, "out of memory starting %s", argv[0]);
	/* execvp(3) takes char *const[] but does not write to the words. */
	memcpy(&words, &argv, sizeof(words));
	r = spawn(words, environment.items, streams, ret);
	return r < 0 ? error_errno(err, r, "cannot run %s", argv[0]) : 0;
}
