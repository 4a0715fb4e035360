/* SPDX-License-Identifier: Apache-2.0 */

/* Owned lists of texts. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/words.h"

#include <errno.h>

static void words_are_copies_and_end_with_null(void **state)
{
	char text[] = "tcp";
	struct words words = { 0 };

	(void)state;
	assert_int_equal(words_add(&words, text), 0);
	text[0] = 'X';
	assert_int_equal(words_addf(&words, "%s%d", "tcp", 1), 0);
	assert_int_equal(words.count, 2);
	assert_string_equal(words.items[0], "tcp");
	assert_string_equal(words.items[1], "tcp1");
	assert_null(words.items[2]);
	words_done(&words);
	assert_int_equal(words.count, 0);
	words_done(&words);
}

static void empty_parts_are_left_out(void **state)
{
	struct words words = { 0 };

	(void)state;
	assert_int_equal(words_split(&words, ",,a,b c,,d,", ", "), 0);
	assert_int_equal(words.count, 4);
	assert_string_equal(words.items[2], "c");
	assert_int_equal(words_split(&words, "", ","), 0);
	assert_int_equal(words_split(&words, ",", ","), 0);
	assert_int_equal(words.count, 4);
	words_done(&words);
}

static void a_copy_replaces_what_was_there(void **state)
{
	struct words from = { 0 }, to = { 0 };

	(void)state;
	assert_int_equal(words_add(&from, "a"), 0);
	assert_int_equal(words_add(&to, "b"), 0);
	assert_int_equal(words_copy(&to, &from), 0);
	assert_int_equal(to.count, 1);
	assert_string_equal(to.items[0], "a");
	assert_ptr_not_equal(to.items[0], from.items[0]);
	assert_true(words_contain(&to, "a"));
	assert_false(words_contain(&to, "b"));
	assert_false(words_contain(&to, ""));
	words_done(&from);
	words_done(&to);
}

static void json_is_a_list_of_texts_and_nothing_else(void **state)
{
	json_t *good = json_pack("[ss]", "a", ""), *bad = json_pack("[si]", "a", 1);
	json_t *object = json_object(), *again;
	struct words words = { 0 };

	(void)state;
	assert_int_equal(words_from_json(bad, &words), -EINVAL);
	assert_int_equal(words_from_json(object, &words), -EINVAL);
	assert_int_equal(words.count, 0);
	assert_int_equal(words_from_json(good, &words), 0);
	again = words_to_json(&words);
	assert_true(json_equal(good, again));
	json_decref(good);
	json_decref(bad);
	json_decref(object);
	json_decref(again);
	words_done(&words);
}

static void a_list_for_people_has_whole_words(void **state)
{
	struct words words = { 0 };
	char text[128];

	(void)state;
	words_list(&words, text, sizeof(text));
	assert_string_equal(text, "");
	for (int i = 0; i < 33; i++)
		assert_int_equal(words_addf(&words, "0.23.%d.0@efa", i), 0);
	words_list(&words, text, sizeof(text));
	assert_string_equal(text, "0.23.0.0@efa, 0.23.1.0@efa, 0.23.2.0@efa, 0.23.3.0@efa, "
				  "0.23.4.0@efa, 0.23.5.0@efa, 0.23.6.0@efa, and 26 more");
	words_list(&words, text, 16);
	assert_string_equal(text, "33 of them");
	words_done(&words);
	assert_int_equal(words_add(&words, "10.0.0.23@tcp"), 0);
	words_list(&words, text, sizeof("10.0.0.23@tcp"));
	assert_string_equal(text, "10.0.0.23@tcp");
	words_done(&words);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_are_copies_and_end_with_null),
		cmocka_unit_test(empty_parts_are_left_out),
		cmocka_unit_test(a_copy_replaces_what_was_there),
		cmocka_unit_test(json_is_a_list_of_texts_and_nothing_else),
		cmocka_unit_test(a_list_for_people_has_whole_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
