/* SPDX-License-Identifier: Apache-2.0 */

/* An errno is told by its words and by its name, whatever number it is. */

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/errno_text.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

static void an_errno_has_words_and_a_name(void **state)
{
	(void)state;
	assert_string_equal(errno_text(ENXIO), "No such device or address");
	assert_string_equal(errno_name(ENXIO), "ENXIO");
	assert_string_equal(errno_name(EAGAIN), "EAGAIN");
	assert_string_equal(errno_name(EDEADLK), "EDEADLK");
	assert_string_equal(errno_name(EHWPOISON), "EHWPOISON");
}

/* The C library knows which numbers there are. */
static void every_number_in_use_has_a_name(void **state)
{
	(void)state;
	for (int code = 1; code < 4096; code++) {
		bool is_known = strncmp(errno_text(code), "Unknown error", 13) != 0;

		assert_int_equal(strcmp(errno_name(code), "?") != 0, is_known);
	}
}

static void no_number_is_without_words(void **state)
{
	static const int codes[] = { 0, -1, 41, 4095, 4096, INT_MAX, INT_MIN };

	(void)state;
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		assert_non_null(errno_text(codes[i]));
		assert_string_equal(errno_name(codes[i]), "?");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_errno_has_words_and_a_name),
		cmocka_unit_test(every_number_in_use_has_a_name),
		cmocka_unit_test(no_number_is_without_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
