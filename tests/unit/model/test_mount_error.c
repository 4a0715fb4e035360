/* SPDX-License-Identifier: Apache-2.0 */

/* Each way a mount can fail has words and a next step of its own, and a fate. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/mount_error.h"

#include <errno.h>
#include <string.h>

/* Those that were measured on Lustre, and whether each is tried again within one apply. */
static const struct {
	int code;
	enum mount_fate target, client;
} measured[] = {
	{ 98, MOUNT_DECIDED, MOUNT_ENDS },     { 114, MOUNT_ENDS, MOUNT_RETRIED },
	{ 17, MOUNT_RETRIED, MOUNT_RETRIED },  { 2, MOUNT_ENDS, MOUNT_RETRIED },
	{ 5, MOUNT_RETRIED, MOUNT_RETRIED },   { 16, MOUNT_RETRIED, MOUNT_RETRIED },
	{ 19, MOUNT_ENDS, MOUNT_ENDS },        { 22, MOUNT_ENDS, MOUNT_ENDS },
	{ 108, MOUNT_RETRIED, MOUNT_RETRIED }, { 110, MOUNT_RETRIED, MOUNT_RETRIED },
	{ 113, MOUNT_RETRIED, MOUNT_RETRIED },
};
#define MEASURED (sizeof(measured) / sizeof(measured[0]))

static void each_has_its_fate(void **state)
{
	(void)state;
	for (size_t i = 0; i < MEASURED; i++) {
		int code = measured[i].code;

		assert_int_equal(mount_error_find(code, false)->fate, measured[i].target);
		assert_int_equal(mount_error_find(code, true)->fate, measured[i].client);
	}
}

static const struct mount_error *nth(size_t i)
{
	return mount_error_find(measured[i / 2].code, i % 2);
}

static void each_has_a_sentence_of_its_own_and_a_next_step(void **state)
{
	const struct mount_error *unknown = mount_error_find(77, false);

	(void)state;
	for (size_t i = 0; i < 2 * MEASURED; i++) {
		assert_true(strlen(nth(i)->sentence) > 10);
		assert_true(strlen(nth(i)->next) > 10);
		assert_string_not_equal(nth(i)->sentence, unknown->sentence);
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(nth(i)->sentence, nth(k)->sentence);
	}
}

/* The two that mean something else to a client, and are told so (measured). */
static void a_client_is_told_other_things(void **state)
{
	(void)state;
	assert_non_null(strstr(mount_error_find(ENOENT, true)->sentence, "file system"));
	assert_non_null(strstr(mount_error_find(ENOENT, false)->sentence, "target"));
	assert_non_null(strstr(mount_error_find(EBUSY, true)->next, "abort_recovery"));
	assert_non_null(strstr(mount_error_find(EBUSY, false)->sentence, "volume"));
	assert_non_null(strstr(mount_error_find(ETIMEDOUT, false)->next, "988"));
	assert_non_null(strstr(mount_error_find(ETIMEDOUT, true)->next, "988"));
}

/* Trying what nobody understands again and again helps nobody. */
static void what_is_unknown_ends(void **state)
{
	(void)state;
	assert_int_equal(mount_error_find(32, false)->fate, MOUNT_ENDS);
	assert_int_equal(mount_error_find(0, true)->fate, MOUNT_ENDS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_has_its_fate),
		cmocka_unit_test(each_has_a_sentence_of_its_own_and_a_next_step),
		cmocka_unit_test(a_client_is_told_other_things),
		cmocka_unit_test(what_is_unknown_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
