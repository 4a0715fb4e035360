/* SPDX-License-Identifier: Apache-2.0 */

/* What EC2 gives notice of is read as documented; a notice is one also where something of it is not
 * understood, and anything else is refused. */

#include "ask/imds/notice_keys.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

typedef bool (*take_fn)(const char *body, size_t size, struct notices *ret);

#define ACTION(action, time) "{\"action\": \"" action "\", \"time\": \"" time "\"}"
#define TIME                 "2017-09-18T08:22:00Z"
#define TIME_SEC             1505722920

#define EVENT(before, code, id, state)                                               \
	"{\"NotBefore\": \"" before "\", \"Code\": \"" code "\", \"EventId\": \"" id \
	"\", \"State\": \"" state "\", \"Description\": \"any\"}"
#define BEFORE     "21 Jan 2019 09:00:43 GMT"
#define BEFORE_SEC 1548061243
#define ID         "instance-event-0d59937288b749b32"

struct story {
	take_fn take;
	const char *body;
	int count; /* -1: refused */
	struct notice first;
};

static const struct story stories[] = {
	{ imds_take_spot_action,
	  ACTION("terminate", TIME),
	  1,
	  { .kind = NOTICE_TERMINATE, .when_sec = TIME_SEC } },
	{ imds_take_spot_action,
	  ACTION("stop", TIME) "\n",
	  1,
	  { .kind = NOTICE_STOP, .when_sec = TIME_SEC } },
	{ imds_take_spot_action,
	  ACTION("hibernate", TIME),
	  1,
	  { .kind = NOTICE_HIBERNATE, .when_sec = TIME_SEC } },
	{ imds_take_spot_action,
	  "{\"action\": \"stop\", \"time\": \"" TIME "\", \"new\": 1}",
	  1,
	  { .kind = NOTICE_STOP, .when_sec = TIME_SEC } },
	{ imds_take_spot_action, ACTION("rebalance", TIME), -1, { 0 } },
	{ imds_take_spot_action, ACTION("maintenance", TIME), -1, { 0 } },
	{ imds_take_spot_action, ACTION("", TIME), -1, { 0 } },
	/* What takes the instance away is not to be missed for how its time is written. */
	{ imds_take_spot_action,
	  ACTION("terminate", "2017-09-18T08:22:00+00:00"),
	  1,
	  { .kind = NOTICE_TERMINATE, .when_sec = TIME_SEC } },
	{ imds_take_spot_action,
	  ACTION("terminate", "2017-09-18T08:22:00.123Z"),
	  1,
	  { .kind = NOTICE_TERMINATE, .when_sec = TIME_SEC } },
	{ imds_take_spot_action, ACTION("stop", "soon"), 1, { .kind = NOTICE_STOP } },
	{ imds_take_spot_action, ACTION("stop", BEFORE), 1, { .kind = NOTICE_STOP } },
	{ imds_take_spot_action, "{\"action\": \"stop\"}", 1, { .kind = NOTICE_STOP } },
	{ imds_take_spot_action,
	  "{\"action\": \"stop\", \"time\": 2}",
	  1,
	  { .kind = NOTICE_STOP } },
	{ imds_take_spot_action, "{\"action\": 1, \"time\": 2}", -1, { 0 } },
	{ imds_take_spot_action, "[]", -1, { 0 } },
	{ imds_take_spot_action, "stop", -1, { 0 } },
	{ imds_take_spot_action,
	  "{\"action\": \"stop\", \"action\": \"stop\", \"time\": \"" TIME "\"}",
	  -1,
	  { 0 } },
	{ imds_take_rebalance,
	  "{\"noticeTime\": \"" TIME "\"}",
	  1,
	  { .kind = NOTICE_REBALANCE, .when_sec = TIME_SEC } },
	{ imds_take_rebalance, "{\"noticeTime\": 5}", 1, { .kind = NOTICE_REBALANCE } },
	{ imds_take_rebalance, "{}", -1, { 0 } },
	{ imds_take_maintenance, "[]", 0, { 0 } },
	{ imds_take_maintenance,
	  "[" EVENT(BEFORE, "system-reboot", ID, "active") "]",
	  1,
	  { .kind = NOTICE_MAINTENANCE,
	    .id = ID,
	    .code = "system-reboot",
	    .when_sec = BEFORE_SEC } },
	{ imds_take_maintenance,
	  "[" EVENT(BEFORE, "instance-stop", "a", "completed") "," EVENT(
		  BEFORE, "instance-stop", "b", "canceled") "," EVENT(BEFORE, "instance-stop", "c",
								      "active") "]",
	  1,
	  { .kind = NOTICE_MAINTENANCE,
	    .id = "c",
	    .code = "instance-stop",
	    .when_sec = BEFORE_SEC } },
	/* What is over is no matter, however the rest of it is written. */
	{ imds_take_maintenance,
	  "[" EVENT("", "instance-stop", "a", "completed") "," EVENT("", "", "", "canceled") "]",
	  0,
	  { 0 } },
	{ imds_take_maintenance,
	  "[" EVENT(TIME, "system-reboot", ID, "active") "]",
	  1,
	  { .kind = NOTICE_MAINTENANCE, .id = ID, .code = "system-reboot" } },
	{ imds_take_maintenance,
	  "[" EVENT(BEFORE, "system reboot", ID, "active") "]",
	  1,
	  { .kind = NOTICE_MAINTENANCE, .id = ID, .when_sec = BEFORE_SEC } },
	{ imds_take_maintenance,
	  "[" EVENT(BEFORE, "system-reboot", "../x", "active") "]",
	  1,
	  { .kind = NOTICE_MAINTENANCE, .code = "system-reboot", .when_sec = BEFORE_SEC } },
	{ imds_take_maintenance,
	  "[" EVENT(BEFORE, "instance-stop", ID, "") "]",
	  1,
	  { .kind = NOTICE_MAINTENANCE, .id = ID, .when_sec = BEFORE_SEC } },
	{ imds_take_maintenance,
	  "[" EVENT(BEFORE, "a-code-that-is-longer-than-any-code-of-ec2", ID, "active") "]",
	  1,
	  { .kind = NOTICE_MAINTENANCE, .id = ID, .when_sec = BEFORE_SEC } },
	{ imds_take_maintenance, "[5, {}, 6]", 1, { .kind = NOTICE_MAINTENANCE } },
	{ imds_take_maintenance,
	  "[" EVENT(BEFORE, "instance-stop", ID, "active") ", 5]",
	  2,
	  { .kind = NOTICE_MAINTENANCE,
	    .id = ID,
	    .code = "instance-stop",
	    .when_sec = BEFORE_SEC } },
	{ imds_take_maintenance, "{}", -1, { 0 } },
	{ imds_take_maintenance, "null", -1, { 0 } },
};

static void each_is_read_or_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(stories) / sizeof(stories[0]); i++) {
		const struct story *story = &stories[i];
		struct notices notices;
		bool good = story->take(story->body, strlen(story->body), &notices);

		print_message("%s\n", story->body);
		assert_int_equal(good, story->count >= 0);
		if (!good)
			continue;
		assert_int_equal(notices.count, story->count);
		if (story->count > 0)
			assert_true(notice_is_same(&notices.items[0], &story->first));
	}
}

static void of_more_than_a_list_holds_the_last_are_left_out(void **state)
{
	struct notices notices;
	char *body = NULL;
	size_t size;
	FILE *stream = open_memstream(&body, &size);

	(void)state;
	fputc('[', stream);
	for (int i = 0; i <= NOTICES_MAX; i++)
		fprintf(stream,
			EVENT("21 Jan 20%d 09:00:43 GMT", "system-reboot", "event-%d",
			      "active") ",",
			50 - i, i);
	fputs(EVENT("", "instance-stop", "stop-some-day", "active") ",", stream);
	fputs(EVENT("21 Jan 2090 09:00:43 GMT", "instance-stop", "stop", "active") "]", stream);
	fclose(stream);
	assert_true(imds_take_maintenance(body, size, &notices));
	assert_int_equal(notices.count, NOTICES_MAX);
	assert_int_equal(notices.left_out, 3);
	assert_string_equal(notices.items[0].id, "stop");
	assert_string_equal(notices.items[1].id, "stop-some-day");
	assert_string_equal(notices.items[2].id, "event-16");
	assert_string_equal(notices.items[NOTICES_MAX - 1].id, "event-3");
	free(body);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_is_read_or_refused),
		cmocka_unit_test(of_more_than_a_list_holds_the_last_are_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
