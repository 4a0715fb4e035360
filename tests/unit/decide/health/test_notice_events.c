/* SPDX-License-Identifier: Apache-2.0 */

/* A notice is an event once, and takes targets out of service only when it is due by two clocks. */

#include "decide/health/notice_events.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define DAY_SEC 86400

static const struct notice terminate = { .kind = NOTICE_TERMINATE, .when_sec = 1000000 };
static const struct notice rebalance = { .kind = NOTICE_REBALANCE, .when_sec = 900000 };
static const struct notice reboot = {
	.kind = NOTICE_MAINTENANCE, .id = "event-1", .code = "system-reboot", .when_sec = 1000000
};
static const struct notice retirement = { .kind = NOTICE_MAINTENANCE,
					  .id = "event-2",
					  .code = "instance-retirement",
					  .when_sec = 1000000 };

static void what_is_new_begins_and_what_is_missing_ends(void **state)
{
	const struct notices before = { .items = { terminate, rebalance }, .count = 2 };
	const struct notices now = { .items = { rebalance, reboot }, .count = 2 };
	struct watch_event events[NOTICE_EVENTS_MAX];

	(void)state;
	assert_int_equal(notice_events(&before, &now, events), 2);
	assert_int_equal(events[0].kind, EVENT_SPOT_TERMINATE);
	assert_int_equal(events[0].change, CHANGE_ENDED);
	assert_int_equal(events[1].kind, EVENT_MAINTENANCE);
	assert_int_equal(events[1].change, CHANGE_BEGAN);
	assert_string_equal(events[1].subject, "event-1");
	assert_int_equal(notice_events(&now, &now, events), 0);
}

static void two_full_lists_fit(void **state)
{
	struct notices before = { .count = NOTICES_MAX }, now = { .count = NOTICES_MAX };
	struct watch_event events[NOTICE_EVENTS_MAX];

	(void)state;
	for (size_t i = 0; i < NOTICES_MAX; i++) {
		before.items[i] = (struct notice){ .kind = NOTICE_STOP, .when_sec = i + 1 };
		now.items[i] = (struct notice){ .kind = NOTICE_STOP, .when_sec = i + 100 };
	}
	assert_int_equal(notice_events(&before, &now, events), NOTICE_EVENTS_MAX);
}

/* It may stand as before: nobody is told that it is over. */
static void what_is_left_out_is_not_over(void **state)
{
	struct notices before = { 0 }, now = { 0 };
	struct watch_event events[NOTICE_EVENTS_MAX];

	(void)state;
	for (unsigned i = 0; i < NOTICES_MAX; i++) {
		struct notice one = reboot;

		one.id[0] = (char)('A' + i);
		one.when_sec += i;
		notices_add(&before, &one);
		notices_add(&now, &one);
	}
	notices_add(&now, &terminate);
	assert_int_equal(now.left_out, 1);
	assert_int_equal(notice_events(&before, &now, events), 1);
	assert_int_equal(events[0].kind, EVENT_SPOT_TERMINATE);
	assert_int_equal(events[0].change, CHANGE_BEGAN);
	/* And what was left out begins when it is not any more. */
	assert_int_equal(notice_events(&now, &before, events), 2);
	assert_int_equal(events[0].change, CHANGE_ENDED);
	assert_int_equal(events[1].change, CHANGE_BEGAN);
	/* But what is missing before the last that is kept is. */
	now.items[5].id[0] = 'z';
	assert_int_equal(notice_events(&before, &now, events), 3);
	assert_int_equal(events[0].change, CHANGE_ENDED);
}

/* As in a watch.json that somebody wrote: there is no last one, and before the first lies whatever
 * does. */
static void without_a_last_one_nothing_is_left_out_behind_it(void **state)
{
	const struct {
		struct notice whatever;
		struct notices now;
	} written = { { .kind = NOTICE_TERMINATE, .when_sec = 1 }, { .left_out = 5 } };
	const struct notices before = { .items = { terminate }, .count = 1 };
	struct watch_event events[NOTICE_EVENTS_MAX];

	(void)state;
	assert_int_equal(notice_events(&before, &written.now, events), 1);
	assert_int_equal(events[0].change, CHANGE_ENDED);
}

static bool is_due(const struct notice *notice, uint64_t wall_sec, uint64_t heard_wall_sec,
		   uint64_t since_sec)
{
	const struct notice_clock clock = { .wall_sec = wall_sec,
					    .heard = { .wall_sec = heard_wall_sec, .boot_sec = 50 },
					    .boot_sec = 50 + since_sec };

	return notice_due_in_sec(notice, &clock) == 0;
}

static void only_the_end_of_the_instance_is_due(void **state)
{
	(void)state;
	assert_true(is_due(&terminate, 999900, 999900, 0));
	assert_true(is_due(&terminate, 5, 5, 0)); /* whatever the clocks say */
	assert_false(is_due(&rebalance, 2000000, 2000000, 0));
	assert_false(is_due(&reboot, 2000000, 2000000, 0));
	assert_true(is_due(&retirement, 999900, 999900, 0));
	assert_true(is_due(&retirement, 999900, 999000, 900));
	assert_true(is_due(&retirement, 999880, 999880, 0));
	assert_false(is_due(&retirement, 999879, 999879, 0));
}

/* A spot notice is short whatever its time is; an event may be weeks away. */
static void a_time_that_is_not_understood_is_soon_for_a_spot_notice_alone(void **state)
{
	const struct notice spot = { .kind = NOTICE_TERMINATE };
	const struct notice event = { .kind = NOTICE_MAINTENANCE, .code = "instance-stop" };
	struct watch_event told;

	(void)state;
	assert_true(is_due(&spot, 1000000, 1000000, 0));
	assert_int_equal(notice_left_sec(&spot, 1000000), NOTICE_LEAD_SEC);
	assert_false(is_due(&event, 1000000, 1000000, 0));
	notice_event(&event, CHANGE_BEGAN, &told);
	assert_non_null(strstr(told.sentence, "nothing is done"));
}

/* EC2 may come to have further ones. */
static void of_a_code_that_is_not_known_nothing_is_promised(void **state)
{
	static const char *const keep[] = { "system-reboot", "instance-reboot",
					    "system-maintenance" };
	struct notice event = { .kind = NOTICE_MAINTENANCE, .when_sec = 1000000 };
	struct watch_event told;

	(void)state;
	for (size_t i = 0; i < sizeof(keep) / sizeof(keep[0]); i++) {
		strcpy(event.code, keep[i]);
		notice_event(&event, CHANGE_BEGAN, &told);
		assert_non_null(strstr(told.sentence, "instance-store disks outlast it"));
	}
	strcpy(event.code, "instance-migration");
	notice_event(&event, CHANGE_BEGAN, &told);
	assert_null(strstr(told.sentence, "outlast"));
	assert_non_null(strstr(told.sentence, "instance-migration"));
	assert_non_null(strstr(told.sentence, "describe-instance-status"));
}

static void one_clock_alone_makes_nothing_due(void **state)
{
	(void)state;
	/* A day before, and the wall clock steps by a day; the same backwards. */
	assert_false(is_due(&retirement, 1000000, 1000000 - DAY_SEC, 10));
	assert_false(is_due(&retirement, 1000000 - DAY_SEC, 1000000 - 300, 300));
}

static void a_clock_that_was_wrong_from_the_beginning_makes_nothing_due(void **state)
{
	const uint64_t when_sec = retirement.when_sec;
	struct notice_clock clock = {
		.wall_sec = when_sec,
		.boot_sec = 50,
		.heard = { .wall_sec = when_sec, .boot_sec = 50, .service_sec = when_sec - DAY_SEC }
	};

	(void)state;
	assert_int_equal(notice_due_in_sec(&retirement, &clock), DAY_SEC - NOTICE_LEAD_SEC);
	clock.boot_sec += DAY_SEC;
	assert_int_equal(notice_due_in_sec(&retirement, &clock), 0);
}

/* As one that was set right after the notice was heard. */
static void a_clock_that_was_wrong_at_the_beginning_keeps_nothing_from_being_due(void **state)
{
	const uint64_t when_sec = retirement.when_sec;
	struct notice_clock clock = { .wall_sec = when_sec - 300,
				      .boot_sec = 50,
				      .heard = { .wall_sec = when_sec - DAY_SEC,
						 .boot_sec = 50,
						 .service_sec = when_sec - 300 } };

	(void)state;
	assert_int_equal(notice_due_in_sec(&retirement, &clock), 300 - NOTICE_LEAD_SEC);
	clock.boot_sec += 300;
	clock.wall_sec += 300;
	assert_int_equal(notice_due_in_sec(&retirement, &clock), 0);
	/* Nor does one that is stepped back behind that. */
	clock.heard.wall_sec = when_sec - 300;
	clock.wall_sec -= DAY_SEC;
	assert_int_equal(notice_due_in_sec(&retirement, &clock), 0);
}

static void what_was_due_stays_so(void **state)
{
	const struct notice_clock clock = { .wall_sec = 5, .heard = { .was_due = true } };

	(void)state;
	assert_int_equal(notice_due_in_sec(&retirement, &clock), 0);
	assert_int_equal(notice_due_in_sec(&reboot, &clock), NOTICE_NEVER_DUE);
}

static void the_time_left_is_bounded(void **state)
{
	const struct notice hibernate = { .kind = NOTICE_HIBERNATE, .when_sec = 1000000 };

	(void)state;
	assert_int_equal(notice_left_sec(&terminate, 999990), 10);
	assert_int_equal(notice_left_sec(&terminate, 5), NOTICE_LEAD_SEC);
	assert_int_equal(notice_left_sec(&terminate, 1000001), NOTICE_LEAD_SEC);
	assert_int_equal(notice_left_sec(&terminate, UINT64_MAX), NOTICE_LEAD_SEC);
	assert_int_equal(notice_left_sec(&hibernate, 999990), 0);
}

static void check_tags(const char *applied, const char *now, const char *changed)
{
	struct words before = { 0 }, after = { 0 }, keys = { 0 };
	char text[128];

	words_split(&before, applied, ";");
	words_split(&after, now, ";");
	assert_int_equal(notice_changed_tags(&before, &after, &keys), 0);
	words_list(&keys, text, sizeof(text));
	assert_string_equal(text, changed);
	words_done(&before);
	words_done(&after);
	words_done(&keys);
}

static void tags_are_compared_by_key_and_value(void **state)
{
	(void)state;
	check_tags("a=1;b=2", "a=1;b=2", "");
	check_tags("a=1;b=2", "b=2;a=1", "");
	check_tags("a=1;b=2", "a=1;b=3", "b");
	check_tags("a=1;b=2", "a=1", "b");
	check_tags("a=1", "a=1;b=2", "b");
	check_tags("a=1", "ab=1", "ab, a");
	check_tags("", "", "");
}

/* One key that fails keeps no notice from being heard, and nobody shall think so. */
static void only_who_is_deaf_is_called_deaf(void **state)
{
	struct watch_event event;

	(void)state;
	notice_trouble_event("it fails", /* is_deaf= */ true, CHANGE_BEGAN, &event);
	assert_non_null(strstr(event.sentence, "it fails; until it answers, no notice"));
	notice_trouble_event("it fails", /* is_deaf= */ false, CHANGE_BEGAN, &event);
	assert_non_null(strstr(event.sentence, "it fails; all else of it is heard. lustre-init"));
	notice_trouble_event("it answers", /* is_deaf= */ false, CHANGE_ENDED, &event);
	assert_string_equal(event.sentence, "it answers");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_new_begins_and_what_is_missing_ends),
		cmocka_unit_test(two_full_lists_fit),
		cmocka_unit_test(what_is_left_out_is_not_over),
		cmocka_unit_test(without_a_last_one_nothing_is_left_out_behind_it),
		cmocka_unit_test(only_the_end_of_the_instance_is_due),
		cmocka_unit_test(a_time_that_is_not_understood_is_soon_for_a_spot_notice_alone),
		cmocka_unit_test(of_a_code_that_is_not_known_nothing_is_promised),
		cmocka_unit_test(one_clock_alone_makes_nothing_due),
		cmocka_unit_test(a_clock_that_was_wrong_from_the_beginning_makes_nothing_due),
		cmocka_unit_test(
			a_clock_that_was_wrong_at_the_beginning_keeps_nothing_from_being_due),
		cmocka_unit_test(what_was_due_stays_so),
		cmocka_unit_test(the_time_left_is_bounded),
		cmocka_unit_test(tags_are_compared_by_key_and_value),
		cmocka_unit_test(only_who_is_deaf_is_called_deaf),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
