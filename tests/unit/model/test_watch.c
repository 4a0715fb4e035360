/* SPDX-License-Identifier: Apache-2.0 */

/* What the watch knows is read back as it was written, and nothing else is understood. */

#include "model/watch.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char whole[] =
	"{\"boot-id\": \"b\", \"sentence\": \"s\", \"leaving\": \"begun\", \"leaving-step\": "
	"\"hooks\", \"had-hooks\": true, \"degraded\": "
	"[\"lustrewt-OST0017\"], \"notices\": [{\"kind\": \"maintenance\", \"id\": \"event-1\", "
	"\"code\": \"system-reboot\", \"when\": 5, \"until\": 6}], \"heard\": [{\"wall\": 8, "
	"\"boot\": 9, \"service\": 10}], \"left\": [\"mgs/MGS\"], \"changed-tags\": "
	"[\"lustre:index\"], \"metadata-trouble\": \"t\", \"events\": [{\"id\": \"disk-gone\", "
	"\"subject\": \"vol1\", \"target\": \"lustrewt-OST0017\", \"sentence\": \"gone\", "
	"\"since-usec\": 7, \"told\": true}]}";

static int read_text(const char *text, struct watch *ret)
{
	json_t *json = json_loads(text, 0, NULL);
	struct error err;
	int r;

	assert_non_null(json);
	r = watch_from_json(json, ret, &err);
	json_decref(json);
	return r;
}

static void it_is_read_back(void **state)
{
	struct watch watch;
	json_t *before = json_loads(whole, 0, NULL), *after;

	(void)state;
	assert_int_equal(read_text(whole, &watch), 0);
	assert_int_equal(watch.leaving, LEAVING_BEGUN);
	assert_int_equal(watch.notices.items[0].kind, NOTICE_MAINTENANCE);
	assert_int_equal(watch.events.items[0].kind, EVENT_DISK_GONE);
	after = watch_to_json(&watch);
	assert_true(json_equal(before, after));
	json_decref(before);
	json_decref(after);
	watch_done(&watch);
}

static void anything_else_is_refused(void **state)
{
	static const char *const bad[] = {
		"{}",
		"[]",
		"{\"boot-id\": \"b\", \"sentence\": \"s\", \"notices\": []}",
		"{\"boot-id\": \"b\", \"sentence\": \"s\", \"notices\": [], \"events\": [], \"x\": "
		"1}",
		"{\"boot-id\": \"b\", \"sentence\": \"s\", \"leaving\": \"soon\", \"notices\": [], "
		"\"events\": []}",
		"{\"boot-id\": \"b\", \"sentence\": \"s\", \"notices\": [{\"kind\": \"explode\"}], "
		"\"events\": []}",
		"{\"boot-id\": \"b\", \"sentence\": \"s\", \"notices\": [], \"events\": [{\"id\": "
		"\"disk-gone\"}]}",
	};
	struct watch watch;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(read_text(bad[i], &watch), -EINVAL);
}

static void a_notice_in_words(void **state)
{
	const struct notice stop = { .kind = NOTICE_STOP, .when_sec = 1767225720 };
	const struct notice reboot = { .kind = NOTICE_MAINTENANCE,
				       .id = "event-1",
				       .code = "system-reboot",
				       .when_sec = 1767225720 };
	char text[256];

	(void)state;
	notice_describe(&stop, text, sizeof(text));
	assert_string_equal(text, "spot notice: EC2 stops this instance at 2026-01-01T00:02:00Z");
	notice_describe(&reboot, text, sizeof(text));
	assert_string_equal(text,
			    "EC2 has scheduled system-reboot for 2026-01-01T00:02:00Z (event-1)");
}

static void what_of_a_notice_is_not_understood_is_said(void **state)
{
	const struct notice stop = { .kind = NOTICE_STOP };
	const struct notice event = { .kind = NOTICE_MAINTENANCE };
	const struct notice rebalance = { .kind = NOTICE_REBALANCE };
	char text[256];

	(void)state;
	notice_describe(&stop, text, sizeof(text));
	assert_string_equal(text, "spot notice: EC2 stops this instance, at a time that is not "
				  "understood: it is taken for two minutes from now");
	notice_describe(&event, text, sizeof(text));
	assert_string_equal(text,
			    "EC2 has scheduled an event that is not understood at a time that is "
			    "not understood (without an id that is understood)");
	notice_describe(&rebalance, text, sizeof(text));
	assert_non_null(strstr(text, "(said at a time that is not understood)"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_read_back),
		cmocka_unit_test(anything_else_is_refused),
		cmocka_unit_test(a_notice_in_words),
		cmocka_unit_test(what_of_a_notice_is_not_understood_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
