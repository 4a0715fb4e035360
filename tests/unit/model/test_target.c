/* SPDX-License-Identifier: Apache-2.0 */

/* Names of targets, volumes and phases: what is written on media for good. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/target.h"

static void names_are_lustres_own(void **state)
{
	char name[TARGET_NAME_MAX];

	(void)state;
	target_format_name(TARGET_OST, "lustrewt", 23, name, sizeof(name));
	assert_string_equal(name, "lustrewt-OST0017");
	target_format_name(TARGET_OST, "lustrewt", 65503, name, sizeof(name));
	assert_string_equal(name, "lustrewt-OSTffdf");
	target_format_name(TARGET_MDT, "a", 0, name, sizeof(name));
	assert_string_equal(name, "a-MDT0000");
	target_format_name(TARGET_MGT, "lustrewt", 7, name, sizeof(name));
	assert_string_equal(name, "MGS");
}

static void volumes_are_named_after_their_targets(void **state)
{
	char name[TARGET_NAME_MAX];

	(void)state;
	target_format_volume(TARGET_OST, 0x17, name, sizeof(name));
	assert_string_equal(name, "ost0017");
	target_format_volume(TARGET_MDT, 0, name, sizeof(name));
	assert_string_equal(name, "mdt0000");
	target_format_volume(TARGET_MGT, 3, name, sizeof(name));
	assert_string_equal(name, "mgt");
}

static void kinds_read_back(void **state)
{
	enum target_kind kind;

	(void)state;
	for (enum target_kind each = 0; each < TARGET_KIND_MAX; each++) {
		assert_true(target_kind_from_name(target_kind_name(each), &kind));
		assert_int_equal(kind, each);
	}
	assert_false(target_kind_from_name("ost", &kind));
	assert_false(target_kind_from_name("", &kind));
}

static void phases_read_back(void **state)
{
	(void)state;
	for (enum phase each = PHASE_CREATING; each < PHASE_MAX; each++)
		assert_int_equal(phase_from_name(phase_name(each)), each);
	assert_string_equal(phase_name(PHASE_SERVED), "served");
	assert_int_equal(phase_from_name(""), PHASE_NONE);
	assert_int_equal(phase_from_name("serve"), PHASE_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_lustres_own),
		cmocka_unit_test(volumes_are_named_after_their_targets),
		cmocka_unit_test(kinds_read_back),
		cmocka_unit_test(phases_read_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
