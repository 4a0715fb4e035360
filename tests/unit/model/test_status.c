/* SPDX-License-Identifier: Apache-2.0 */

/* Outcomes of a run, and what they say of an action on a target. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/status.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void tried(struct status *status, enum action_kind action, const char *target,
		  enum outcome_kind kind, int code)
{
	struct outcome *outcome = status_add_outcome(status);

	assert_non_null(outcome);
	outcome->action = action;
	outcome->kind = kind;
	outcome->code = code;
	snprintf(outcome->target, sizeof(outcome->target), "%s", target);
}

static void the_newest_outcome_counts(void **state)
{
	struct status *status = calloc(1, sizeof(*status));

	(void)state;
	assert_non_null(status);
	assert_null(status_failure(status, ACTION_MOUNT, "MGS"));
	assert_false(status_did(status, ACTION_MOUNT, "MGS"));
	tried(status, ACTION_MOUNT, "MGS", OUTCOME_FAILED, EADDRINUSE);
	tried(status, ACTION_MOUNT, "lustrewt-MDT0000", OUTCOME_DONE, 0);
	tried(status, ACTION_FORMAT, "MGS", OUTCOME_DONE, 0);
	assert_int_equal(status_failure(status, ACTION_MOUNT, "MGS")->code, EADDRINUSE);
	assert_false(status_did(status, ACTION_MOUNT, "MGS"));
	assert_true(status_did(status, ACTION_FORMAT, "MGS"));
	tried(status, ACTION_MOUNT, "MGS", OUTCOME_DONE, 0);
	assert_null(status_failure(status, ACTION_MOUNT, "MGS"));
	assert_true(status_did(status, ACTION_MOUNT, "MGS"));
	tried(status, ACTION_MOUNT, "MGS", OUTCOME_SKIPPED, 0);
	assert_false(status_did(status, ACTION_MOUNT, "MGS"));
	assert_null(status_failure(status, ACTION_MOUNT, "MGS"));
	status_done(status);
	free(status);
}

static const struct outcome *tried_again(struct status *status, enum action_kind action,
					 const char *target, int code)
{
	struct outcome outcome = {
		.action = action,
		.kind = code ? OUTCOME_FAILED : OUTCOME_DONE,
		.code = code,
		.started_usec = 1000000ULL * status->round,
		.ended_usec = 1000000ULL * status->round + 10,
		.tool_usec = 5,
	};
	const struct outcome *taken;

	snprintf(outcome.what, sizeof(outcome.what), "%s %s", action_kind_name(action), target);
	snprintf(outcome.target, sizeof(outcome.target), "%s", target);
	taken = status_take_outcome(status, &outcome);
	assert_non_null(taken);
	return taken;
}

/* What is written must be read again, however long the MGS was away. */
static void tries_of_one_action_are_one_outcome(void **state)
{
	struct status *status = calloc(1, sizeof(*status)), *again = calloc(1, sizeof(*again));
	const struct outcome *mount = NULL;
	struct error err;
	json_t *json;

	(void)state;
	assert_true(status && again);
	status->round = 1;
	tried_again(status, ACTION_LOAD_LNET, "", 0);
	for (; status->round <= 20000; status->round++) {
		tried_again(status, ACTION_WRITE_UNITS, "", 0);
		mount = tried_again(status, ACTION_MOUNT, "lustrewt-OST0017",
				    status->round < 20000 ? EIO : 0);
		tried_again(status, ACTION_MOUNT, "lustrewt-OST0018", EIO);
	}
	assert_int_equal(status->outcome_count, 4);
	mount = &status->outcomes[2];
	assert_string_equal(mount->target, "lustrewt-OST0017");
	assert_int_equal(mount->kind, OUTCOME_DONE);
	assert_int_equal(mount->code, 0);
	assert_int_equal(mount->retries, 19999);
	assert_int_equal(mount->started_usec, 1000000);
	assert_int_equal(mount->ended_usec, 20000 * 1000000ULL + 10);
	assert_int_equal(mount->tool_usec, 20000 * 5);
	assert_int_equal(status->outcomes[0].retries, 0);
	assert_true(status_did(status, ACTION_MOUNT, "lustrewt-OST0017"));
	json = status_to_json(status);
	if (status_from_json(json, again, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(again->outcomes[2].retries, 19999);
	json_decref(json);
	status_done(status);
	status_done(again);
	free(status);
	free(again);
}

/* That an index is taken after a format as before it is how a replacement in vain is known. */
static void a_format_makes_it_another_matter(void **state)
{
	struct status *status = calloc(1, sizeof(*status));

	(void)state;
	assert_non_null(status);
	status->round = 1;
	tried_again(status, ACTION_MOUNT, "lustrewt-OST0017", EADDRINUSE);
	status->round = 2;
	tried_again(status, ACTION_FORMAT, "lustrewt-OST0017", 0);
	tried_again(status, ACTION_MOUNT, "lustrewt-OST0017", EADDRINUSE);
	assert_int_equal(status->outcome_count, 3);
	status->round = 3;
	tried_again(status, ACTION_MOUNT, "lustrewt-OST0017", EADDRINUSE);
	assert_int_equal(status->outcome_count, 3);
	assert_int_equal(status->outcomes[0].action, ACTION_MOUNT);
	assert_int_equal(status->outcomes[1].action, ACTION_FORMAT);
	assert_int_equal(status->outcomes[2].retries, 1);
	status_done(status);
	free(status);
}

static void exit_codes_are_the_contracts(void **state)
{
	(void)state;
	assert_int_equal(verdict_exit_code(VERDICT_READY), 0);
	assert_int_equal(verdict_exit_code(VERDICT_FAILED), 1);
	assert_int_equal(verdict_exit_code(VERDICT_SPEC_ERROR), 2);
	assert_int_equal(verdict_exit_code(VERDICT_REFUSED), 3);
	assert_int_equal(verdict_exit_code(VERDICT_NOT_OURS), 4);
}

static void the_newest_plan_takes_the_place_of_earlier_ones(void **state)
{
	struct status *status = calloc(1, sizeof(*status));
	struct plan first = { 0 }, second = { 0 };
	struct plan_target *target;

	(void)state;
	assert_non_null(status);
	assert_int_equal(plan_refuse(&first, REFUSAL_NO_DISK, "a", "fix", "found"), 0);
	assert_int_equal(status_take_plan(status, &first), 0);
	assert_int_equal(status->refusal_count, 1);
	target = plan_add_target(&second);
	assert_non_null(target);
	strcpy(target->name, "lustrewt-OST0017");
	strcpy(target->mount_point, "/srv/x");
	target->in_service = true;
	assert_int_equal(status_take_plan(status, &second), 0);
	assert_int_equal(status->refusal_count, 0);
	assert_int_equal(status->standing_count, 1);
	assert_string_equal(status->standings[0].name, "lustrewt-OST0017");
	assert_true(status->standings[0].mounted);
	plan_done(&first);
	plan_done(&second);
	status_done(status);
	free(status);
}

static void json_is_read_as_written(void **state)
{
	struct status *status = calloc(1, sizeof(*status)), *again = calloc(1, sizeof(*again));
	struct plan plan = { 0 };
	json_t *json, *second;
	struct error err;

	(void)state;
	assert_true(status && again);
	assert_int_equal(plan_refuse(&plan, REFUSAL_DRIFT, "MGS", "do", "found"), 0);
	assert_int_equal(plan_refuse(&plan, REFUSAL_DRIFT, "lustrewt-MDT0000", "do", "found"), 0);
	status->verdict = VERDICT_REFUSED;
	status->started_usec = 1000;
	strcpy(status->sentence, "refused: x");
	strcpy(status->fsname, "lustrewt");
	tried(status, ACTION_MOUNT, "MGS", OUTCOME_FAILED, EADDRINUSE);
	status->outcomes[0].started_usec = status->outcomes[0].ended_usec = 2000;
	assert_non_null(mark_begin(&status->marks, "asked for user-data"));
	words_add(&plan.notes, "who loads Lustre by hand gets the other");
	status->marks.items[0].started_usec = 1500;
	status->marks.items[0].ended_usec = 1700;
	assert_int_equal(status_take_plan(status, &plan), 0);
	json = status_to_json(status);
	if (status_from_json(json, again, &err) < 0)
		fail_msg("%s", err.text);
	second = status_to_json(again);
	assert_true(json_equal(json, second));
	assert_string_equal(again->refusals[0].target, "MGS, lustrewt-MDT0000");
	assert_int_equal(again->outcomes[0].started_usec, 2000);
	assert_string_equal(again->marks.items[0].what, "asked for user-data");
	assert_string_equal(again->notes.items[0], "who loads Lustre by hand gets the other");
	assert_int_equal(again->marks.items[0].started_usec, 1500);
	assert_int_equal(again->marks.items[0].ended_usec, 1700);
	json_decref(json);
	json_decref(second);
	plan_done(&plan);
	status_done(status);
	status_done(again);
	free(status);
	free(again);
}

#define TIMES(start, end)                                                                        \
	"[{\"action\": \"mount\", \"what\": \"x\", \"result\": \"done\", \"start-usec\": " start \
	", \"end-usec\": " end ", \"tool-usec\": 0, \"chain-usec\": 0}]"

static void what_is_not_understood_is_refused(void **state)
{
	/* Each in place of what is right, and what is said of it. */
	static const struct {
		const char *key, *value, *said;
	} broken[] = {
		{ "verdict", "\"splendid\"", "verdict" },
		{ "verdict", "null", "verdict" },
		{ "sentence", "7", "sentence" },
		{ "fsname", "\"ninechars\"", "fsname" },
		{ "started-usec", "\"1\"", "started-usec" },
		{ "started-usec", "-1", "started-usec" },
		{ "started-usec", "4611686018427387904", "started-usec" },
		{ "ended-usec", "9007199254740993", "ended-usec" },
		{ "actions", TIMES("4611686018427387904", "0"), "start-usec" },
		{ "actions", TIMES("0", "9223372036854775807"), "end-usec" },
		{ "actions", "{}", "actions" },
		{ "marks", "[{\"what\": \"x\", \"start-usec\": 1}]", "is missing" },
		{ "marks", "[{\"what\": \"x\", \"start-usec\": 1, \"end-usec\": 9007199254740993}]",
		  "end-usec" },
		{ "actions", "[{\"action\": \"mount\"}]", "is missing" },
		{ "actions", "[{\"action\": \"wipe\"}]", "action" },
		{ "actions", "[{\"action\": \"mount\", \"result\": \"fine\"}]", "result" },
		{ "refusals", "[{\"code\": \"because\"}]", "code" },
		{ "targets", "[{\"name\": \"MGS\"}]", "is missing" },
		{ "targets", "[{\"mounted\": \"yes\"}]", "mounted" },
		{ "problems", "[\"all of it\"]", "problems 1" },
		{ "surprise", "true", "unknown key" },
	};
	struct status *status = calloc(1, sizeof(*status));
	struct error err = { 0 };

	(void)state;
	assert_non_null(status);
	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		json_t *json = status_to_json(status);
		json_t *value = json_loads(broken[i].value, JSON_DECODE_ANY, NULL);

		assert_true(json && value);
		assert_int_equal(json_object_set_new(json, broken[i].key, value), 0);
		assert_int_equal(status_from_json(json, status, &err), -EINVAL);
		if (!strstr(err.text, broken[i].said))
			fail_msg("%s: \"%s\"", broken[i].key, err.text);
		json_decref(json);
	}
	free(status);
}

/* Nothing that it always has may be missing. */
static void what_is_missing_is_refused(void **state)
{
	static const char *const keys[] = { "verdict", "sentence", "targets",
					    "actions", "refusals", "instance-id" };
	struct status *status = calloc(1, sizeof(*status));

	(void)state;
	assert_non_null(status);
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		json_t *json = status_to_json(status);

		assert_non_null(json);
		assert_int_equal(json_object_del(json, keys[i]), 0);
		assert_int_equal(status_from_json(json, status, NULL), -EINVAL);
		json_decref(json);
	}
	free(status);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_newest_outcome_counts),
		cmocka_unit_test(tries_of_one_action_are_one_outcome),
		cmocka_unit_test(a_format_makes_it_another_matter),
		cmocka_unit_test(exit_codes_are_the_contracts),
		cmocka_unit_test(the_newest_plan_takes_the_place_of_earlier_ones),
		cmocka_unit_test(json_is_read_as_written),
		cmocka_unit_test(what_is_not_understood_is_refused),
		cmocka_unit_test(what_is_missing_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
