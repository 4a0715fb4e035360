/* SPDX-License-Identifier: Apache-2.0 */

/* Times of EC2 are read as the C library would, and written back. */

#include "base/utc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

#include <cmocka.h>

static void all_days_agree_with_the_c_library(void **state)
{
	(void)state;
	/* Each day of 600 years, each at another time of day. */
	for (uint64_t day = 1; day < 219150; day++) {
		const time_t sec = (time_t)(day * 86400 + day * 7919 % 86400);
		char text[UTC_TEXT_SIZE], expected[64];
		struct tm when;
		uint64_t read;

		gmtime_r(&sec, &when);
		strftime(expected, sizeof(expected), "%Y-%m-%dT%H:%M:%SZ", &when);
		utc_format((uint64_t)sec, text);
		assert_string_equal(text, expected);
		assert_true(utc_parse(text, &read));
		assert_int_equal(read, sec);
		strftime(expected, sizeof(expected), "%d %b %Y %H:%M:%S GMT", &when);
		assert_true(utc_parse_http(expected, &read));
		assert_int_equal(read, sec);
	}
}

static void known_forms(void **state)
{
	uint64_t sec;

	(void)state;
	assert_true(utc_parse("2017-09-18T08:22:00Z", &sec));
	assert_int_equal(sec, 1505722920);
	assert_true(utc_parse("2017-09-18T08:22:00+00:00", &sec));
	assert_int_equal(sec, 1505722920);
	assert_true(utc_parse("2017-09-18T08:22:00.5-00:00", &sec));
	assert_int_equal(sec, 1505722920);
	assert_true(utc_parse("2017-09-18T08:22:00.123Z", &sec));
	assert_int_equal(sec, 1505722920);
	assert_true(utc_parse_http("21 Jan 2019 09:00:43 GMT", &sec));
	assert_int_equal(sec, 1548061243);
	assert_true(utc_parse_http("1 Jan 2019 09:00:43 GMT", &sec));
	assert_true(utc_parse("9999-12-31T23:59:59Z", &sec));
	assert_int_equal(sec, UTC_SEC_MAX);
}

static void anything_else_is_none(void **state)
{
	static const char *const bad[] = {
		"",
		"Z",
		"2017-09-18",
		"2017-09-18T08:22:00",
		"2017-09-18 08:22:00Z",
		"2017-09-18T08:22:00+01:00",
		"2017-09-18T08:22:00+00:00Z",
		"2017-09-18T08:22:00+0000",
		"2017-09-18T08:22:00.Z",
		"2017-13-18T08:22:00Z",
		"2017-02-29T08:22:00Z",
		"2100-02-29T08:22:00Z",
		"2017-00-18T08:22:00Z",
		"2017-09-00T08:22:00Z",
		"2017-09-18T24:00:00Z",
		"2017-09-18T08:60:00Z",
		"1969-12-31T23:59:59Z",
		"2017-09-18T08:22:00Zx",
		"2017-9-18T08:22:00Z",
		"21 Jan 2019 09:00:43",
		"21 Foo 2019 09:00:43 GMT",
		"Jan 21 2019 09:00:43 GMT",
		"9999-12-31T23:59:60Z",
	};
	char text[UTC_TEXT_SIZE];
	uint64_t sec;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_false(utc_parse(bad[i], &sec));
		assert_false(utc_parse_http(bad[i], &sec));
	}
	utc_format(0, text);
	assert_string_equal(text, "");
	utc_format(UTC_SEC_MAX + 1, text);
	assert_string_equal(text, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_days_agree_with_the_c_library),
		cmocka_unit_test(known_forms),
		cmocka_unit_test(anything_else_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
