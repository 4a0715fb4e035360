/* SPDX-License-Identifier: Apache-2.0 */

/* Settings, problems and places. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/spec/setting.h"

#include <string.h>

static void places_are_told_as_far_as_known(void **state)
{
	struct origin origin = { .name = "user-data" };
	char text[ORIGIN_TEXT_MAX];

	(void)state;
	origin_format(&origin, text, sizeof(text));
	assert_string_equal(text, "user-data");
	origin.line = 3;
	origin_format(&origin, text, sizeof(text));
	assert_string_equal(text, "user-data, line 3");
	origin.column = 7;
	origin_format(&origin, text, sizeof(text));
	assert_string_equal(text, "user-data, line 3, column 7");
	origin_format(&origin, text, 12);
	assert_string_equal(text, "user-data, ");
}

static void settings_come_and_go(void **state)
{
	const struct origin origin = { .source = SOURCE_TAG, .name = "x" };
	struct settings settings = { 0 };

	(void)state;
	for (int i = 0; i < 100; i++)
		assert_non_null(settings_add(&settings, "role", &origin));
	assert_int_equal(words_add(&settings.items[99].values, "oss"), 0);
	settings_drop_last(&settings);
	assert_int_equal(settings.count, 99);
	settings_done(&settings);
	assert_int_equal(settings.count, 0);
	settings_done(&settings);
}

static void problems_are_bounded_and_counted(void **state)
{
	const struct origin origin = { .name = "user-data", .line = 1 };
	struct problems problems = { 0 };
	char text[PROBLEM_TEXT_MAX], large[2000];
	json_t *json;

	(void)state;
	memset(large, 'x', sizeof(large) - 1);
	large[sizeof(large) - 1] = '\0';
	problems_add(&problems, &origin, "%s", large);
	assert_int_equal(strlen(problems.items[0].text), sizeof(problems.items[0].text) - 1);
	for (int i = 1; i < PROBLEMS_MAX + 5; i++)
		problems_add(&problems, &origin, "number %d", i);
	assert_int_equal(problems.count, PROBLEMS_MAX);
	assert_int_equal(problems.left_out, 5);
	problem_format(&problems.items[1], text, sizeof(text));
	assert_string_equal(text, "user-data, line 1: number 1");
	json = problems_to_json(&problems);
	assert_int_equal(json_array_size(json), PROBLEMS_MAX);
	assert_int_equal(json_integer_value(json_object_get(json_array_get(json, 1), "line")), 1);
	assert_null(json_object_get(json_array_get(json, 1), "column"));
	json_decref(json);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(places_are_told_as_far_as_known),
		cmocka_unit_test(settings_come_and_go),
		cmocka_unit_test(problems_are_bounded_and_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
