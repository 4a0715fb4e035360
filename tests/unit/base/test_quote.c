/* SPDX-License-Identifier: Apache-2.0 */

/* Pieces of what somebody wrote, safe for terminals, and the characters that are. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/quote.h"
#include "base/utf8.h"

#include <string.h>

static void text_is_quoted(void **state)
{
	(void)state;
	assert_string_equal(quote("osd").text, "\"osd\"");
	assert_string_equal(quote("").text, "\"\"");
	assert_string_equal(quote("b\xc3\xbc"
				  "cher")
				    .text,
			    "\"b\xc3\xbc"
			    "cher\"");
}

static void what_is_not_to_be_shown_is_replaced(void **state)
{
	(void)state;
	assert_string_equal(quote("a\x1b[31mb\r\nc").text, "\"a?[31mb??c\"");
	assert_string_equal(quote("\xc2\x9b"
				  "31m")
				    .text,
			    "\"??31m\"");
	assert_string_equal(quote_bytes("a\0b", 3).text, "\"a?b\"");
}

static void long_text_is_cut_between_characters(void **state)
{
	char text[200] = "x";
	struct quote shown;

	(void)state;
	for (size_t i = 1; i + 2 < sizeof(text); i += 2)
		memcpy(text + i, "\xc3\xbc", 3);
	shown = quote(text);
	assert_true(strlen(shown.text) < QUOTE_MAX);
	assert_string_equal(shown.text + strlen(shown.text) - 4, "…\"");
	for (const char *p = shown.text; *p;) {
		size_t length = utf8_length(p, strlen(p));

		assert_int_not_equal(length, 0);
		p += length;
	}
}

static void utf8_is_strict(void **state)
{
	static const char *const broken[] = {
		"\x80",             /* a continuation alone */
		"\xc3",             /* cut off */
		"\xc0\xaf",         /* overlong */
		"\xe0\x80\xaf",     /* overlong */
		"\xed\xa0\x80",     /* a surrogate */
		"\xf4\x90\x80\x80", /* beyond Unicode */
		"\xff",
		"\x01",
		"\x7f",
		"\xc2\x85", /* C1 */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++)
		assert_int_equal(utf8_length(broken[i], strlen(broken[i])), 0);
	assert_int_equal(utf8_length("\0", 1), 0);
	assert_int_equal(utf8_length("\t", 1), 1);
	assert_int_equal(utf8_length("\xc2\xa0", 2), 2);
	assert_int_equal(utf8_length("\xe2\x82\xac", 3), 3);
	assert_int_equal(utf8_length("\xf0\x9f\x92\xbe", 4), 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_quoted),
		cmocka_unit_test(what_is_not_to_be_shown_is_replaced),
		cmocka_unit_test(long_text_is_cut_between_characters),
		cmocka_unit_test(utf8_is_strict),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
