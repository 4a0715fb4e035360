/* SPDX-License-Identifier: Apache-2.0 */

/* MIME as RFC 2045 and 2046 have it, and as people's tools write it. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ask/document/mime.h"

#include <string.h>

static struct mime_headers headers_of(const char *text)
{
	struct mime_headers headers;

	mime_read_headers(text, strlen(text), &headers, NULL, NULL);
	return headers;
}

static void headers_are_read_in_any_case_and_folding(void **state)
{
	struct mime_headers headers = headers_of("CONTENT-type: Multipart/MIXED;\r\n"
						 "\tBoundary=\"=== a\\\"b ===\" ;\r\n"
						 " charset = UTF-8\r\n"
						 "content-Transfer-ENCODING:  Base64  \r\n"
						 "\r\nbody");

	(void)state;
	assert_string_equal(headers.type, "multipart/mixed");
	assert_string_equal(headers.boundary, "=== a\"b ===");
	assert_string_equal(headers.charset, "utf-8");
	assert_string_equal(headers.transfer, "base64");
	assert_true(headers.is_mime);
	assert_false(headers.lacks_blank);
	assert_int_equal(headers.body, strlen("CONTENT-type: Multipart/MIXED;\r\n"
					      "\tBoundary=\"=== a\\\"b ===\" ;\r\n"
					      " charset = UTF-8\r\n"
					      "content-Transfer-ENCODING:  Base64  \r\n"
					      "\r\n"));
}

static void a_missing_blank_line_is_seen(void **state)
{
	struct mime_headers headers = headers_of("Content-Type: text/lustre-init\n#lustre-init\nx");

	(void)state;
	assert_true(headers.lacks_blank);
	assert_int_equal(headers.body, strlen("Content-Type: text/lustre-init\n"));
	headers = headers_of("Content-Type: text/plain\n");
	assert_false(headers.lacks_blank);
	headers = headers_of("Content-Type: text/plain\n \t\nbody");
	assert_false(headers.lacks_blank);
	assert_int_equal(headers.body, strlen("Content-Type: text/plain\n \t\n"));
	headers = headers_of("\nbody");
	assert_false(headers.lacks_blank);
	assert_int_equal(headers.body, 1);
}

static void the_first_of_two_headers_counts(void **state)
{
	struct mime_headers headers = headers_of("Content-Type: a/b\nContent-Type: c/d\n"
						 "Launch-Index: 3\n\n");

	(void)state;
	assert_string_equal(headers.type, "a/b");
	assert_true(headers.is_launch_only);
}

static void long_values_are_cut_and_never_overflow(void **state)
{
	char text[4096];
	struct mime_headers headers;

	(void)state;
	memset(text, 'x', sizeof(text));
	memcpy(text, "Content-Type: ", 14);
	mime_read_headers(text, sizeof(text), &headers, NULL, NULL);
	assert_int_equal(strlen(headers.type), sizeof(headers.type) - 1);
	assert_int_equal(headers.body, sizeof(text));
}

static void messages_are_told_from_other_text(void **state)
{
	static const char mbox[] = "\nFrom nobody Mon Jan  1 00:00:00 2024\nMIME-Version: 1.0\n\n";
	static const char yaml[] = "#cloud-config\nruncmd: []\n", document[] = "role: oss\n\n";

	(void)state;
	assert_int_equal(mime_message_start(mbox, strlen(mbox)),
			 strlen("\nFrom nobody Mon Jan  1 00:00:00 2024\n"));
	assert_int_equal(mime_message_start(yaml, strlen(yaml)), strlen(yaml));
	assert_int_equal(mime_message_start(document, strlen(document)), strlen(document));
	assert_int_equal(mime_message_start("", 0), 0);
}

/* Expects exactly these parts. */
static void expect_parts(const char *body, const char *boundary, bool is_closed, size_t count,
			 const char *const expected[])
{
	struct mime_parts parts = mime_parts_of(body, strlen(body), boundary);
	const char *data;
	size_t size;

	for (size_t i = 0; i < count; i++) {
		assert_true(mime_next_part(&parts, &data, &size));
		assert_int_equal(size, strlen(expected[i]));
		assert_memory_equal(data, expected[i], size);
	}
	assert_false(mime_next_part(&parts, &data, &size));
	assert_int_equal(parts.is_closed, is_closed);
}

static void parts_stand_between_delimiters(void **state)
{
	static const char *const two[] = { "one", "two\n" };
	static const char *const crlf[] = { "one\r\nline", "" };
	static const char *const longer[] = { "--XY\n--X-\n--X--Y" };
	static const char *const open[] = { "one\n" };

	(void)state;
	expect_parts("preamble\n--X\none\n--X\ntwo\n\n--X--\nepilogue\n--X\nno", "X", true, 2, two);
	expect_parts("--X\r\none\r\nline\r\n--X \t\r\n\r\n--X--", "X", true, 2, crlf);
	expect_parts("--X\n--XY\n--X-\n--X--Y\n--X--\n", "X", true, 1, longer);
	expect_parts("--X\none\n", "X", false, 1, open);
	expect_parts("--X--\n--X\none\n--X--", "X", false, 0, NULL);
	expect_parts("--\none\n----", "", false, 0, NULL);
	expect_parts("--X", "X", false, 0, NULL);
	expect_parts("", "X", false, 0, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(headers_are_read_in_any_case_and_folding),
		cmocka_unit_test(a_missing_blank_line_is_seen),
		cmocka_unit_test(the_first_of_two_headers_counts),
		cmocka_unit_test(long_values_are_cut_and_never_overflow),
		cmocka_unit_test(messages_are_told_from_other_text),
		cmocka_unit_test(parts_stand_between_delimiters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
