/* SPDX-License-Identifier: Apache-2.0 */

/* A code and a sentence, from where it happens to where it is told. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/error.h"

#include <errno.h>
#include <string.h>

static void a_code_comes_with_its_sentence(void **state)
{
	struct error err;

	(void)state;
	assert_int_equal(error_set(&err, -EINVAL, "%s: %d", "index", 7), -EINVAL);
	assert_int_equal(err.code, -EINVAL);
	assert_string_equal(err.text, "index: 7");
	assert_int_equal(error_errno(&err, -ENOENT, "cannot open %s", "x"), -ENOENT);
	assert_string_equal(err.text, "cannot open x: No such file or directory");
}

static void a_prefix_keeps_the_code(void **state)
{
	struct error err;

	(void)state;
	error_set(&err, -EIO, "cannot be read");
	assert_int_equal(error_prefix(&err, "nvme%dn1", 1), -EIO);
	assert_string_equal(err.text, "nvme1n1: cannot be read");
}

static void who_does_not_ask_is_told_nothing(void **state)
{
	(void)state;
	assert_int_equal(error_set(NULL, -EIO, "x"), -EIO);
	assert_int_equal(error_errno(NULL, -EIO, "x"), -EIO);
	assert_true(error_prefix(NULL, "x") < 0);
}

static void long_sentences_are_cut(void **state)
{
	char text[2 * ERROR_TEXT_MAX];
	struct error err;

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	error_errno(&err, -EIO, "%s", text);
	assert_int_equal(strlen(err.text), ERROR_TEXT_MAX - 1);
	error_prefix(&err, "%s", text);
	assert_int_equal(strlen(err.text), ERROR_TEXT_MAX - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_code_comes_with_its_sentence),
		cmocka_unit_test(a_prefix_keeps_the_code),
		cmocka_unit_test(who_does_not_ask_is_told_nothing),
		cmocka_unit_test(long_sentences_are_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
