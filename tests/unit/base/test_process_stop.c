/* SPDX-License-Identifier: Apache-2.0 */

/*
 * No child outlives its parent unseen: what ends with it, what is ended first, and what keeps its
 * locks where it cannot be ended.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/lock_holder.h"
#include "scenes/children.h"
#include "scenes/ended.h"
#include "scenes/recorded.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#define SECOND   1000000ULL
#define DISK     "/dev/nvme1n1"
#define NOBODY   65534
#define WAIT_MAX 400 /* looks, 50 ms apart */

struct scene {
	struct recorded machine;
	char lock[4096], disk[4096];
};

static void start(struct scene *s)
{
	recorded_start(&s->machine);
	recorded_file(&s->machine, "/lock", "%s", "");
	recorded_device(&s->machine, DISK, MIB);
	recorded_path(&s->machine, "/lock", s->lock);
	recorded_path(&s->machine, DISK, s->disk);
}

/* What the tool wrote into `name` as its number, once it has. */
static pid_t number_in(const struct scene *s, const char *name)
{
	char path[4096], text[32] = "";

	recorded_path(&s->machine, name, path);
	for (unsigned looks = 0; looks < WAIT_MAX; looks++) {
		FILE *file = fopen(path, "re");

		if (file && fgets(text, sizeof(text), file) && strchr(text, '\n')) {
			fclose(file);
			return (pid_t)strtol(text, NULL, 10);
		}
		if (file)
			fclose(file);
		usleep(50000);
	}
	fail_msg("no tool wrote %s", path);
	return -1;
}

static void on_end(const struct process_result *result, void *userdata)
{
	*(enum process_end *)userdata = result->end;
}

/*
 * A program of ours that runs the tool under its locks until it has ended; exits with the way of
 * that end. `user`: whom it turns into once the tool runs, 0 for nobody else.
 */
static void run_locked(const struct scene *s, uint64_t timeout_usec, uint64_t hang_usec, uid_t user)
{
	enum process_end end = (enum process_end) - 1;
	const char *const argv[] = { "tool", NULL };
	struct process_call call = { .argv = argv,
				     .timeout_usec = timeout_usec,
				     .hang_usec = hang_usec,
				     .keeps_lock = true,
				     .done = on_end,
				     .userdata = &end };
	struct processes *processes;
	struct blockdev *disk;
	struct error err;
	sd_event *loop;
	int lock = open(s->lock, O_RDONLY | O_CLOEXEC);

	if (flock(lock, LOCK_EX | LOCK_NB) < 0 || sd_event_new(&loop) < 0 ||
	    blockdev_open(s->disk, BLOCKDEV_CLAIM, &disk, &err) < 0 ||
	    processes_new(loop, lock, &processes, &err) < 0)
		_exit(100);
	call.held = disk;
	if (process_start(processes, &call, /* ret= */ NULL, &err) < 0)
		_exit(101);
	if (user > 0 && (usleep(200000) < 0 || setresuid(user, user, user) < 0))
		_exit(102);
	while (end == (enum process_end) - 1)
		if (sd_event_run(loop, UINT64_MAX) < 0)
			_exit(103);
	_exit((int)end);
}

static pid_t start_program_as(const struct scene *s, const char *tool, uint64_t timeout_usec,
			      uid_t user)
{
	pid_t pid;

	recorded_tool(&s->machine, "tool", tool);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		run_locked(s, timeout_usec, /* hang_usec= */ 0, user);
	return pid;
}

static pid_t start_program(const struct scene *s, const char *tool)
{
	return start_program_as(s, tool, PROCESS_FOREVER, /* user= */ 0);
}

static int status_of(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

/* A tool whose child, deaf to all but SIGKILL, writes down its number, as it does itself. */
static const char *deaf(const struct scene *s)
{
	static char text[8192];

	snprintf(text, sizeof(text),
		 "exec 8<&0\necho $$ >%.64s/tool\nsh -c 'trap \"\" TERM INT HUP QUIT; "
		 "echo $$ >%.64s/deaf; exec sleep 600' <&8 & wait",
		 s->machine.root, s->machine.root);
	return text;
}

static void who_is_told_to_stop_ends_all_first(void **state)
{
	static const int signals[] = { SIGTERM, SIGINT, SIGHUP, SIGQUIT };

	(void)state;
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		struct scene s;
		pid_t program, child;
		int status;

		start(&s);
		program = start_program(&s, deaf(&s));
		child = number_in(&s, "/deaf");
		assert_int_equal(kill(program, signals[i]), 0);
		status = status_of(program);
		assert_true(WIFSIGNALED(status));
		assert_int_equal(WTERMSIG(status), signals[i]);
		assert_true(has_ended(child));
		recorded_end(&s.machine);
	}
}

/* process_run() is what observes; it has no lock, and leaves nobody behind either. */
static void so_does_who_only_looks(void **state)
{
	const char *const argv[] = { "tool", NULL };
	struct process_output output;
	pid_t program, child;
	struct scene s;

	(void)state;
	start(&s);
	recorded_tool(&s.machine, "tool", deaf(&s));
	program = fork();
	if (program == 0)
		_exit(process_run(argv, PROCESS_FOREVER, &output, NULL));
	child = number_in(&s, "/deaf");
	assert_int_equal(kill(program, SIGTERM), 0);
	assert_true(WIFSIGNALED(status_of(program)));
	assert_true(has_ended(child));
	recorded_end(&s.machine);
}

/* And who asks while other children of its are at work: it ends by that signal, and so do they. */
static void so_does_who_asks_beside_others(void **state)
{
	const char *const argv[] = { "tool", NULL };
	const char *const lasting[] = { "sleep", "600", NULL };
	const struct process_call beside = { .argv = lasting, .timeout_usec = PROCESS_FOREVER };
	struct process_output output;
	struct children others;
	pid_t program, child;
	struct scene s;
	int status;

	(void)state;
	start(&s);
	recorded_tool(&s.machine, "tool", deaf(&s));
	program = fork();
	if (program == 0) {
		others = children_start(/* lock= */ -1);
		process_start(others.processes, &beside, NULL, NULL);
		_exit(process_run(argv, PROCESS_FOREVER, &output, NULL));
	}
	child = number_in(&s, "/deaf");
	assert_int_equal(kill(program, SIGTERM), 0);
	status = status_of(program);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
	assert_true(has_ended(child));
	recorded_end(&s.machine);
}

/* nohup(1). */
static void an_ignored_signal_stops_nobody(void **state)
{
	pid_t program;
	struct scene s;
	int status;

	(void)state;
	start(&s);
	signal(SIGHUP, SIG_IGN);
	recorded_tool(&s.machine, "tool", "");
	program = start_program(&s, "echo $$ >\"${0%/tools/tool}/here\"; sleep 1");
	signal(SIGHUP, SIG_DFL);
	number_in(&s, "/here");
	assert_int_equal(kill(program, SIGHUP), 0);
	status = status_of(program);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), PROCESS_EXITED);
	recorded_end(&s.machine);
}

/* The signals are as they were when there is nobody left to be ended. */
static void without_children_a_signal_does_what_it_does(void **state)
{
	const char *const argv[] = { "true", NULL };
	struct process_output output;
	sigset_t blocked;

	(void)state;
	assert_int_equal(process_run(argv, 20 * SECOND, &output, NULL), 0);
	process_output_done(&output);
	assert_int_equal(sigprocmask(SIG_BLOCK, NULL, &blocked), 0);
	assert_false(sigismember(&blocked, SIGTERM));
	assert_false(sigismember(&blocked, SIGHUP));
}

/* Ended by a signal, or with a failure: mkfs.lustre may be gone while mke2fs goes on. */
static void a_tool_that_failed_takes_what_it_started_with_it(void **state)
{
	static const char *const ends[] = { "kill -9 $$", "exit 3" };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		const char *const argv[] = { "tool", NULL };
		struct process_output output;
		char tool[8192];
		struct scene s;

		start(&s);
		snprintf(tool, sizeof(tool),
			 "sh -c 'trap \"\" TERM; echo $$ >%.64s/deaf; exec sleep 600' &\n"
			 "until test -s %.64s/deaf; do sleep 0.05; done\n%s",
			 s.machine.root, s.machine.root, ends[i]);
		recorded_tool(&s.machine, "tool", tool);
		assert_int_equal(process_run(argv, 20 * SECOND, &output, NULL), 0);
		assert_int_equal(output.end, i == 0 ? PROCESS_SIGNALED : PROCESS_EXITED);
		assert_true(has_ended(number_in(&s, "/deaf")));
		process_output_done(&output);
		recorded_end(&s.machine);
	}
}

static void who_is_killed_takes_the_child_with_it(void **state)
{
	pid_t program, child;
	struct scene s;

	(void)state;
	start(&s);
	program = start_program(&s, "echo $$ >\"${0%/tools/tool}/here\"; exec sleep 600");
	child = number_in(&s, "/here");
	assert_int_equal(kill(program, SIGKILL), 0);
	status_of(program);
	assert_true(ends_soon(child));
	recorded_end(&s.machine);
}

/* Soon: it writes down its number before it becomes sleep(1). */
static void expect_locked_by(const char *path, pid_t pid)
{
	const struct timespec pause = { .tv_nsec = 10000000 };
	int lock = open(path, O_RDONLY | O_CLOEXEC);
	struct lock_holder holder;
	char words[64];

	assert_true(lock >= 0);
	assert_int_equal(flock(lock, LOCK_EX | LOCK_NB), -1);
	for (int looks = 0; looks < 3000; looks++) {
		lock_holder_find(lock, /* preferred= */ NULL, &holder);
		if (holder.pid == pid && strcmp(holder.name, "sleep") == 0)
			break;
		nanosleep(&pause, NULL);
	}
	close(lock);
	assert_int_equal(holder.pid, pid);
	assert_string_equal(holder.name, "sleep");
	snprintf(words, sizeof(words), "sleep (process %d: sleep 600)", (int)pid);
	assert_string_equal(holder.text, words);
}

static void expect_unlocked(const struct scene *s)
{
	int lock = open(s->lock, O_RDONLY | O_CLOEXEC);
	struct blockdev *disk;
	struct error err;

	assert_int_equal(flock(lock, LOCK_EX | LOCK_NB), 0);
	close(lock);
	if (blockdev_open(s->disk, BLOCKDEV_CLAIM, &disk, &err) < 0)
		fail_msg("%s", err.text);
	blockdev_close(disk);
}

/* What the tool left behind holds the locks alone once the kernel has ended the tool, too. */
static void kill_with_tool(const struct scene *s, pid_t program)
{
	pid_t tool = number_in(s, "/tool");

	assert_int_equal(kill(program, SIGKILL), 0);
	status_of(program);
	assert_true(ends_soon(tool));
}

/* As mke2fs under an mkfs.lustre whose agent was killed: nobody is left to end it. */
static void what_goes_on_keeps_the_locks_and_is_named(void **state)
{
	pid_t program, child;
	struct scene s;

	(void)state;
	start(&s);
	program = start_program(&s, deaf(&s));
	child = number_in(&s, "/deaf");
	kill_with_tool(&s, program);
	assert_false(has_ended(child));
	expect_locked_by(s.lock, child);
	expect_locked_by(s.disk, child);
	assert_int_equal(kill(child, SIGKILL), 0);
	assert_true(ends_soon(child));
	expect_unlocked(&s);
	recorded_end(&s.machine);
}

static int on_other(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
	char byte;

	(void)source;
	(void)events;
	(void)userdata;
	return read(fd, &byte, 1) == 1 ? 0 : -EIO;
}

/* Beside what else there is to do: what is due at once has no order of its own. */
static void stop_beside_an_end(void)
{
	const char *const argv[] = { "false", NULL };
	enum process_end end = (enum process_end) - 1;
	const struct process_call call = {
		.argv = argv, .timeout_usec = PROCESS_FOREVER, .done = on_end, .userdata = &end
	};
	struct processes *processes;
	siginfo_t child;
	sd_event *loop;
	int other[2];

	if (pipe2(other, O_CLOEXEC) < 0 || sd_event_new(&loop) < 0 ||
	    processes_new(loop, -1, &processes, NULL) < 0 ||
	    sd_event_add_io(loop, NULL, other[0], EPOLLIN, on_other, NULL) < 0 ||
	    process_start(processes, &call, /* ret= */ NULL, NULL) < 0)
		_exit(100);
	while (waitid(P_ALL, 0, &child, WEXITED | WNOHANG | WNOWAIT) == 0)
		sd_event_run(loop, UINT64_MAX);
	if (write(other[1], "", 1) != 1)
		_exit(102);
	raise(SIGTERM);
	usleep(50000); /* so that the look for what is left of the tool is due, too */
	while (end == (enum process_end) - 1)
		sd_event_run(loop, UINT64_MAX);
	while (sd_event_run(loop, 100000) > 0)
		;
	_exit(101);
}

/* Both are found at once by who stood still meanwhile; the word is not lost over the end. */
static void who_is_told_to_stop_as_the_last_tool_ends_stops(void **state)
{
	pid_t program = fork();
	int status;

	(void)state;
	assert_true(program >= 0);
	if (program == 0)
		stop_beside_an_end();
	status = status_of(program);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGTERM);
}

/* LVM closes whatever it was given but the first three. */
static void a_tool_that_closes_descriptors_keeps_the_lock(void **state)
{
	pid_t program, child;
	struct scene s;
	int lock;

	(void)state;
	start(&s);
	program =
		start_program(&s, "exec 8<&0\necho $$ >\"${0%/tools/tool}/tool\"\n"
				  "sh -c 'for fd in 3 4 5 6 7 8 9; do eval \"exec $fd>&-\"; done\n"
				  "echo $$ >\"$0/deaf\"; exec sleep 600' "
				  "\"${0%/tools/tool}\" <&8 & wait");
	child = number_in(&s, "/deaf");
	kill_with_tool(&s, program);
	lock = open(s.lock, O_RDONLY | O_CLOEXEC);
	assert_int_equal(flock(lock, LOCK_EX | LOCK_NB), -1);
	close(lock);
	kill(child, SIGKILL);
	assert_true(ends_soon(child));
	expect_unlocked(&s);
	recorded_end(&s.machine);
}

/* Its lock is what it reads: nothing. */
static void the_lock_answers_no_question(void **state)
{
	char path[4096], text[64] = "";
	struct scene s;
	FILE *file;

	(void)state;
	start(&s);
	status_of(start_program(&s, "wc -c >\"${0%/tools/tool}/read\""));
	recorded_path(&s.machine, "/read", path);
	file = fopen(path, "re");
	assert_non_null(file);
	assert_non_null(fgets(text, sizeof(text), file));
	fclose(file);
	assert_int_equal(strtol(text, NULL, 10), 0);
	recorded_end(&s.machine);
}

/* An emulator of another processor has threads beside ours, which stay root's. */
static bool is_alone(void)
{
	struct stat threads;

	return stat("/proc/self/task", &threads) == 0 && threads.st_nlink == 3;
}

/* A child of root's cannot be ended by nobody, as one that hangs in the kernel by no one. */
static void who_cannot_be_ended_is_told_and_keeps_the_locks(void **state)
{
	pid_t program, child;
	struct scene s;
	int status;

	(void)state;
	if (geteuid() != 0) {
		puts("only root can");
		skip();
	}
	if (!is_alone()) {
		puts("a thread that is not ours would end the child");
		skip();
	}
	start(&s);
	program = start_program_as(&s, "echo $$ >\"${0%/tools/tool}/here\"; exec sleep 600", SECOND,
				   NOBODY);
	child = number_in(&s, "/here");
	status = status_of(program);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), PROCESS_ABANDONED);
	expect_locked_by(s.lock, child);
	expect_locked_by(s.disk, child);
	kill(child, SIGKILL);
	assert_true(ends_soon(child));
	expect_unlocked(&s);
	recorded_end(&s.machine);
}

/* As a tool whose disk stands still for longer than the others have, and comes back. */
static void who_hangs_is_waited_for_where_it_is_borne(void **state)
{
	struct scene s;
	pid_t program;
	int status;

	(void)state;
	if (geteuid() != 0) {
		puts("only root can");
		skip();
	}
	start(&s);
	recorded_tool(&s.machine, "tool", "exec sleep 10");
	program = fork();
	if (program == 0)
		run_locked(&s, SECOND, 300 * SECOND, NOBODY);
	status = status_of(program);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), PROCESS_TIMED_OUT);
	expect_unlocked(&s);
	recorded_end(&s.machine);
}

/* On the way out, however that is come to. */
static void those_that_are_given_up_are_ended(void **state)
{
	const char *const argv[] = { "tool", NULL };
	enum process_end end = (enum process_end) - 1;
	const struct process_call call = {
		.argv = argv, .timeout_usec = PROCESS_FOREVER, .done = on_end, .userdata = &end
	};
	struct processes *processes;
	struct process *process;
	struct error err;
	struct scene s;
	sd_event *loop;
	pid_t child;

	(void)state;
	start(&s);
	recorded_tool(&s.machine, "tool", deaf(&s));
	assert_true(sd_event_new(&loop) >= 0);
	assert_int_equal(processes_new(loop, -1, &processes, &err), 0);
	assert_int_equal(process_start(processes, &call, &process, &err), 0);
	child = number_in(&s, "/deaf");
	process_cancel(process);
	processes_end(processes);
	sd_event_unref(loop);
	assert_true(has_ended(child));
	assert_int_equal(end, PROCESS_TIMED_OUT);
	without_children_a_signal_does_what_it_does(NULL);
	recorded_end(&s.machine);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_is_told_to_stop_ends_all_first),
		cmocka_unit_test(so_does_who_only_looks),
		cmocka_unit_test(so_does_who_asks_beside_others),
		cmocka_unit_test(an_ignored_signal_stops_nobody),
		cmocka_unit_test(without_children_a_signal_does_what_it_does),
		cmocka_unit_test(a_tool_that_failed_takes_what_it_started_with_it),
		cmocka_unit_test(who_is_killed_takes_the_child_with_it),
		cmocka_unit_test(what_goes_on_keeps_the_locks_and_is_named),
		cmocka_unit_test(who_is_told_to_stop_as_the_last_tool_ends_stops),
		cmocka_unit_test(a_tool_that_closes_descriptors_keeps_the_lock),
		cmocka_unit_test(the_lock_answers_no_question),
		cmocka_unit_test(who_cannot_be_ended_is_told_and_keeps_the_locks),
		cmocka_unit_test(who_hangs_is_waited_for_where_it_is_borne),
		cmocka_unit_test(those_that_are_given_up_are_ended),
	};

	/* Who starts us with "&" or nohup(1) has some ignored, and a program would never end. */
	signal(SIGINT, SIG_DFL);
	signal(SIGQUIT, SIG_DFL);
	signal(SIGHUP, SIG_DFL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
