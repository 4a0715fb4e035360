/* SPDX-License-Identifier: Apache-2.0 */

/* LNET's module, loaded ahead of the plan: once, and waited for by the action alone that loads it.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/file.h"
#include "effect/lnet_early.h"

#include "scenes/apply.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define SLOW "sleep 0.2"

/* Begun, with a modprobe that does as `script` says. */
static void begin(struct apply_scene *s, struct lnet_early *early, const char *script)
{
	apply_start(s);
	apply_tool(s, "modprobe", script);
	s->children = children_start(/* lock= */ -1);
	s->lnet_early = early;
	lnet_early_begin(early, s->children.processes, /* marks= */ NULL);
	assert_non_null(lnet_early_process(early));
}

static void await_end(const struct apply_scene *s, const struct lnet_early *early)
{
	while (lnet_early_process(early))
		assert_true(sd_event_run(s->children.loop, UINT64_MAX) >= 0);
}

static void expect_calls(const struct apply_scene *s, const char *expected)
{
	struct error err;
	char *calls = NULL;

	assert_int_equal(file_read(s->machine.root, "/calls", 4096, &calls, NULL, &err), 0);
	assert_string_equal(calls, expected);
	free(calls);
}

static void end(struct apply_scene *s)
{
	children_end(&s->children);
	apply_end(s);
}

static const struct outcome *load(struct apply_scene *s)
{
	assert_int_equal(plan_add_action(&s->plan, ACTION_LOAD_LNET), 0);
	apply_run(s);
	return apply_outcome(s, ACTION_LOAD_LNET);
}

static void who_loads_it_waits_for_what_was_begun(void **state)
{
	struct lnet_early early = { 0 };
	const struct outcome *outcome;
	struct apply_scene s;

	(void)state;
	begin(&s, &early, SLOW);
	outcome = load(&s);
	assert_int_equal(outcome->kind, OUTCOME_DONE);
	assert_true(outcome->chain_usec >= 200000);
	expect_calls(&s, "modprobe lnet\n");
	end(&s);
}

static void what_has_ended_since_is_done(void **state)
{
	struct lnet_early early = { 0 };
	const struct outcome *outcome;
	struct apply_scene s;

	(void)state;
	begin(&s, &early, SLOW);
	await_end(&s, &early);
	outcome = load(&s);
	assert_int_equal(outcome->kind, OUTCOME_DONE);
	assert_true(outcome->chain_usec >= 200000);
	expect_calls(&s, "modprobe lnet\n");
	end(&s);
}

static void what_is_slow_is_told_of(void **state)
{
	struct lnet_early early = { 0 };
	struct apply_scene s;

	(void)state;
	begin(&s, &early, "sleep 1");
	s.patience.told_usec = 100000;
	assert_int_equal(load(&s)->kind, OUTCOME_DONE);
	assert_non_null(strstr(s.told, "load-lnet: modprobe lnet has been at work for "));
	end(&s);
}

/* It may have been unloaded since. */
static void it_counts_for_one_plan(void **state)
{
	struct lnet_early early = { 0 };
	struct apply_scene s;

	(void)state;
	begin(&s, &early, "");
	load(&s);
	status_done(&s.status);
	s.status = (struct status){ 0 };
	apply_run(&s);
	assert_int_equal(apply_outcome(&s, ACTION_LOAD_LNET)->kind, OUTCOME_DONE);
	expect_calls(&s, "modprobe lnet\nmodprobe lnet\n");
	end(&s);
}

static void what_failed_is_tried_by_the_plan_and_told(void **state)
{
	static const char fails[] = "echo 'modprobe: FATAL: no module' >&2; exit 1";
	const struct outcome *outcome;
	struct apply_scene s;

	(void)state;
	for (int waits = 0; waits < 2; waits++) {
		struct lnet_early early = { 0 };

		begin(&s, &early, fails);
		if (waits)
			await_end(&s, &early);
		outcome = load(&s);
		assert_int_equal(outcome->kind, OUTCOME_FAILED);
		assert_non_null(strstr(outcome->text, "FATAL: no module"));
		expect_calls(&s, "modprobe lnet\nmodprobe lnet\n");
		end(&s);
	}
}

static void without_it_the_plan_loads_it(void **state)
{
	struct lnet_early early = { 0 };
	struct apply_scene s;

	(void)state;
	for (int given = 0; given < 2; given++) {
		apply_start(&s);
		apply_tool(&s, "modprobe", "");
		s.lnet_early = given ? &early : NULL;
		assert_int_equal(load(&s)->kind, OUTCOME_DONE);
		expect_calls(&s, "modprobe lnet\n");
		apply_end(&s);
	}
}

/* A plan with nothing of LNET in it, as of a target that is refused, does not end it either. */
static void it_goes_on_beside_a_plan_that_does_not_need_it(void **state)
{
	static const char waits[] =
		"test $1 != lnet || until test -e \"${0%/*}/go\"; do sleep 0.01; done";
	struct lnet_early early = { 0 };
	struct apply_scene s;

	(void)state;
	begin(&s, &early, waits);
	assert_int_equal(plan_add_action(&s.plan, ACTION_LOAD_LUSTRE), 0);
	apply_run(&s);
	assert_true(apply_called(&s, "modprobe --all lustre\n"));
	assert_non_null(lnet_early_process(&early));
	recorded_file(&s.machine, "/tools/go", "%s", "");
	await_end(&s, &early);
	assert_int_equal(early.state, LNET_EARLY_LOADED);
	end(&s);
}

static void it_is_begun_once(void **state)
{
	struct lnet_early early = { 0 };
	struct apply_scene s;

	(void)state;
	begin(&s, &early, "exit 1");
	await_end(&s, &early);
	lnet_early_begin(&early, s.children.processes, /* marks= */ NULL);
	assert_null(lnet_early_process(&early));
	end(&s);
}

static enum lnet_state corrected(const struct lnet_early *early, enum lnet_state found)
{
	struct facts facts = { .lnet = found };

	lnet_early_correct(early, &facts);
	return facts.lnet;
}

/* Half loaded it answers as what it is not. */
static void what_is_found_meanwhile_is_not_believed_unless_it_is_up(void **state)
{
	struct lnet_early early = { 0 };
	struct apply_scene s;

	(void)state;
	assert_int_equal(corrected(&early, LNET_UNKNOWN), LNET_UNKNOWN);
	assert_int_equal(corrected(&early, LNET_DOWN), LNET_DOWN);
	begin(&s, &early, SLOW);
	assert_int_equal(corrected(&early, LNET_UNKNOWN), LNET_NO_MODULE);
	assert_int_equal(corrected(&early, LNET_DOWN), LNET_NO_MODULE);
	assert_int_equal(corrected(&early, LNET_UP), LNET_UP);
	await_end(&s, &early);
	assert_int_equal(corrected(&early, LNET_DOWN), LNET_NO_MODULE);
	load(&s);
	assert_int_equal(corrected(&early, LNET_DOWN), LNET_DOWN);
	end(&s);
}

/* Where the half of it came and then no more, as well: the plan's own modprobe says why. */
static void nor_is_what_is_found_of_one_that_failed(void **state)
{
	struct lnet_early early = { 0 };
	struct apply_scene s;

	(void)state;
	begin(&s, &early, "exit 1");
	await_end(&s, &early);
	assert_int_equal(corrected(&early, LNET_DOWN), LNET_NO_MODULE);
	lnet_early_forget(&early);
	assert_int_equal(corrected(&early, LNET_DOWN), LNET_DOWN);
	end(&s);
}

/* Where it has to be configured only, that chain of tools has it. */
static void what_it_took_is_counted_once(void **state)
{
	struct lnet_early early = { 0 };
	struct apply_scene s;

	(void)state;
	begin(&s, &early, SLOW);
	await_end(&s, &early);
	apply_tool(&s, "lnetctl", "");
	assert_int_equal(plan_add_action(&s.plan, ACTION_CONFIGURE_LNET), 0);
	apply_run(&s);
	assert_true(apply_outcome(&s, ACTION_CONFIGURE_LNET)->chain_usec >= 200000);
	assert_int_equal(lnet_early_take_usec(&early), 0);
	end(&s);
}

/* Told to stop with systemd away, it does not wait for that first. */
static void be_stopped(struct apply_scene *s, struct lnet_early *early)
{
	struct error err;

	alarm(20);
	s->children = children_start(/* lock= */ -1);
	s->lnet_early = early;
	s->patience.systemd_usec = 3600 * 1000000ULL;
	lnet_early_begin(early, s->children.processes, /* marks= */ NULL);
	setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/dev/null/bus", 1);
	raise(SIGTERM);
	apply_try(s, &err);
	_exit(100);
}

static void who_waits_for_systemd_meanwhile_can_be_stopped(void **state)
{
	struct lnet_early early = { 0 };
	struct apply_scene s;
	pid_t stopped;
	int status;

	(void)state;
	apply_start(&s);
	apply_tool(&s, "modprobe", "exec sleep 600");
	assert_int_equal(plan_add_action(&s.plan, ACTION_WRITE_UNITS), 0);
	stopped = fork();
	assert_true(stopped >= 0);
	if (stopped == 0)
		be_stopped(&s, &early);
	assert_int_equal(waitpid(stopped, &status, 0), stopped);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGTERM);
	apply_end(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_loads_it_waits_for_what_was_begun),
		cmocka_unit_test(what_has_ended_since_is_done),
		cmocka_unit_test(what_is_slow_is_told_of),
		cmocka_unit_test(it_counts_for_one_plan),
		cmocka_unit_test(what_failed_is_tried_by_the_plan_and_told),
		cmocka_unit_test(without_it_the_plan_loads_it),
		cmocka_unit_test(it_goes_on_beside_a_plan_that_does_not_need_it),
		cmocka_unit_test(it_is_begun_once),
		cmocka_unit_test(what_is_found_meanwhile_is_not_believed_unless_it_is_up),
		cmocka_unit_test(nor_is_what_is_found_of_one_that_failed),
		cmocka_unit_test(what_it_took_is_counted_once),
		cmocka_unit_test(who_waits_for_systemd_meanwhile_can_be_stopped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
