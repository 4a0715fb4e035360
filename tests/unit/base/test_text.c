/* SPDX-License-Identifier: Apache-2.0 */

/* Texts from devices and tools are made fit for terminals and JSON. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/text.h"

#include <errno.h>

#include <string.h>

static void copied(const char *from, size_t size, const char *expected)
{
	char text[64];

	text_copy(text, size, from);
	assert_string_equal(text, expected);
}

static void good_texts_stay(void **state)
{
	(void)state;
	copied("", 64, "");
	copied("lustrewt:OST0017", 64, "lustrewt:OST0017");
	copied("/mnt/Gr\xc3\xb6\xc3\x9f"
	       "e/\xe2\x82\xac/\xf0\x9f\x90\x9f",
	       64,
	       "/mnt/Gr\xc3\xb6\xc3\x9f"
	       "e/\xe2\x82\xac/\xf0\x9f\x90\x9f");
}

static void bad_bytes_are_replaced(void **state)
{
	(void)state;
	copied("a\x1b[31mb\tc\x7f", 64, "a?[31mb?c?");
	copied("a\xc2\x9b"
	       "31m\xe2\x80\xae.",
	       64, "a??31m???."); /* C1, and text that is turned */
	copied("\xff\x80\xc0\xaf", 64, "????");
	copied("\xc3", 64, "?");                /* cut */
	copied("\xe2\x82", 64, "??");           /* cut */
	copied("\xc3(", 64, "?(");              /* not continued */
	copied("\xe0\x80\x80", 64, "???");      /* overlong */
	copied("\xed\xa0\x80", 64, "???");      /* a surrogate */
	copied("\xf4\x90\x80\x80", 64, "????"); /* beyond Unicode */
}

static void long_texts_are_cut_between_characters(void **state)
{
	(void)state;
	copied("abcdef", 4, "abc");
	copied("ab\xe2\x82\xac", 5, "ab");
	copied("ab\xe2\x82\xac", 6, "ab\xe2\x82\xac");
	copied("x", 1, "");
}

static void what_is_for_people_ends_in_an_ellipsis(void **state)
{
	(void)state;
	copied("abcdefghijklm", 12, "abcdefgh…");
	copied("abcdefgh€€", 12, "abcdefgh…");
	copied("abcdefghijk", 12, "abcdefghijk");
}

static void lines_are_cut_between_words(void **state)
{
	char text[24];

	(void)state;
	text_copy_line(text, sizeof(text), "no such device ", 15);
	assert_string_equal(text, "no such device");
	text_copy_line(text, sizeof(text), "cannot allocate 4096 bytes", 26);
	assert_string_equal(text, "cannot allocate …");
	text_copy_line(text, sizeof(text), "abcdefghijklmnopqrstuvwxyz", 26);
	assert_string_equal(text, "abcdefghijklmnopqrst…");
	text_copy_line(text, sizeof(text), "", 0);
	assert_string_equal(text, "");
}

static void sentences_are_one_printable_line(void **state)
{
	char text[32];

	(void)state;
	text_sentence(text, sizeof(text), "%s: %d", "a\nb\x1b[2J\xff", 7);
	assert_string_equal(text, "a?b?[2J?: 7");
	text_sentence(text, sizeof(text), "%s", "0123456789012345678901234567€€€");
	assert_string_equal(text, "0123456789012345678901234567…");
	text_sentence(
		text, sizeof(text), "%s",
		"\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80"
		"\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80");
	assert_string_equal(text, "????????????????????????????…");
}

/* A part of a value is another value. */
static void values_are_whole_or_nothing(void **state)
{
	char text[8] = "before";

	(void)state;
	assert_int_equal(text_format(text, sizeof(text), "%s%d", "abcde", 12), 0);
	assert_string_equal(text, "abcde12");
	assert_int_equal(text_format(text, sizeof(text), "%s%d", "abcde", 123), -ENAMETOOLONG);
	assert_string_equal(text, "");
	text_set(text, sizeof(text), "%s%d", "abcde", 12);
	assert_string_equal(text, "abcde12");
	text_set(text, sizeof(text), "%s%d", "abcde", 123);
	assert_string_equal(text, "");
	assert_int_equal(text_take(text, sizeof(text), "1234567"), 0);
	assert_string_equal(text, "1234567");
	assert_int_equal(text_take(text, sizeof(text), "12345678"), -ENAMETOOLONG);
	assert_string_equal(text, "");
	assert_int_equal(text_take(text, sizeof(text), "12345€"), -ENAMETOOLONG);
	assert_int_equal(text_take(text, sizeof(text), "a\tb"), 0);
	assert_string_equal(text, "a?b");
}

static void padding_is_left_out(void **state)
{
	char text[64], small[4];

	(void)state;
	text_copy_padded(text, sizeof(text), "  Amazon EC2   ", 15);
	assert_string_equal(text, "Amazon EC2");
	text_copy_padded(text, sizeof(text), "ab\0\0\0", 5);
	assert_string_equal(text, "ab");
	text_copy_padded(text, sizeof(text), "    ", 4);
	assert_string_equal(text, "");
	text_copy_padded(text, sizeof(text), "abc", 2);
	assert_string_equal(text, "ab");
	text_copy_padded(small, sizeof(small), "abcdef", 6);
	assert_string_equal(small, "abc");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_texts_stay),
		cmocka_unit_test(bad_bytes_are_replaced),
		cmocka_unit_test(long_texts_are_cut_between_characters),
		cmocka_unit_test(what_is_for_people_ends_in_an_ellipsis),
		cmocka_unit_test(lines_are_cut_between_words),
		cmocka_unit_test(sentences_are_one_printable_line),
		cmocka_unit_test(values_are_whole_or_nothing),
		cmocka_unit_test(padding_is_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
