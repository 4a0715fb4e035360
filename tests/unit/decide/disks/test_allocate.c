/* SPDX-License-Identifier: Apache-2.0 */

/* Where targets live: places, ranks, and what shares disks. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scenes/answers.h"

/* The disks of a target's group, as "1 2": the numbers of their names. */
static void disks_of(const struct scene *s, size_t target, char *text, size_t size)
{
	int group = s->plan.targets[target].group;
	size_t used = 0;

	text[0] = '\0';
	for (size_t i = 0; group >= 0 && i < s->plan.groups[group].disk_count; i++)
		used += (size_t)snprintf(text + used, size - used, "%s%.*s", i > 0 ? " " : "",
					 (int)strcspn(s->plan.groups[group].disks[i].path + 9, "n"),
					 s->plan.groups[group].disks[i].path + 9);
}

static void expect_disks(const struct scene *s, size_t target, const char *expected)
{
	char text[64];

	disks_of(s, target, text, sizeof(text));
	assert_string_equal(text, expected);
}

static void start_per_disk(struct scene *s, const char *roles, size_t disks)
{
	char count[8];

	scene_start(s, disks);
	snprintf(count, sizeof(count), "%zu", disks);
	scene_say(s, "role", roles);
	if (strstr(roles, "mgs"))
		scene_say(s, "mgs", s->facts.local_ipv4);
	scene_say(s, "osts", "per-disk");
	scene_say(s, "expect-disks", count);
	scene_say(s, "index", "0");
}

static void one_volume_over_all_disks(void **state)
{
	struct scene s;

	(void)state;
	scene_start(&s, 3);
	scene_plan(&s);
	expect_disks(&s, 0, "1 2 3");
	assert_int_equal(s.plan.targets[0].stripes, 3);
	assert_true(s.plan.targets[0].zeroed);
	assert_string_equal(s.plan.targets[0].volume, "ost0017");
	assert_int_equal(s.plan.group_count, 1);
	scene_end(&s);
}

static void mgt_and_mdt_share_the_first_disk(void **state)
{
	struct scene s;

	(void)state;
	start_per_disk(&s, "mgs+mds+oss", 3);
	scene_plan(&s);
	assert_int_equal(s.plan.target_count, 5);
	expect_disks(&s, 0, "1");
	expect_disks(&s, 1, "1");
	expect_disks(&s, 2, "1");
	expect_disks(&s, 3, "2");
	expect_disks(&s, 4, "3");
	assert_int_equal(s.plan.group_count, 3);
	scene_end(&s);
}

/* Volumes of OST0 and OST2 are on disks 3 and 1: what is left is disk 2, for OST1. */
static void a_rank_stays_with_its_volume(void **state)
{
	struct scene s;

	(void)state;
	start_per_disk(&s, "oss", 3);
	scene_volume(scene_group(&s, "lustre-init-0000000a", "vg-a", 3, 3), "ost0000",
		     "lustrewt-OST0000", PHASE_SERVED);
	scene_volume(scene_group(&s, "lustre-init-0000000b", "vg-b", 1, 1), "ost0002",
		     "lustrewt-OST0002", PHASE_SERVED);
	scene_plan(&s);
	scene_expect_no_refusal(&s);
	expect_disks(&s, 0, "3");
	expect_disks(&s, 1, "2");
	expect_disks(&s, 2, "1");
	assert_int_equal(scene_count(&s, ACTION_CREATE_PV), 1);
	scene_end(&s);
}

/* The MGT's volume was made before a cut: MDT and OST0 follow it to its disk, wherever that is. */
static void what_shares_a_disk_stays_together(void **state)
{
	struct volume_group *group;
	struct scene s;

	(void)state;
	start_per_disk(&s, "mgs+mds+oss", 3);
	group = scene_group(&s, "lustre-init-0000000a", "vg-a", 2, 2);
	scene_volume(group, "mgt", "MGS", PHASE_CREATING);
	group->free = group->size / 2;
	scene_plan(&s);
	scene_expect_no_refusal(&s);
	expect_disks(&s, 1, "2");
	expect_disks(&s, 2, "2");
	expect_disks(&s, 3, "1");
	expect_disks(&s, 4, "3");
	scene_end(&s);
}

static void a_half_made_group_is_finished(void **state)
{
	struct scene s;

	(void)state;
	scene_start(&s, 2);
	scene_group(&s, SCENE_GROUP, SCENE_GROUP_ID, 1, 2);
	scene_plan(&s);
	scene_expect_no_refusal(&s);
	assert_string_equal(s.plan.groups[0].name, SCENE_GROUP);
	assert_string_equal(s.plan.targets[0].device, "/dev/" SCENE_GROUP "/ost0017");
	assert_false(s.plan.targets[0].zeroed);
	assert_int_equal(scene_count(&s, ACTION_CREATE_PV) + scene_count(&s, ACTION_CREATE_GROUP),
			 0);
	scene_end(&s);
}

/* Two disks that this instance had begun to join, of which the first is a PV in no group. */
static struct remembered_target *start_begun(struct scene *s, enum phase phase)
{
	struct remembered_target *t;

	scene_start(s, 2);
	scene_own(s, scene_disk(s, 1), "");
	scene_disk(s, 1)->only_lvm_head = true;
	t = scene_remember(s, SCENE_OST, phase, SCENE_GROUP);
	t->disk_count = 2;
	for (unsigned i = 0; i < 2; i++) {
		snprintf(t->disks[i].serial, sizeof(t->disks[i].serial), "AWS%u", i + 1);
		snprintf(t->disks[i].pv_uuid, sizeof(t->disks[i].pv_uuid), "pv-AWS%u", i + 1);
	}
	return t;
}

static void a_pv_that_was_written_down_is_made_anew(void **state)
{
	struct scene s;

	(void)state;
	start_begun(&s, PHASE_CREATING);
	scene_plan(&s);
	scene_expect_no_refusal(&s);
	assert_true(scene_find(&s, "create-pv /dev/nvme1n1") >= 0);
	assert_true(scene_find(&s, "create-pv /dev/nvme2n1") >= 0);
	assert_int_equal(s.plan.groups[0].disks[0].holds, PLAN_DISK_BEGUN);
	assert_string_equal(s.plan.groups[0].disks[0].pv_uuid, "pv-AWS1");
	assert_false(s.plan.targets[0].zeroed);
	/* Not with another signature beside it. */
	scene_disk(&s, 1)->signature_count = 2;
	strcpy(scene_disk(&s, 1)->signatures[1].type, "xfs");
	scene_plan(&s);
	scene_refusal(&s, REFUSAL_FOREIGN_DATA);
	scene_end(&s);
}

/* Another target of the disk was in service: what looks unused may be its rest. */
static void a_disk_that_served_is_never_made_anew(void **state)
{
	struct remembered_target *t;
	struct scene s;

	(void)state;
	t = start_begun(&s, PHASE_CREATING);
	*scene_remember(&s, "MGS", PHASE_REGISTERING, SCENE_GROUP) = *t;
	strcpy(s.state.targets[1].name, "MGS");
	s.state.targets[1].phase = PHASE_REGISTERING;
	scene_plan(&s);
	scene_refusal(&s, REFUSAL_NOT_READABLE);
	scene_end(&s);
}

/* With consent, the PV that was made over the ext3 of EC2 counts, whatever else is left of that. */
static void a_pv_over_the_ext3_of_ec2_is_made_anew(void **state)
{
	struct remembered_target *t;
	struct scene s;

	(void)state;
	t = start_begun(&s, PHASE_CREATING);
	strcpy(scene_disk(&s, 1)->serial, "");
	strcpy(t->disks[0].serial, "ephemeral0:none");
	scene_disk(&s, 1)->only_lvm_head = false;
	scene_plan(&s);
	scene_refusal(&s, REFUSAL_NOT_READABLE);
	scene_say(&s, "accept-preformatted", "true");
	scene_plan(&s);
	scene_expect_no_refusal(&s);
	assert_int_equal(s.plan.groups[0].disks[0].holds, PLAN_DISK_BEGUN_EXT3);
	assert_true(scene_find(&s, "create-pv /dev/nvme1n1") >= 0);
	/* Cut off before the label was there: only the copy of the ext3's superblock tells. */
	scene_disk(&s, 1)->signature_count = 0;
	scene_plan(&s);
	scene_refusal(&s, REFUSAL_FOREIGN_DATA);
	scene_disk(&s, 1)->beheaded_ext = true;
	scene_plan(&s);
	scene_expect_no_refusal(&s);
	assert_int_equal(s.plan.groups[0].disks[0].holds, PLAN_DISK_BEGUN_EXT3);
	scene_end(&s);
}

static void an_unreadable_group_is_repaired_once(void **state)
{
	struct scene s;

	(void)state;
	start_begun(&s, PHASE_SERVED);
	scene_own(&s, scene_disk(&s, 2), "");
	/* Where LVM merely does not show it, nothing is written over what is whole. */
	scene_disk(&s, 1)->lvm_text_torn = true;
	scene_plan(&s);
	scene_refusal(&s, REFUSAL_NOT_READABLE);
	scene_disk(&s, 2)->lvm_text_torn = true;
	scene_plan(&s);
	scene_expect_no_refusal(&s);
	assert_true(s.plan.observe_again);
	assert_string_equal(s.plan.groups[0].name, SCENE_GROUP);
	assert_int_equal(scene_count(&s, ACTION_REPAIR_PV), 2);
	assert_int_equal(scene_count(&s, ACTION_RECORD), 0);
	scene_tried(&s, ACTION_REPAIR_PV, "", OUTCOME_DONE, 0);
	scene_plan(&s);
	scene_refusal(&s, REFUSAL_NOT_READABLE);
	assert_int_equal(scene_count(&s, ACTION_REPAIR_PV), 0);
	scene_end(&s);
}

static void groups_of_one_node_have_names_of_their_own(void **state)
{
	struct scene s;

	(void)state;
	start_per_disk(&s, "oss", 24);
	scene_plan(&s);
	scene_expect_no_refusal(&s);
	assert_int_equal(s.plan.group_count, 24);
	for (size_t i = 0; i < 24; i++) {
		for (size_t j = 0; j < i; j++) {
			assert_string_not_equal(s.plan.groups[i].name, s.plan.groups[j].name);
			assert_string_not_equal(s.plan.groups[i].disks[0].pv_uuid,
						s.plan.groups[j].disks[0].pv_uuid);
		}
	}
	scene_end(&s);
}

static void what_does_not_fit_is_seen_before(void **state)
{
	struct scene s;

	(void)state;
	scene_start(&s, 1);
	scene_say(&s, "role", "mgs+mds+oss");
	scene_say(&s, "mgs", "10.0.0.23");
	scene_say(&s, "mdt-size", "100%");
	scene_plan(&s);
	scene_refusal(&s, REFUSAL_NO_SPACE);
	scene_say(&s, "mdt-size", "99%");
	scene_plan(&s);
	scene_expect_no_refusal(&s);
	scene_end(&s);
}

static void every_pv_is_waited_for_however_many(void **state)
{
	struct scene s;

	(void)state;
	scene_start(&s, SCENE_DISKS_MAX - 1);
	scene_plan(&s);
	assert_int_equal(s.result, 0);
	assert_int_equal(s.plan.targets[0].stripes, SCENE_DISKS_MAX - 1);
	for (size_t i = 0; i < s.plan.action_count; i++)
		if (s.plan.actions[i].kind == ACTION_CREATE_PV)
			assert_true(scene_waits(&s, scene_find(&s, "create-volume " SCENE_OST),
						(int)i));
	scene_end(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_volume_over_all_disks),
		cmocka_unit_test(mgt_and_mdt_share_the_first_disk),
		cmocka_unit_test(a_rank_stays_with_its_volume),
		cmocka_unit_test(what_shares_a_disk_stays_together),
		cmocka_unit_test(a_half_made_group_is_finished),
		cmocka_unit_test(a_pv_that_was_written_down_is_made_anew),
		cmocka_unit_test(a_disk_that_served_is_never_made_anew),
		cmocka_unit_test(a_pv_over_the_ext3_of_ec2_is_made_anew),
		cmocka_unit_test(an_unreadable_group_is_repaired_once),
		cmocka_unit_test(groups_of_one_node_have_names_of_their_own),
		cmocka_unit_test(what_does_not_fit_is_seen_before),
		cmocka_unit_test(every_pv_is_waited_for_however_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
