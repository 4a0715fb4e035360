/* SPDX-License-Identifier: Apache-2.0 */

/*
 * New names: from the same digits the same, from other digits others, and in the form that LVM
 * takes.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "decide/disks/names.h"

#include <ctype.h>
#include <string.h>

#define DIGITS "00112233445566778899aabbccddeeff0123456789abcdef0123456789abcdef"

static void groups_have_our_prefix_and_eight_digits(void **state)
{
	char name[128], other[128];

	(void)state;
	names_group(DIGITS, 0, name, sizeof(name));
	assert_int_equal(strlen(name), strlen("lustre-init-") + 8);
	assert_memory_equal(name, "lustre-init-", strlen("lustre-init-"));
	assert_int_equal(strspn(name + strlen("lustre-init-"), "0123456789abcdef"), 8);
	names_group(DIGITS, 0, other, sizeof(other));
	assert_string_equal(name, other);
	names_group(DIGITS, 1, other, sizeof(other));
	assert_string_not_equal(name, other);
	names_group("ff" DIGITS, 0, other, sizeof(other));
	assert_string_not_equal(name, other);
}

/* lvm2 lib/uuid/uuid.c: 6-4-4-4-4-4-6 of letters and digits. */
static void pv_uuids_have_lvms_form(void **state)
{
	static const char form[] = "xxxxxx-xxxx-xxxx-xxxx-xxxx-xxxx-xxxxxx";
	char uuid[40];

	(void)state;
	for (unsigned number = 0; number < 100; number++) {
		names_pv_uuid(DIGITS, number, uuid, sizeof(uuid));
		assert_int_equal(strlen(uuid), strlen(form));
		for (size_t i = 0; i < strlen(form); i++)
			assert_true(form[i] == '-' ? uuid[i] == '-'
						   : isalnum((unsigned char)uuid[i]));
	}
}

static void pv_uuids_differ(void **state)
{
	char uuids[64][40];

	(void)state;
	for (unsigned i = 0; i < 64; i++) {
		names_pv_uuid(DIGITS, i, uuids[i], sizeof(uuids[i]));
		for (unsigned j = 0; j < i; j++)
			assert_string_not_equal(uuids[i], uuids[j]);
	}
}

/* A fixture may hold fewer digits than the program draws. */
static void few_digits_are_enough(void **state)
{
	char uuid[40], name[128];

	(void)state;
	names_pv_uuid("", 0, uuid, sizeof(uuid));
	names_group("7", 3, name, sizeof(name));
	assert_int_equal(strlen(uuid), 38);
	assert_int_equal(strlen(name), strlen("lustre-init-") + 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(groups_have_our_prefix_and_eight_digits),
		cmocka_unit_test(pv_uuids_have_lvms_form),
		cmocka_unit_test(pv_uuids_differ),
		cmocka_unit_test(few_digits_are_enough),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
