/* SPDX-License-Identifier: Apache-2.0 */

/* Our tags among those of others. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/volume_tags.h"

static void tag(struct words *tags, const char *text)
{
	assert_int_equal(words_add(tags, text), 0);
}

static void ours_is_the_whole_tag(void **state)
{
	struct words tags = { 0 };

	(void)state;
	assert_false(volume_tags_ours(&tags));
	tag(&tags, "lustre-init2");
	tag(&tags, "lustre-init.target=MGS");
	assert_false(volume_tags_ours(&tags));
	tag(&tags, "lustre-init");
	assert_true(volume_tags_ours(&tags));
	words_done(&tags);
}

static void values_are_found_by_their_whole_name(void **state)
{
	struct words tags = { 0 };

	(void)state;
	tag(&tags, "site.target=other");
	tag(&tags, "lustre-init.targets=no");
	tag(&tags, "lustre-initXtarget=no");
	tag(&tags, "lustre-init.target=lustrewt-OST0017");
	tag(&tags, "lustre-init.pvs=");
	assert_string_equal(volume_tag_value(&tags, "target"), "lustrewt-OST0017");
	assert_string_equal(volume_tag_value(&tags, "pvs"), "");
	assert_null(volume_tag_value(&tags, "instance"));
	words_done(&tags);
}

static void phases_that_are_not_known_are_none(void **state)
{
	struct words tags = { 0 };

	(void)state;
	assert_int_equal(volume_tags_phase(&tags), PHASE_NONE);
	tag(&tags, "lustre-init.phase=registering");
	assert_int_equal(volume_tags_phase(&tags), PHASE_REGISTERING);
	words_done(&tags);
	tag(&tags, "lustre-init.phase=parked");
	assert_int_equal(volume_tags_phase(&tags), PHASE_NONE);
	words_done(&tags);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ours_is_the_whole_tag),
		cmocka_unit_test(values_are_found_by_their_whole_name),
		cmocka_unit_test(phases_that_are_not_known_are_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
