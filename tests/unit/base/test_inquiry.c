/* SPDX-License-Identifier: Apache-2.0 */

/* Questions put before: each answer is the tool's own, of this very question, and given once. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/inquiry.h"

#include "scenes/children.h"
#include "scenes/recorded.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>

#define SECOND (1000000ULL)

static struct recorded machine;
static struct inquiries *inquiries;

static int start(void **state)
{
	struct error err;

	(void)state;
	recorded_start(&machine);
	assert_int_equal(inquiries_new(/* processes= */ NULL, &inquiries, &err), 0);
	return 0;
}

static int end(void **state)
{
	(void)state;
	inquiries = inquiries_free(inquiries);
	recorded_end(&machine);
	return 0;
}

static struct process_output answer(const char *const argv[], uint64_t timeout_usec)
{
	struct process_output output = { 0 };
	struct error err;

	if (inquiry_answer(inquiries, argv, timeout_usec, &output, &err) < 0)
		fail_msg("%s", err.text);
	return output;
}

static void expect(const char *const argv[], const char *said)
{
	struct process_output output = answer(argv, 60 * SECOND);

	assert_int_equal(output.end, PROCESS_EXITED);
	assert_string_equal(output.output, said);
	process_output_done(&output);
}

/* A tool that tells how often it was asked this. */
static void make_counter(void)
{
	recorded_tool(&machine, "counter",
		      "echo >>\"${0%/*}/asked $*\"; echo \"$* $(wc -l <\"${0%/*}/asked $*\")\"");
}

static const char *const this[] = { "counter", "this", NULL };
static const char *const that[] = { "counter", "that", NULL };
static const char *const more[] = { "counter", "this", "and more", NULL };

static void what_was_put_is_answered_once(void **state)
{
	(void)state;
	make_counter();
	inquiry_put(inquiries, this);
	inquiry_put(inquiries, this);
	expect(this, "this 1\n");
	expect(this, "this 2\n");
}

static void another_question_is_asked(void **state)
{
	(void)state;
	make_counter();
	inquiry_put(inquiries, this);
	expect(more, "this and more 1\n");
	expect(that, "that 1\n");
	expect(this, "this 1\n");
	expect(more, "this and more 2\n");
}

/* Each waits for the other: only together they end. */
static void they_run_beside_one_another(void **state)
{
	static const char *const left[] = { "left", NULL }, *const right[] = { "right", NULL };
	char path[4096];

	(void)state;
	recorded_path(&machine, "/tools/pipe", path);
	assert_int_equal(mkfifo(path, 0600), 0);
	recorded_tool(&machine, "left", "echo from-left >\"${0%/*}/pipe\"; echo left");
	recorded_tool(&machine, "right", "cat \"${0%/*}/pipe\"");
	inquiry_put(inquiries, right);
	inquiry_put(inquiries, left);
	expect(right, "from-left\n");
	expect(left, "left\n");
}

static void who_was_ended_by_a_signal_is_asked_again(void **state)
{
	static const char *const argv[] = { "frail", NULL };

	(void)state;
	recorded_tool(
		&machine, "frail",
		"test -e \"${0%/*}/again\" || { touch \"${0%/*}/again\"; kill -9 $$; }; echo x");
	inquiry_put(inquiries, argv);
	expect(argv, "x\n");
}

static void who_does_not_end_is_ended(void **state)
{
	static const char *const argv[] = { "sleep", "1000", NULL };
	struct process_output output;

	(void)state;
	inquiry_put(inquiries, argv);
	output = answer(argv, SECOND / 100);
	assert_int_equal(output.end, PROCESS_TIMED_OUT);
	process_output_done(&output);
}

static void what_is_not_there_cannot_be_asked(void **state)
{
	static const char *const argv[] = { "no-such-tool", NULL };
	struct process_output output;
	struct error err;

	(void)state;
	inquiry_put(inquiries, argv);
	assert_int_equal(inquiry_answer(inquiries, argv, SECOND, &output, &err), -ENOENT);
	assert_non_null(strstr(err.text, "no-such-tool"));
}

/* As where nothing was to be foreseen. */
static void without_inquiries_it_is_asked(void **state)
{
	struct process_output output;
	struct error err;

	(void)state;
	make_counter();
	inquiry_put(NULL, this);
	assert_int_equal(inquiry_answer(NULL, this, 60 * SECOND, &output, &err), 0);
	assert_string_equal(output.output, "this 1\n");
	process_output_done(&output);
	assert_null(inquiries_free(NULL));
}

/* A tool that lasts, and says who it is. */
static void make_lasting(void)
{
	recorded_tool(&machine, "lasting", "echo $$ >\"${0%/*}/pid\"; exec sleep 1000");
}

static bool has_begun(pid_t *ret)
{
	char *said = NULL;

	*ret = 0;
	if (file_read(machine.root, "/tools/pid", 64, &said, NULL, NULL) == 0)
		*ret = (pid_t)strtol(said, NULL, 10);
	free(said);
	return *ret > 0;
}

static const char *const lasting[] = { "lasting", NULL };

static void what_nobody_takes_is_ended(void **state)
{
	pid_t tool;

	(void)state;
	make_lasting();
	inquiry_put(inquiries, lasting);
	while (!has_begun(&tool))
		usleep(10000);
	inquiries = inquiries_free(inquiries);
	assert_int_equal(kill(tool, 0), -1);
	assert_int_equal(errno, ESRCH);
}

/* Whoever puts questions and then does something else goes on with them now and then. */
static void be_busy(void)
{
	struct children children = children_start(/* lock= */ -1);
	struct error err;

	assert_int_equal(inquiries_new(children.processes, &inquiries, &err), 0);
	inquiry_put(inquiries, lasting);
	for (;;) {
		processes_go_on(children.processes);
		usleep(10000);
	}
}

static void a_signal_to_stop_is_obeyed_meanwhile(void **state)
{
	pid_t busy, tool;
	int status;

	(void)state;
	make_lasting();
	busy = fork();
	assert_true(busy >= 0);
	if (busy == 0)
		be_busy();
	while (!has_begun(&tool))
		usleep(10000);
	assert_int_equal(kill(busy, SIGTERM), 0);
	assert_int_equal(waitpid(busy, &status, 0), busy);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
	assert_int_equal(kill(tool, 0), -1);
	assert_int_equal(errno, ESRCH);
}

static void note_end(const struct process_result *result, void *userdata)
{
	*(enum process_end *)userdata = result->end;
}

/* Where another one has children on the same loop: with its own they end, and not with theirs. */
static void only_their_own_are_ended(void **state)
{
	static const char *const argv[] = { "sleep", "0.5", NULL };
	enum process_end end = PROCESS_UNHEARD;
	const struct process_call other = {
		.argv = argv, .timeout_usec = 60 * SECOND, .done = note_end, .userdata = &end
	};
	struct children children = children_start(/* lock= */ -1);
	struct inquiries *sharing;
	struct error err;
	pid_t own;

	(void)state;
	make_lasting();
	assert_int_equal(inquiries_new(children.processes, &sharing, &err), 0);
	assert_int_equal(process_start(children.processes, &other, NULL, &err), 0);
	inquiry_put(sharing, lasting);
	while (!has_begun(&own))
		processes_go_on(children.processes);
	assert_null(inquiries_free(sharing));
	assert_int_equal(kill(own, 0), -1);
	while (end == PROCESS_UNHEARD)
		assert_true(sd_event_run(children.loop, UINT64_MAX) >= 0);
	assert_int_equal(end, PROCESS_EXITED);
	children_end(&children);
}

static bool is_there(const char *name)
{
	char path[4096];

	recorded_path(&machine, name, path);
	return access(path, F_OK) == 0;
}

/* So that who uses what was freed ends by it. */
static void spoil_what_was_freed(void)
{
	void *(*volatile fill)(void *, int, size_t) = memset; /* seen by no compiler */

	for (size_t size = 64; size <= 512; size += 16)
		for (int i = 0; i < 32; i++) {
			char *taken = malloc(size);

			assert_non_null(taken);
			fill(taken, 0x55, size);
		}
}

/* Told to stop, with one beside them that does not end at once: what was put is given up when its
 * own child is gone already, or has its time over. */
static void be_stopped(bool gives_up)
{
	static const char *const argv[] = { "deaf", NULL };
	const struct process_call other = { .argv = argv, .timeout_usec = 60 * SECOND };
	struct children children = children_start(/* lock= */ -1);
	struct process_output output;
	struct inquiries *sharing;
	struct error err;
	pid_t own;

	if (inquiries_new(children.processes, &sharing, &err) < 0 ||
	    process_start(children.processes, &other, NULL, &err) < 0)
		_exit(100);
	while (!is_there("/tools/is-deaf"))
		usleep(10000);
	inquiry_put(sharing, lasting);
	while (!has_begun(&own))
		usleep(10000);
	raise(SIGTERM);
	for (int turns = 0; gives_up && (turns < 20 || kill(own, 0) == 0); turns++) {
		processes_go_on(children.processes);
		usleep(10000);
	}
	spoil_what_was_freed();
	if (gives_up)
		inquiries_free(sharing);
	else
		inquiry_answer(sharing, lasting, SECOND, &output, &err);
	for (;;)
		sd_event_run(children.loop, UINT64_MAX);
}

static void who_is_stopped_gives_up_what_has_ended(void **state)
{
	(void)state;
	make_lasting();
	recorded_tool(&machine, "deaf",
		      "trap '' TERM; echo >\"${0%/*}/is-deaf\"; while :; do sleep 1; done");
	for (int gives_up = 0; gives_up < 2; gives_up++) {
		pid_t stopped = fork();
		int status;

		assert_true(stopped >= 0);
		if (stopped == 0)
			be_stopped(gives_up);
		assert_int_equal(waitpid(stopped, &status, 0), stopped);
		assert_true(WIFSIGNALED(status));
		assert_int_equal(WTERMSIG(status), SIGTERM);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_was_put_is_answered_once, start, end),
		cmocka_unit_test_setup_teardown(another_question_is_asked, start, end),
		cmocka_unit_test_setup_teardown(they_run_beside_one_another, start, end),
		cmocka_unit_test_setup_teardown(who_was_ended_by_a_signal_is_asked_again, start,
						end),
		cmocka_unit_test_setup_teardown(who_does_not_end_is_ended, start, end),
		cmocka_unit_test_setup_teardown(what_is_not_there_cannot_be_asked, start, end),
		cmocka_unit_test_setup_teardown(without_inquiries_it_is_asked, start, end),
		cmocka_unit_test_setup_teardown(what_nobody_takes_is_ended, start, end),
		cmocka_unit_test_setup_teardown(a_signal_to_stop_is_obeyed_meanwhile, start, end),
		cmocka_unit_test_setup_teardown(only_their_own_are_ended, start, end),
		cmocka_unit_test_setup_teardown(who_is_stopped_gives_up_what_has_ended, start, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
