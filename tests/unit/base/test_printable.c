/* SPDX-License-Identifier: Apache-2.0 */

/* What reaches terminals, the journal, STATUS= and JSON. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/json_whole.h"
#include "base/printable.h"
#include "base/words.h"

#include <string.h>

static void text_is_shown(void **state)
{
	static const char *const texts[] = {
		"a", " ", "~", "\xc3\xbc", "\xe2\x82\xac", "\xf0\x9f\x90\x9f", "\xc2\xa0"
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_int_equal(printable_length(texts[i], strlen(texts[i])), strlen(texts[i]));
}

static void what_a_terminal_obeys_is_not(void **state)
{
	static const char *const texts[] = {
		"\x01",
		"\x07",
		"\x1b",
		"\t",
		"\n",
		"\r",
		"\x7f",
		"\xc2\x80",
		"\xc2\x85",
		"\xc2\x9b",
		"\xc2\x9f",
		"\xc2\xad",
		"\xd8\x9c",
		"\xe2\x80\x8b",
		"\xe2\x80\x8f",
		"\xe2\x80\xa8",
		"\xe2\x80\xa9",
		"\xe2\x80\xaa",
		"\xe2\x80\xae",
		"\xe2\x81\xa0",
		"\xe2\x81\xa6",
		"\xe2\x81\xa9",
		"\xef\xbb\xbf",
		"\xef\xbf\xbe",
		"\xef\xb7\x90",
		"\xf0\x9f\xbf\xbf",
		"\xf3\xa0\x80\xa0",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_int_equal(printable_length(texts[i], strlen(texts[i])), 0);
}

static void what_is_no_text_is_not(void **state)
{
	(void)state;
	assert_int_equal(printable_length("\0", 1), 0);
	assert_int_equal(printable_length("\xff", 1), 0);
	assert_int_equal(printable_length("\xc3", 1), 0);
	assert_int_equal(printable_length("\xc0\xaf", 2), 0);
	assert_int_equal(printable_length("\xed\xa0\x80", 3), 0);
}

static void it_is_replaced_in_place(void **state)
{
	char text[] = "a\x1b[31m\tb\xffz\xe2\x80\xae\xc3";

	(void)state;
	printable_make(text);
	assert_string_equal(text, "a?[31m?b?z????");
}

/* One text that is none would be the end of the whole. */
static void json_is_made_of_anything(void **state)
{
	struct words words = { 0 };
	json_t *json;

	(void)state;
	words_add(&words, "a\xff\x1b\xc2\x9b");
	json = words_to_json(&words);
	assert_non_null(json);
	assert_string_equal(json_string_value(json_array_get(json, 0)), "a????");
	json_decref(json);
	words_done(&words);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_shown),
		cmocka_unit_test(what_a_terminal_obeys_is_not),
		cmocka_unit_test(what_is_no_text_is_not),
		cmocka_unit_test(it_is_replaced_in_place),
		cmocka_unit_test(json_is_made_of_anything),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
