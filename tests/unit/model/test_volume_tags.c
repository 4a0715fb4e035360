/* SPDX-License-Identifier: Apache-2.0 */

/* Our tags among those of others. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/volume_tags.h"

#include <string.h>

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

/* Which of two is true nobody knows: neither is. */
static void values_that_contradict_are_none(void **state)
{
	struct words tags = { 0 };

	(void)state;
	tag(&tags, "lustre-init.phase=creating");
	tag(&tags, "lustre-init.phase=creating");
	assert_int_equal(volume_tags_phase(&tags), PHASE_CREATING);
	tag(&tags, "lustre-init.phase=served");
	assert_int_equal(volume_tags_phase(&tags), PHASE_NONE);
	assert_null(volume_tag_value(&tags, "phase"));
	words_done(&tags);
}

static void a_group_of_ours_has_eight_digits(void **state)
{
	(void)state;
	assert_true(volume_group_name_ours("lustre-init-0badcafe"));
	assert_true(volume_group_name_ours("lustre-init-00000000"));
	assert_false(volume_group_name_ours("lustre-init-0badcaf"));
	assert_false(volume_group_name_ours("lustre-init-0badcafe0"));
	assert_false(volume_group_name_ours("lustre-init-0badcafg"));
	assert_false(volume_group_name_ours("lustre-init-../../aa"));
	assert_false(volume_group_name_ours("lustre-init-"));
	assert_false(volume_group_name_ours("xlustre-init-0badcafe"));
	assert_false(volume_group_name_ours("mapper"));
	assert_false(volume_group_name_ours(""));
}

static void a_device_has_the_uuids_of_both(void **state)
{
	char uuid[VOLUME_UUID_MAX];

	(void)state;
	volume_device_uuid("abcdef-ghij-klmn-opqr-stuv-wxyz-012345",
			   "ABCDEF-GHIJ-KLMN-OPQR-STUV-WXYZ-012345", uuid);
	assert_string_equal(uuid,
			    "LVM-abcdefghijklmnopqrstuvwxyz012345ABCDEFGHIJKLMNOPQRSTUVWXYZ012345");
	assert_int_equal(strlen(uuid), VOLUME_UUID_LENGTH);
	volume_device_uuid("abcdef-ghij-klmn-opqr-stuv-wxyz-012345", "", uuid);
	assert_string_equal(uuid, "LVM-abcdefghijklmnopqrstuvwxyz012345");
	volume_device_uuid("", "ABCDEF", uuid);
	assert_string_equal(uuid, "LVM-");
}

static void two_of_one_name_are_none(void **state)
{
	struct words tags = { 0 };

	(void)state;
	assert_int_equal(words_add(&tags, "lustre-init.phase=formatted"), 0);
	assert_int_equal(volume_tags_phase(&tags), PHASE_FORMATTED);
	assert_false(volume_tags_may_have_served(&tags));
	assert_int_equal(words_add(&tags, "lustre-init.phase=served"), 0);
	assert_null(volume_tag_value(&tags, "phase"));
	assert_int_equal(volume_tags_phase(&tags), PHASE_NONE);
	assert_true(volume_tags_may_have_served(&tags));
	words_done(&tags);
}

/* Whatever else is said of a journal, nothing is formatted on the strength of it. */
static void a_journal_is_untouched_or_marked(void **state)
{
	static const struct {
		const char *first, *second;
		enum volume_journal journal;
	} tags[] = {
		{ "lustre-init", "site.journal=lost", VOLUME_JOURNAL_UNTOUCHED },
		{ "lustre-init", "lustre-init.journals=lost", VOLUME_JOURNAL_UNTOUCHED },
		{ "lustre-init", "lustre-init.journal=replaying", VOLUME_JOURNAL_REPLAYING },
		{ "lustre-init", "lustre-init.journal=lost", VOLUME_JOURNAL_LOST },
		{ "lustre-init", "lustre-init.journal=", VOLUME_JOURNAL_LOST },
		{ "lustre-init", "lustre-init.journal=Replaying", VOLUME_JOURNAL_LOST },
		{ "lustre-init.journal=lost", "lustre-init.journal=replaying",
		  VOLUME_JOURNAL_LOST },
		{ "lustre-init.journal=replaying", "lustre-init.journal=lost",
		  VOLUME_JOURNAL_LOST },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
		struct words words = { 0 };

		tag(&words, tags[i].first);
		tag(&words, tags[i].second);
		assert_int_equal(volume_tags_journal(&words), tags[i].journal);
		words_done(&words);
	}
}

static void a_phase_that_is_not_known_may_be_service(void **state)
{
	struct words tags = { 0 };

	(void)state;
	assert_true(volume_tags_may_have_served(&tags));
	assert_int_equal(words_add(&tags, "lustre-init.phase=parked"), 0);
	assert_true(volume_tags_may_have_served(&tags));
	words_done(&tags);
}

static void the_number_of_disks_is_a_number(void **state)
{
	static const struct {
		const char *tag;
		unsigned disks;
	} tags[] = {
		{ "lustre-init.pvs=2", 2 },   { "lustre-init.pvs=", 0 },
		{ "lustre-init.pvs=2x", 0 },  { "lustre-init.pvs=-1", 0 },
		{ "lustre-init.pvs= 2", 0 },  { "lustre-init.pvs=4294967298", 0 },
		{ "lustre-init.disks=2", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
		struct words words = { 0 };

		assert_int_equal(words_add(&words, tags[i].tag), 0);
		assert_int_equal(volume_tags_pvs(&words), tags[i].disks);
		words_done(&words);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ours_is_the_whole_tag),
		cmocka_unit_test(values_are_found_by_their_whole_name),
		cmocka_unit_test(phases_that_are_not_known_are_none),
		cmocka_unit_test(values_that_contradict_are_none),
		cmocka_unit_test(a_group_of_ours_has_eight_digits),
		cmocka_unit_test(a_device_has_the_uuids_of_both),
		cmocka_unit_test(two_of_one_name_are_none),
		cmocka_unit_test(a_journal_is_untouched_or_marked),
		cmocka_unit_test(a_phase_that_is_not_known_may_be_service),
		cmocka_unit_test(the_number_of_disks_is_a_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
