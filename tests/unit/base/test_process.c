/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Children: their output, their end, the deadline that takes the whole group, and what never
 * runs.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/process.h"

#include "scenes/children.h"
#include "scenes/ended.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define SECOND 1000000ULL

static struct process_output run(const char *script, uint64_t timeout_usec)
{
	const char *const argv[] = { "sh", "-c", script, NULL };
	struct process_output output = { 0 };
	struct error err;

	if (process_run(argv, timeout_usec, &output, &err) < 0)
		fail_msg("%s", err.text);
	return output;
}

static void output_and_errors_are_apart(void **state)
{
	struct process_output output = run("echo out; echo err >&2; exit 19", 20 * SECOND);

	(void)state;
	assert_int_equal(output.end, PROCESS_EXITED);
	assert_int_equal(output.code, 19);
	assert_string_equal(output.output, "out\n");
	assert_string_equal(output.errors, "err\n");
	process_output_done(&output);
}

static void children_speak_plain_and_read_nothing(void **state)
{
	struct process_output output = run("echo $LC_ALL; cat; echo end", 20 * SECOND);

	(void)state;
	assert_string_equal(output.output, "C\nend\n");
	process_output_done(&output);
}

/* Whatever the unit, or a shell, has set: of LVM and e2fsck nothing of the AMI's is read. */
static void children_have_a_known_environment(void **state)
{
	struct process_output output;

	(void)state;
	setenv("LVM_SYSTEM_DIR", "/etc/elsewhere", 1);
	setenv("LVM_DEVICES_FILE", "elsewhere", 1);
	setenv("E2FSCK_CONFIG", "/etc/elsewhere", 1);
	output = run("env | grep -e LVM_ -e E2FSCK | sort", 20 * SECOND);
	assert_string_equal(output.output, "E2FSCK_CONFIG=/dev/null\n"
					   "LVM_SUPPRESS_FD_WARNINGS=1\n"
					   "LVM_SYSTEM_DIR=/run\n");
	process_output_done(&output);
}

/* As a library may have opened it, without a thought of our children. */
static void children_have_no_file_of_ours(void **state)
{
	struct process_output output;
	char script[64];
	int fd = dup(STDIN_FILENO);

	(void)state;
	assert_true(fd > STDERR_FILENO);
	snprintf(script, sizeof(script), "[ -e /proc/self/fd/%d ] || echo none", fd);
	output = run(script, 20 * SECOND);
	close(fd);
	assert_string_equal(output.output, "none\n");
	process_output_done(&output);
}

static long count_faults(void)
{
	struct rusage usage;

	assert_int_equal(getrusage(RUSAGE_SELF, &usage), 0);
	return usage.ru_minflt;
}

/* After fork(2) the first write to each page is a fault, and most are copied. */
static void no_memory_of_ours_is_copied_for_a_child(void **state)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE), pages = 2048;
	char *memory = mmap(NULL, pages * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			    -1, 0);
	struct process_output output;
	long before;

	(void)state;
	if (getenv("LUSTRE_INIT_EMULATED")) {
		puts("of qemu-user vfork(2) copies");
		skip();
	}
	assert_true(memory != MAP_FAILED);
	madvise(memory, pages * page, MADV_NOHUGEPAGE);
	for (size_t i = 0; i < pages; i++)
		memory[i * page] = 1;
	before = count_faults();
	output = run("exit 0", 20 * SECOND);
	for (size_t i = 0; i < pages; i++)
		memory[i * page] = 2;
	assert_in_range(count_faults() - before, 0, pages / 2);
	process_output_done(&output);
	munmap(memory, pages * page);
}

static void what_cannot_be_run_says_so_at_once(void **state)
{
	const char *const argv[] = { "lustre-init-no-such-tool", NULL };
	struct process_output output;
	struct error err;

	(void)state;
	assert_int_equal(process_run(argv, SECOND, &output, &err), -ENOENT);
	assert_non_null(strstr(err.text, argv[0]));
}

/* execvp(3) would have /bin/sh read it. */
static void what_is_no_program_meets_no_shell(void **state)
{
	char path[] = "/tmp/no-program.XXXXXX";
	const char *const argv[] = { path, NULL };
	struct process_output output;
	struct error err;
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "exit 0\n", 7), 7);
	assert_int_equal(fchmod(fd, 0755), 0);
	close(fd);
	assert_int_equal(process_run(argv, SECOND, &output, &err), -ENOEXEC);
	unlink(path);
}

static void words_meet_no_shell(void **state)
{
	const char *const argv[] = { "printf", "%s|", "$(id)", "a b", "`x`", ";", NULL };
	struct process_output output = { 0 };

	(void)state;
	assert_int_equal(process_run(argv, 20 * SECOND, &output, NULL), 0);
	assert_string_equal(output.output, "$(id)|a b|`x`|;|");
	process_output_done(&output);
}

static void a_signal_is_told(void **state)
{
	struct process_output output = run("kill -9 $$", 20 * SECOND);

	(void)state;
	assert_int_equal(output.end, PROCESS_SIGNALED);
	assert_int_equal(output.code, SIGKILL);
	process_output_done(&output);
}

/* The child's own child holds the output open, as mke2fs does under mkfs.lustre; it is ended, too.
 */
static void expect_whole_group_ended(const char *script)
{
	struct process_output output;
	pid_t grandchild = 0;

	/* A busy machine may end it before it has said a word. */
	for (uint64_t bound = SECOND / 2; grandchild == 0 && bound < 60 * SECOND; bound *= 2) {
		output = run(script, bound);
		assert_int_equal(output.end, PROCESS_TIMED_OUT);
		grandchild = (pid_t)strtol(output.output, NULL, 10);
		process_output_done(&output);
	}
	assert_true(grandchild > 1);
	assert_true(ends_soon(grandchild));
}

static void a_deadline_takes_the_whole_group(void **state)
{
	(void)state;
	expect_whole_group_ended("sh -c 'echo $$; exec sleep 600' & wait");
}

/* The child obeys SIGTERM, what it started does not. */
static void a_deadline_takes_the_deaf_as_well(void **state)
{
	(void)state;
	expect_whole_group_ended("sh -c 'trap \"\" TERM; echo $$; exec sleep 600' & wait");
}

static void long_output_is_cut(void **state)
{
	struct process_output output =
		run("head -c 3000000 /dev/zero | tr '\\0' x; echo end >&2", 60 * SECOND);

	(void)state;
	assert_int_equal(output.end, PROCESS_EXITED);
	assert_int_equal(strlen(output.output), PROCESS_OUTPUT_MAX);
	assert_string_equal(output.errors, "end\n");
	process_output_done(&output);
}

static void the_last_line_tells_why(void **state)
{
	struct process_result result = { PROCESS_EXITED, 1, "said\n", "first\nFATAL: why\n\n", 0 };
	char sentence[128];

	(void)state;
	process_describe("mkfs.lustre", &result, sentence, sizeof(sentence));
	assert_non_null(strstr(sentence, "mkfs.lustre"));
	assert_non_null(strstr(sentence, "status 1"));
	assert_non_null(strstr(sentence, "FATAL: why"));
	assert_null(strstr(sentence, "WARNING"));
	result.errors = "  Volume group \"x\" not found\n  Cannot process volume group x\n"
			"  WARNING: VG x lacks PVs\n\n";
	process_describe("lvm vgchange", &result, sentence, sizeof(sentence));
	assert_string_equal(sentence, "lvm vgchange exited with status 1: Cannot process volume "
				      "group x");
	result.errors = "\x1b[31mno\xc2\x9b such \xff\a disk\r\n";
	process_describe("lvm vgchange", &result, sentence, sizeof(sentence));
	assert_string_equal(sentence, "lvm vgchange exited with status 1: ?[31mno?? such ?? disk");
	result.errors = "";
	process_describe("mkfs.lustre", &result, sentence, sizeof(sentence));
	assert_non_null(strstr(sentence, "said"));
}

/* Only an exit is an answer; and beside what hangs in the kernel, another would hang. */
static void any_other_end_is_no_answer(void **state)
{
	static const struct {
		enum process_end end;
		int how, code;
	} rows[] = {
		{ PROCESS_EXITED, 9, 0 },
		{ PROCESS_SIGNALED, SIGKILL, -ECANCELED },
		/* It would crash again. */
		{ PROCESS_SIGNALED, SIGSEGV, -EIO },
		{ PROCESS_SIGNALED, SIGABRT, -EIO },
		{ PROCESS_UNHEARD, 9, -ENOMEM },
		{ PROCESS_TIMED_OUT, 9, -ETIMEDOUT },
		{ PROCESS_ABANDONED, 9, -EINPROGRESS },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char nothing[] = "";
		const struct process_output output = { rows[i].end, rows[i].how, nothing, nothing,
						       0 };
		struct error err = { 0 };

		assert_int_equal(process_check_end("lvm fullreport", &output, &err), rows[i].code);
		assert_int_equal(strstr(err.text, "lvm fullreport") != NULL, rows[i].code != 0);
	}
}

/* ---- what a call can ask for besides ---- */

struct heard {
	sd_event *loop;
	char output[64];
	size_t size;
	enum process_end end;
	int code;
};

static void on_done(const struct process_result *result, void *userdata)
{
	struct heard *heard = userdata;

	heard->end = result->end;
	heard->code = result->code;
	heard->size = strlen(result->output);
	snprintf(heard->output, sizeof(heard->output), "%s", result->output);
	sd_event_exit(heard->loop, 0);
}

/* The call with this script; `meanwhile`, if any, is done before the loop hears of anything. */
static struct heard run_beside(struct process_call call, const char *script,
			       void (*meanwhile)(void))
{
	const char *const argv[] = { "sh", "-c", script, NULL };
	struct processes *processes;
	struct heard heard = { 0 };
	struct error err;

	call.argv = argv;
	call.done = on_done;
	call.userdata = &heard;
	assert_true(sd_event_new(&heard.loop) >= 0);
	assert_int_equal(processes_new(heard.loop, -1, &processes, &err), 0);
	assert_int_equal(process_start(processes, &call, NULL, &err), 0);
	if (meanwhile)
		meanwhile();
	assert_true(sd_event_loop(heard.loop) >= 0);
	processes_end(processes);
	sd_event_unref(heard.loop);
	return heard;
}

static struct heard run_call(struct process_call call, const char *script)
{
	call.timeout_usec = 20 * SECOND;
	return run_beside(call, script, /* meanwhile= */ NULL);
}

static void a_child_reads_what_it_is_given(void **state)
{
	struct words environment = { 0 };
	struct heard heard;

	(void)state;
	words_add(&environment, "EVENT=a b;c");
	heard = run_call(
		(struct process_call){ .input = "one line\n", .environment = &environment },
		"read -r line; read -r more || more=end; echo \"$line $more $EVENT\"");
	assert_string_equal(heard.output, "one line end a b;c\n");
	words_done(&environment);
	/* One that reads nothing keeps nobody waiting, however much it is. */
	heard = run_call((struct process_call){ .input = "unread" }, "exit 0");
	assert_int_equal(heard.end, PROCESS_EXITED);
}

static void less_is_kept_where_less_is_wanted(void **state)
{
	struct heard heard = run_call((struct process_call){ .output_max = 10 },
				      "head -c 5000000 /dev/zero | tr '\\0' x");

	(void)state;
	assert_int_equal(heard.end, PROCESS_EXITED);
	assert_int_equal(heard.size, 10);
}

static void what_a_child_started_ends_with_it_where_that_is_wanted(void **state)
{
	const char script[] = "sleep 1000 </dev/null >/dev/null 2>&1 & echo $!";
	struct heard heard = run_call((struct process_call){ .ends_group = true }, script);

	(void)state;
	assert_int_equal(heard.end, PROCESS_EXITED);
	assert_int_equal(heard.code, 0);
	assert_true(has_ended((pid_t)strtol(heard.output, NULL, 10)));
	heard = run_call((struct process_call){ 0 }, script);
	assert_int_equal(kill((pid_t)strtol(heard.output, NULL, 10), SIGKILL), 0);
}

static void stand_still(void)
{
	siginfo_t info;

	assert_int_equal(waitid(P_ALL, 0, &info, WEXITED | WNOWAIT), 0);
	usleep(20000);
}

/* As where the journal does not take a line for seconds, or the machine was held up. */
static void what_ended_while_we_stood_still_was_not_too_late(void **state)
{
	struct heard heard =
		run_beside((struct process_call){ .timeout_usec = 10000 }, "exit 3", stand_still);

	(void)state;
	assert_int_equal(heard.end, PROCESS_EXITED);
	assert_int_equal(heard.code, 3);
}

/* Killed, it is gone at once: that nobody looked for as long as that may take is not its doing. */
static void what_was_killed_while_we_stood_still_does_not_hang(void **state)
{
	const char *const argv[] = { "sh", "-c", "trap '' TERM; echo; exec sleep 60", NULL };
	struct heard heard = { 0 };
	const struct process_call call = {
		.argv = argv, .timeout_usec = PROCESS_FOREVER, .done = on_done, .userdata = &heard
	};
	struct processes *processes;
	struct process *process;

	(void)state;
	assert_true(sd_event_new(&heard.loop) >= 0);
	assert_int_equal(processes_new(heard.loop, -1, &processes, NULL), 0);
	assert_int_equal(process_start(processes, &call, &process, NULL), 0);
	assert_int_equal(sd_event_run(heard.loop, UINT64_MAX), 1); /* it ignores what ends others */
	process_cancel(process);
	assert_int_equal(sd_event_run(heard.loop, UINT64_MAX), 1); /* SIGTERM */
	assert_int_equal(sd_event_run(heard.loop, UINT64_MAX), 1); /* SIGKILL */
	stand_still();
	sleep(5);
	assert_true(sd_event_loop(heard.loop) >= 0);
	assert_int_equal(heard.end, PROCESS_TIMED_OUT);
	processes_end(processes);
	sd_event_unref(heard.loop);
}

static void count_end(const struct process_result *result, void *userdata)
{
	(void)result;
	++*(int *)userdata;
}

/* First, last or between others, it goes on as before, and alone is told of. */
static void one_goes_on_where_all_others_are_dropped(void **state)
{
	static const char *const argv[] = { "sleep", "0.5", NULL };

	(void)state;
	for (int kept = 0; kept < 4; kept++) {
		int told[3] = { 0 };
		struct process *started[4] = { NULL };
		struct children children = children_start(/* lock= */ -1);
		struct error err;

		for (int i = 0; i < 3; i++) {
			const struct process_call call = {
				.argv = argv,
				.timeout_usec = 20 * SECOND,
				.done = count_end,
				.userdata = &told[i],
			};

			assert_int_equal(
				process_start(children.processes, &call, &started[i], &err), 0);
		}
		processes_drop_others(children.processes, started[kept]);
		while (kept < 3 && told[kept] == 0)
			assert_true(sd_event_run(children.loop, UINT64_MAX) >= 0);
		for (int i = 0; i < 3; i++)
			assert_int_equal(told[i], i == kept);
		/* All are gone, and another can be started. */
		assert_true(sd_event_run(children.loop, 0) == 0);
		assert_int_equal(process_start(children.processes,
					       &(struct process_call){ .argv = argv,
								       .timeout_usec = SECOND,
								       .done = count_end,
								       .userdata = told },
					       NULL, &err),
				 0);
		children_end(&children);
	}
}

/* A loop that runs meanwhile reads the signal that tells of all children, where sd-event knows no
 * other way (before 245, as on EL 8). */
static void who_ended_while_another_loop_ran_is_told_of(void **state)
{
	const char *const argv[] = { "sleep", "0.1", NULL };
	const char *const longer[] = { "sleep", "0.4", NULL };
	struct process_output output;
	int told = 0;
	const struct process_call call = {
		.argv = argv, .timeout_usec = 20 * SECOND, .done = count_end, .userdata = &told
	};
	struct children children;
	struct error err;

	(void)state;
	setenv("SYSTEMD_PIDFD", "0", 1);
	children = children_start(/* lock= */ -1);
	assert_int_equal(process_start(children.processes, &call, NULL, &err), 0);
	while (sd_event_run(children.loop, 0) > 0)
		;
	assert_int_equal(process_run(longer, 20 * SECOND, &output, &err), 0);
	process_output_done(&output);
	while (sd_event_run(children.loop, SECOND) > 0)
		;
	assert_int_equal(told, 1);
	children_end(&children);
	unsetenv("SYSTEMD_PIDFD");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(output_and_errors_are_apart),
		cmocka_unit_test(children_speak_plain_and_read_nothing),
		cmocka_unit_test(children_have_a_known_environment),
		cmocka_unit_test(children_have_no_file_of_ours),
		cmocka_unit_test(no_memory_of_ours_is_copied_for_a_child),
		cmocka_unit_test(what_cannot_be_run_says_so_at_once),
		cmocka_unit_test(what_is_no_program_meets_no_shell),
		cmocka_unit_test(words_meet_no_shell),
		cmocka_unit_test(a_signal_is_told),
		cmocka_unit_test(a_deadline_takes_the_whole_group),
		cmocka_unit_test(a_deadline_takes_the_deaf_as_well),
		cmocka_unit_test(long_output_is_cut),
		cmocka_unit_test(the_last_line_tells_why),
		cmocka_unit_test(any_other_end_is_no_answer),
		cmocka_unit_test(a_child_reads_what_it_is_given),
		cmocka_unit_test(less_is_kept_where_less_is_wanted),
		cmocka_unit_test(what_a_child_started_ends_with_it_where_that_is_wanted),
		cmocka_unit_test(what_ended_while_we_stood_still_was_not_too_late),
		cmocka_unit_test(what_was_killed_while_we_stood_still_does_not_hang),
		cmocka_unit_test(one_goes_on_where_all_others_are_dropped),
		cmocka_unit_test(who_ended_while_another_loop_ran_is_told_of),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
