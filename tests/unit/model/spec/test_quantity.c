/* SPDX-License-Identifier: Apache-2.0 */

/* Numbers as people write them: what is taken, and what is refused with which fix. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/spec/quantity.h"

#include <errno.h>
#include <string.h>

static void expect_fix(int r, const struct error *err, const char *fix)
{
	assert_int_equal(r, -EINVAL);
	if (!strstr(err->text, fix))
		fail_msg("\"%s\" does not say \"%s\"", err->text, fix);
}

static void numbers_are_decimal_and_unambiguous(void **state)
{
	struct error err = { 0 };
	uint64_t number = 99;

	(void)state;
	assert_int_equal(quantity_read_number("0", 10, &number, &err), 0);
	assert_int_equal(number, 0);
	assert_int_equal(quantity_read_number("65503", 65503, &number, &err), 0);
	assert_int_equal(number, 65503);
	number = 99;
	expect_fix(quantity_read_number("65504", 65503, &number, &err), &err, "at most 65503");
	expect_fix(quantity_read_number("0x17", 99, &number, &err), &err, "decimal");
	expect_fix(quantity_read_number("010", 99, &number, &err), &err, "leading zero");
	expect_fix(quantity_read_number("+3", 99, &number, &err), &err, "not a whole number");
	expect_fix(quantity_read_number("3.0", 99, &number, &err), &err, "not a whole number");
	expect_fix(quantity_read_number("", 99, &number, &err), &err, "not a whole number");
	expect_fix(quantity_read_number("18446744073709551616", UINT64_MAX, &number, &err), &err,
		   "usable size");
	assert_int_equal(number, 99);
}

static void sizes_are_powers_of_1024(void **state)
{
	static const struct {
		const char *text;
		uint64_t bytes;
	} good[] = {
		{ "262144", 262144 },
		{ "256K", 262144 },
		{ "256k", 262144 },
		{ "256KiB", 262144 },
		{ "256 KiB", 262144 },
		{ "1G", UINT64_C(1) << 30 },
		{ "1GiB", UINT64_C(1) << 30 },
		{ "2TiB", UINT64_C(2) << 40 },
		{ "0", 0 },
		{ "512B", 512 },
	};
	struct error err = { 0 };
	uint64_t bytes;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(quantity_read_size(good[i].text, &bytes, &err), 0);
		assert_int_equal(bytes, good[i].bytes);
	}
	expect_fix(quantity_read_size("1GB", &bytes, &err), &err, "write 1GiB");
	expect_fix(quantity_read_size("1kb", &bytes, &err), &err, "write 1KiB");
	expect_fix(quantity_read_size("1.5G", &bytes, &err), &err, "whole number and a unit");
	expect_fix(quantity_read_size("1X", &bytes, &err), &err, "whole number and a unit");
	expect_fix(quantity_read_size("G", &bytes, &err), &err, "whole number and a unit");
	expect_fix(quantity_read_size("-1G", &bytes, &err), &err, "whole number and a unit");
	expect_fix(quantity_read_size("99999999999T", &bytes, &err), &err, "too large");
}

static void percentages_go_from_1_to_100(void **state)
{
	struct error err = { 0 };
	unsigned percent;

	(void)state;
	assert_int_equal(quantity_read_percent("1%", &percent, &err), 0);
	assert_int_equal(percent, 1);
	assert_int_equal(quantity_read_percent("100%", &percent, &err), 0);
	assert_int_equal(percent, 100);
	expect_fix(quantity_read_percent("0%", &percent, &err), &err, "1% to 100%");
	expect_fix(quantity_read_percent("101%", &percent, &err), &err, "1% to 100%");
	expect_fix(quantity_read_percent("10", &percent, &err), &err, "1% to 100%");
	expect_fix(quantity_read_percent("1.5%", &percent, &err), &err, "1% to 100%");
}

static void times_are_whole_seconds(void **state)
{
	static const struct {
		const char *text;
		uint64_t seconds;
	} good[] = {
		{ "600", 600 },      { "90s", 90 },        { "10min", 600 },
		{ "10 min", 600 },   { "1h 30min", 5400 }, { "1h30min", 5400 },
		{ "2 hours", 7200 }, { "1d", 86400 },      { "5m", 300 },
	};
	struct error err = { 0 };
	uint64_t seconds;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(quantity_read_seconds(good[i].text, &seconds, &err), 0);
		assert_int_equal(seconds, good[i].seconds);
	}
	expect_fix(quantity_read_seconds("1h 30", &seconds, &err), &err, "not a time");
	expect_fix(quantity_read_seconds("500ms", &seconds, &err), &err, "not a time");
	expect_fix(quantity_read_seconds("ten", &seconds, &err), &err, "not a time");
	expect_fix(quantity_read_seconds("", &seconds, &err), &err, "not a time");
	expect_fix(quantity_read_seconds("18446744073709551615d", &seconds, &err), &err,
		   "not a time");
}

static void what_is_formatted_reads_back(void **state)
{
	static const uint64_t values[] = { 0, 1, 59, 60, 90, 3600, 5400, 86400, 1 << 18, 3 << 20 };
	struct error err = { 0 };
	char text[32];
	uint64_t back;

	(void)state;
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		quantity_format_size(values[i], text, sizeof(text));
		assert_int_equal(quantity_read_size(text, &back, &err), 0);
		assert_int_equal(back, values[i]);
		quantity_format_seconds(values[i], text, sizeof(text));
		assert_int_equal(quantity_read_seconds(text, &back, &err), 0);
		assert_int_equal(back, values[i]);
	}
	quantity_format_size(1 << 18, text, sizeof(text));
	assert_string_equal(text, "256KiB");
	quantity_format_seconds(5400, text, sizeof(text));
	assert_string_equal(text, "1h30min");
}

static void switches_have_the_usual_words(void **state)
{
	struct error err = { 0 };
	bool on = false;

	(void)state;
	assert_int_equal(quantity_read_bool("Yes", &on, &err), 0);
	assert_true(on);
	assert_int_equal(quantity_read_bool("off", &on, &err), 0);
	assert_false(on);
	expect_fix(quantity_read_bool("maybe", &on, &err), &err, "neither yes nor no");
	expect_fix(quantity_read_bool("2", &on, &err), &err, "neither yes nor no");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_decimal_and_unambiguous),
		cmocka_unit_test(sizes_are_powers_of_1024),
		cmocka_unit_test(percentages_go_from_1_to_100),
		cmocka_unit_test(times_are_whole_seconds),
		cmocka_unit_test(what_is_formatted_reads_back),
		cmocka_unit_test(switches_have_the_usual_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
