/* SPDX-License-Identifier: Apache-2.0 */

/* Whatever a program was started with, it begins in order; and so do its children. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/process.h"
#include "base/startup.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define GOOD 42

/* In a process of its own, as each program begins; `check` ends it with GOOD. */
static void begin(void (*check)(void))
{
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (pid == 0) {
		check();
		_exit(1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), GOOD);
}

static void end_if(bool good)
{
	_exit(good ? GOOD : 2);
}

static void put_in_order(void)
{
	struct error err;

	if (startup_put_in_order(&err) < 0)
		_exit(3);
}

static bool runs(const char *script, const char *expected)
{
	const char *const argv[] = { "sh", "-c", script, NULL };
	struct process_output output = { 0 };

	return process_run(argv, 20000000, &output, NULL) == 0 && output.end == PROCESS_EXITED &&
	       output.code == 0 && strcmp(output.output, expected) == 0;
}

static void ignore_children(void)
{
	signal(SIGCHLD, SIG_IGN);
	put_in_order();
	end_if(runs("echo seen", "seen\n"));
}

static void children_are_seen_to_end(void **state)
{
	(void)state;
	begin(ignore_children);
}

static void write_to_nobody(void)
{
	int ends[2];

	put_in_order();
	if (pipe(ends) < 0)
		_exit(4);
	close(ends[0]);
	end_if(write(ends[1], "x", 1) < 0 && errno == EPIPE);
}

/* `apply | head -1`. */
static void a_reader_that_goes_ends_nobody(void **state)
{
	(void)state;
	begin(write_to_nobody);
}

static void write_too_much(void)
{
	const struct rlimit limit = { 0, 0 };
	char path[] = "/tmp/startup.XXXXXX";
	int fd = mkstemp(path);

	put_in_order();
	unlink(path);
	if (setrlimit(RLIMIT_FSIZE, &limit) < 0)
		_exit(4);
	end_if(write(fd, "x", 1) < 0 && errno == EFBIG);
}

static void a_limit_on_files_ends_nobody(void **state)
{
	(void)state;
	begin(write_too_much);
}

/* A tool whose reader has gone must end. */
static void let_a_child_write_to_nobody(void)
{
	const char *const argv[] = { "sh", "-c", "kill -PIPE $$; echo alive", NULL };
	struct process_output output = { 0 };

	put_in_order();
	end_if(process_run(argv, 20000000, &output, NULL) == 0 && output.end == PROCESS_SIGNALED &&
	       output.code == SIGPIPE);
}

static void children_have_no_part_in_it(void **state)
{
	(void)state;
	begin(let_a_child_write_to_nobody);
}

static bool is_to(int signo, sighandler_t handler)
{
	struct sigaction now;

	return sigaction(signo, NULL, &now) == 0 && now.sa_handler == handler;
}

static void inherit_dispositions(void)
{
	sigset_t all, now;

	sigfillset(&all);
	sigemptyset(&now); /* the kernel fills no more than it has signals for */
	sigprocmask(SIG_SETMASK, &all, NULL);
	for (int signo = 1; signo < SIGRTMIN; signo++)
		signal(signo, SIG_IGN);
	put_in_order();
	sigprocmask(SIG_SETMASK, NULL, &now);
	end_if(sigisemptyset(&now) && is_to(SIGTERM, SIG_DFL) && is_to(SIGCHLD, SIG_DFL) &&
	       is_to(SIGALRM, SIG_DFL) && is_to(SIGHUP, SIG_IGN) && is_to(SIGINT, SIG_IGN) &&
	       is_to(SIGQUIT, SIG_IGN));
}

static void signals_do_what_they_do_by_default(void **state)
{
	(void)state;
	begin(inherit_dispositions);
}

/* What is opened next must not be where messages go. */
static void inherit_nothing_open(void)
{
	int fd;

	close(STDIN_FILENO);
	close(STDOUT_FILENO);
	close(STDERR_FILENO);
	put_in_order();
	fd = open("/etc/passwd", O_RDONLY);
	/* What is printed to nobody is not printed. */
	end_if(fd > STDERR_FILENO && write(STDERR_FILENO, "x", 1) == 1 &&
	       write(STDOUT_FILENO, "x", 1) == -1 && errno == EBADF &&
	       read(STDIN_FILENO, &fd, sizeof(fd)) == 0 && runs("echo out", "out\n"));
}

static void closed_descriptors_are_opened(void **state)
{
	(void)state;
	begin(inherit_nothing_open);
}

static void inherit_a_file(void)
{
	if (dup2(open("/etc/passwd", O_RDONLY), 9) != 9)
		_exit(4);
	put_in_order();
	end_if(runs("test -e /proc/self/fd/9 || echo gone", "gone\n"));
}

static void children_get_no_other_descriptor(void **state)
{
	(void)state;
	begin(inherit_a_file);
}

static void inherit_a_mask(void)
{
	struct stat status;
	char path[64];

	umask(0777);
	put_in_order();
	snprintf(path, sizeof(path), "/tmp/startup.%d.directory", (int)getpid());
	if (mkdir(path, 0755) < 0 || stat(path, &status) < 0)
		_exit(4);
	rmdir(path);
	end_if((status.st_mode & 0777) == 0755);
}

static void files_are_as_their_modes_say(void **state)
{
	(void)state;
	begin(inherit_a_mask);
}

static void inherit_cron(void)
{
	setenv("PATH", "/opt/bin:/usr/bin", 1);
	setenv("HOME", "/root", 1);
	put_in_order();
	end_if(runs("echo $PATH$HOME; pwd", "/opt/bin:/usr/bin:/usr/sbin:/sbin:/bin\n/\n"));
}

/* mkfs.lustre lives in a directory that cron knows nothing of. */
static void tools_are_found(void **state)
{
	(void)state;
	begin(inherit_cron);
}

/* 2000 directories: longer than a page, and not cut. */
static void inherit_a_long_path(void)
{
	static char path[2000 * 5 + 1];

	for (size_t i = 0; i < 2000; i++)
		memcpy(path + i * 5, "/none", 5);
	for (size_t i = 1; i < 2000; i++)
		path[i * 5 - 1] = ':';
	setenv("PATH", path, 1);
	put_in_order();
	end_if(runs("echo ${#PATH}", "10030\n"));
}

static void a_long_path_is_not_cut(void **state)
{
	(void)state;
	begin(inherit_a_long_path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(children_are_seen_to_end),
		cmocka_unit_test(a_reader_that_goes_ends_nobody),
		cmocka_unit_test(a_limit_on_files_ends_nobody),
		cmocka_unit_test(children_have_no_part_in_it),
		cmocka_unit_test(signals_do_what_they_do_by_default),
		cmocka_unit_test(closed_descriptors_are_opened),
		cmocka_unit_test(children_get_no_other_descriptor),
		cmocka_unit_test(files_are_as_their_modes_say),
		cmocka_unit_test(tools_are_found),
		cmocka_unit_test(a_long_path_is_not_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
