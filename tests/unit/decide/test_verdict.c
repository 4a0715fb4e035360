/* SPDX-License-Identifier: Apache-2.0 */

/* What a round comes to: another one where what failed may pass, and an end that says what to do.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "decide/verdict.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static struct outcome failure(enum action_kind kind, bool passing)
{
	return (struct outcome){
		.action = kind,
		.kind = OUTCOME_FAILED,
		.passing = passing,
		.what = "create-pv /dev/nvme1n1",
		.text = "sync did not end in 600 s and was stopped",
	};
}

/* What a round with this one outcome comes to. */
static enum next judge(const struct outcome *outcome, struct status *status)
{
	const struct plan plan = { 0 };
	const struct outcome *transient = NULL;
	enum next next;

	*status = (struct status){ 0 };
	assert_non_null(status_take_outcome(status, outcome));
	next = verdict_of_round(status, &plan, "", &transient);
	if (next == NEXT_RETRY)
		assert_ptr_equal(transient, &status->outcomes[0]);
	return next;
}

static void what_may_pass_is_tried_again(void **state)
{
	struct status status;

	(void)state;
	for (enum action_kind kind = 0; kind < ACTION_KIND_MAX; kind++) {
		struct outcome outcome = failure(kind, /* passing= */ true);

		strcpy(outcome.target, "lustrewt-OST0017");
		assert_int_equal(judge(&outcome, &status), NEXT_RETRY);
		status_done(&status);
		outcome.passing = false;
		assert_int_equal(judge(&outcome, &status), NEXT_END);
		assert_int_equal(status.verdict, VERDICT_FAILED);
		status_done(&status);
	}
}

/* What is refused is a person's. */
static void a_refusal_does_not_pass(void **state)
{
	struct outcome outcome = failure(ACTION_CREATE_PV, /* passing= */ true);
	struct status status;

	(void)state;
	outcome.kind = OUTCOME_REFUSED;
	assert_int_equal(judge(&outcome, &status), NEXT_END);
	assert_int_equal(status.verdict, VERDICT_REFUSED);
	status_done(&status);
}

static void each_failure_says_what_to_do(void **state)
{
	struct status status;

	(void)state;
	for (enum action_kind kind = 0; kind < ACTION_KIND_MAX; kind++) {
		struct outcome outcome = failure(kind, /* passing= */ false);
		const char *first;

		judge(&outcome, &status);
		first = strstr(status.sentence, ". Next: ");
		if (!first || strlen(first) < strlen(". Next: ") + 20 || strstr(first, "(null)"))
			fail_msg("%s: %s", action_kind_name(kind), status.sentence);
		status_done(&status);
		snprintf(outcome.text, sizeof(outcome.text), "it failed. Next: look");
		judge(&outcome, &status);
		first = strstr(status.sentence, "Next: ");
		assert_string_equal(first, "Next: look");
		status_done(&status);
	}
}

/* The longest of both fits into what STATUS= says. */
static void nothing_of_it_is_cut(void **state)
{
	struct status status;

	(void)state;
	for (enum action_kind kind = 0; kind < ACTION_KIND_MAX; kind++) {
		struct outcome outcome = failure(kind, /* passing= */ false);

		memset(outcome.what, 'w', sizeof(outcome.what) - 1);
		memset(outcome.text, 't', sizeof(outcome.text) - 1);
		judge(&outcome, &status);
		assert_true(strlen(status.sentence) >= 700 &&
			    strlen(status.sentence) <= sizeof(status.sentence) - 2);
		status_done(&status);
	}
}

static void tries_have_an_end(void **state)
{
	struct outcome outcome = failure(ACTION_CREATE_PV, /* passing= */ true);

	(void)state;
	assert_true(verdict_tries_again(&outcome, /* overdue= */ true));
	outcome.retries = 3;
	assert_false(verdict_tries_again(&outcome, /* overdue= */ false));
	/* A mount has the time that the MGS has, and a few tries beyond it where its end is
	 * unknown. */
	outcome.action = ACTION_MOUNT;
	assert_true(verdict_tries_again(&outcome, /* overdue= */ false));
	assert_false(verdict_tries_again(&outcome, /* overdue= */ true));
	outcome.retries = 0;
	assert_true(verdict_tries_again(&outcome, /* overdue= */ true));
	/* So has what waits for a mount of somebody's. */
	outcome = failure(ACTION_REPLAY_JOURNAL, /* passing= */ true);
	outcome.code = EBUSY;
	outcome.retries = 3;
	assert_true(verdict_tries_again(&outcome, /* overdue= */ false));
	assert_false(verdict_tries_again(&outcome, /* overdue= */ true));
	/* But not what finds a disk in somebody's hands before it is written. */
	outcome = failure(ACTION_CHECK_DISKS, /* passing= */ true);
	outcome.code = EBUSY;
	outcome.retries = 3;
	assert_false(verdict_tries_again(&outcome, /* overdue= */ false));
	outcome = failure(ACTION_MOUNT, /* passing= */ false);
	outcome.code = ETIMEDOUT;
	assert_false(verdict_tries_again(&outcome, /* overdue= */ true));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_may_pass_is_tried_again),
		cmocka_unit_test(a_refusal_does_not_pass),
		cmocka_unit_test(each_failure_says_what_to_do),
		cmocka_unit_test(nothing_of_it_is_cut),
		cmocka_unit_test(tries_have_an_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
