/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The planner where this run's own outcomes decide: what no recorded machine can tell. All else has
 * a story in tests/machines.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scenes/answers.h"

/* An OST that is complete, on its way to the MGS, and was refused by it. */
static struct volume *start_taken(struct scene *s)
{
	struct volume *volume;

	scene_start(s, 2);
	volume = scene_ost(s, PHASE_REGISTERING);
	scene_format(volume);
	scene_remember(s, SCENE_OST, PHASE_REGISTERING, SCENE_GROUP);
	scene_tried(s, ACTION_MOUNT, SCENE_OST, OUTCOME_FAILED, EADDRINUSE);
	return volume;
}

static void taken_index_is_refused(void **state)
{
	struct scene s;

	(void)state;
	start_taken(&s);
	scene_plan(&s);
	assert_non_null(strstr(scene_refusal(&s, REFUSAL_INDEX_TAKEN)->fix, "replace_nids"));
	assert_int_equal(s.plan.action_count, 0);
	scene_end(&s);
}

static void taken_index_is_replaced_with_consent(void **state)
{
	struct scene s;

	(void)state;
	start_taken(&s);
	scene_say(&s, "replace", "true");
	scene_plan(&s);
	scene_expect_no_refusal(&s);
	assert_true(s.plan.targets[0].replace && s.plan.targets[0].reformat);
	assert_false(s.plan.targets[0].zeroed);
	assert_true(scene_waits(&s, scene_find(&s, "mount " SCENE_OST),
				scene_find(&s, "format " SCENE_OST " --replace")));
	scene_end(&s);
}

/* Before the MGS has said no, nothing is formatted, consent or not: plain first (measured). */
static void consent_alone_formats_nothing(void **state)
{
	struct scene s;

	(void)state;
	start_taken(&s);
	status_done(&s.status);
	scene_say(&s, "replace", "true");
	scene_plan(&s);
	assert_int_equal(scene_count(&s, ACTION_FORMAT), 0);
	assert_int_equal(scene_count(&s, ACTION_MOUNT), 1);
	scene_end(&s);
}

static void other_failures_are_no_refusal_by_the_mgs(void **state)
{
	struct scene s;

	(void)state;
	start_taken(&s);
	status_done(&s.status);
	scene_tried(&s, ACTION_MOUNT, SCENE_OST, OUTCOME_FAILED, ETIMEDOUT);
	scene_say(&s, "replace", "true");
	scene_plan(&s);
	assert_int_equal(scene_count(&s, ACTION_FORMAT), 0);
	scene_end(&s);
}

static void replacing_is_tried_once(void **state)
{
	struct scene s;

	(void)state;
	start_taken(&s);
	scene_tried(&s, ACTION_FORMAT, SCENE_OST, OUTCOME_DONE, 0);
	scene_tried(&s, ACTION_MOUNT, SCENE_OST, OUTCOME_FAILED, EADDRINUSE);
	scene_say(&s, "replace", "true");
	scene_plan(&s);
	assert_non_null(strstr(scene_refusal(&s, REFUSAL_INDEX_TAKEN)->text, "--replace"));
	scene_end(&s);
}

static void recreate_covers_the_index_of_a_lost_target(void **state)
{
	struct scene s;

	(void)state;
	start_taken(&s);
	s.state.targets[0].lost = true;
	scene_say(&s, "on-data-loss", "recreate");
	scene_plan(&s);
	scene_expect_no_refusal(&s);
	assert_true(s.plan.targets[0].replace);
	assert_int_equal(scene_count(&s, ACTION_FORMAT), 1);
	scene_end(&s);
}

/* Not lost: then somebody else has the index, and recreate says nothing about that. */
static void recreate_covers_no_other_index(void **state)
{
	struct scene s;

	(void)state;
	start_taken(&s);
	scene_say(&s, "on-data-loss", "recreate");
	scene_plan(&s);
	scene_refusal(&s, REFUSAL_INDEX_TAKEN);
	scene_end(&s);
}

/* Lost by another instance, whose state.json came along with an AMI. */
static void memory_of_another_instance_is_no_consent(void **state)
{
	struct scene s;

	(void)state;
	start_taken(&s);
	s.state.targets[0].lost = true;
	strcpy(s.state.targets[0].instance_id, "i-9999");
	scene_say(&s, "on-data-loss", "recreate");
	scene_plan(&s);
	scene_refusal(&s, REFUSAL_INDEX_TAKEN);
	scene_end(&s);
}

static void mdt_is_never_replaced(void **state)
{
	struct scene s;
	struct volume *volume;

	(void)state;
	scene_start(&s, 2);
	scene_say(&s, "role", "mds");
	scene_say(&s, "replace", "true");
	volume = scene_volume(scene_group(&s, SCENE_GROUP, SCENE_GROUP_ID, 1, 2), "mdt0000",
			      "lustrewt-MDT0000", PHASE_REGISTERING);
	scene_format(volume);
	strcpy(volume->content.lustre_target, "lustrewt-MDT0000");
	scene_tried(&s, ACTION_MOUNT, "lustrewt-MDT0000", OUTCOME_FAILED, EADDRINUSE);
	scene_plan(&s);
	scene_refusal(&s, REFUSAL_INDEX_TAKEN);
	assert_int_equal(scene_count(&s, ACTION_FORMAT), 0);
	scene_end(&s);
}

/* last_rcvd is there: the label is repaired, and nothing formatted, whatever was consented to (S4).
 */
static void what_served_is_repaired_not_replaced(void **state)
{
	struct scene s;
	struct volume *volume;

	(void)state;
	volume = start_taken(&s);
	volume->content.served = true;
	scene_say(&s, "replace", "true");
	scene_plan(&s);
	scene_expect_no_refusal(&s);
	assert_int_equal(scene_count(&s, ACTION_FORMAT), 0);
	assert_true(scene_waits(&s, scene_find(&s, "mount " SCENE_OST),
				scene_find(&s, "repair-label " SCENE_OST)));
	scene_end(&s);
}

static void what_served_is_repaired_once(void **state)
{
	struct scene s;
	struct volume *volume;

	(void)state;
	volume = start_taken(&s);
	volume->content.served = true;
	scene_tried(&s, ACTION_REPAIR_LABEL, SCENE_OST, OUTCOME_DONE, 0);
	scene_tried(&s, ACTION_MOUNT, SCENE_OST, OUTCOME_FAILED, EADDRINUSE);
	scene_say(&s, "replace", "true");
	scene_plan(&s);
	scene_refusal(&s, REFUSAL_INDEX_TAKEN);
	assert_int_equal(s.plan.action_count, 0);
	scene_end(&s);
}

/* Beside targets that are well, too: our tag may stand on somebody's group. */
static void a_group_that_is_not_named_as_ours_is_told(void **state)
{
	struct scene s;

	(void)state;
	scene_start(&s, 4);
	scene_ost(&s, PHASE_SERVED);
	scene_volume(scene_group(&s, "mapper", "vg-mapper", 3, 4), "rl-root", "lustrewt-OST0099",
		     PHASE_CREATING);
	scene_plan(&s);
	assert_non_null(
		strstr(scene_refusal(&s, REFUSAL_FOREIGN_DATA)->text, "volume group mapper"));
	assert_string_equal(s.plan.refusals[0].target, "lustrewt-OST0099");
	assert_true(scene_find(&s, "mount " SCENE_OST) >= 0);
	scene_end(&s);
}

/* The same for a volume that is tagged `served`, though its content says nothing (S4). */
static void tag_served_forbids_a_format(void **state)
{
	struct scene s;
	struct volume *volume;

	(void)state;
	scene_start(&s, 2);
	volume = scene_ost(&s, PHASE_SERVED);
	volume->content = (struct content){ .known = true };
	scene_tried(&s, ACTION_MOUNT, SCENE_OST, OUTCOME_FAILED, EADDRINUSE);
	scene_say(&s, "replace", "true");
	scene_say(&s, "on-data-loss", "recreate");
	scene_plan(&s);
	assert_int_equal(scene_count(&s, ACTION_FORMAT), 0);
	assert_int_equal(scene_count(&s, ACTION_REPAIR_LABEL), 1);
	scene_end(&s);
}

/* Another target is inside, whatever the tag says: its label is not made this one's. */
static void what_served_as_another_is_left(void **state)
{
	struct scene s;
	struct volume *volume;

	(void)state;
	scene_start(&s, 2);
	volume = scene_ost(&s, PHASE_SERVED);
	scene_format(volume);
	volume->content.served = true;
	strcpy(volume->content.lustre_target, "lustrewt-OST0005");
	scene_tried(&s, ACTION_MOUNT, SCENE_OST, OUTCOME_FAILED, EADDRINUSE);
	scene_plan(&s);
	assert_non_null(strstr(scene_refusal(&s, REFUSAL_DRIFT)->text, "lustrewt-OST0005"));
	assert_int_equal(s.plan.action_count, 0);
	/* After a writeconf it is the same one. */
	strcpy(volume->content.lustre_target, "lustrewt=OST0017");
	scene_plan(&s);
	assert_int_equal(scene_count(&s, ACTION_REPAIR_LABEL), 1);
	scene_end(&s);
}

static void journal_is_replayed_once(void **state)
{
	struct scene s;
	struct volume *volume;

	(void)state;
	scene_start(&s, 2);
	volume = scene_ost(&s, PHASE_REGISTERING);
	scene_format(volume);
	volume->content.needs_recovery = true;
	scene_plan(&s);
	assert_int_equal(scene_count(&s, ACTION_REPLAY_JOURNAL), 1);
	assert_true(s.plan.observe_again);
	scene_tried(&s, ACTION_REPLAY_JOURNAL, SCENE_OST, OUTCOME_DONE, 0);
	scene_plan(&s);
	scene_refusal(&s, REFUSAL_NOT_READABLE);
	assert_false(s.plan.observe_again);
	scene_end(&s);
}

/* Three targets, one taken: the two others go on. */
static void one_taken_index_stops_one_target(void **state)
{
	struct volume_group *group;
	struct volume *volume;
	struct scene s;

	(void)state;
	scene_start(&s, 2);
	scene_say(&s, "role", "mgs+mds+oss");
	scene_say(&s, "mgs", "10.0.0.23");
	group = scene_group(&s, SCENE_GROUP, SCENE_GROUP_ID, 1, 2);
	scene_volume(group, "mgt", "MGS", PHASE_SERVED);
	scene_volume(group, "mdt0000", "lustrewt-MDT0000", PHASE_SERVED);
	volume = scene_volume(group, "ost0017", SCENE_OST, PHASE_REGISTERING);
	scene_format(volume);
	scene_tried(&s, ACTION_MOUNT, SCENE_OST, OUTCOME_FAILED, EADDRINUSE);
	scene_plan(&s);
	assert_string_equal(scene_refusal(&s, REFUSAL_INDEX_TAKEN)->target, SCENE_OST);
	assert_true(scene_waits(&s, scene_find(&s, "mount lustrewt-MDT0000"),
				scene_find(&s, "mount MGS")));
	assert_int_equal(scene_count(&s, ACTION_MOUNT), 2);
	scene_end(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(taken_index_is_refused),
		cmocka_unit_test(taken_index_is_replaced_with_consent),
		cmocka_unit_test(consent_alone_formats_nothing),
		cmocka_unit_test(other_failures_are_no_refusal_by_the_mgs),
		cmocka_unit_test(replacing_is_tried_once),
		cmocka_unit_test(recreate_covers_the_index_of_a_lost_target),
		cmocka_unit_test(recreate_covers_no_other_index),
		cmocka_unit_test(memory_of_another_instance_is_no_consent),
		cmocka_unit_test(mdt_is_never_replaced),
		cmocka_unit_test(what_served_is_repaired_not_replaced),
		cmocka_unit_test(what_served_is_repaired_once),
		cmocka_unit_test(tag_served_forbids_a_format),
		cmocka_unit_test(a_group_that_is_not_named_as_ours_is_told),
		cmocka_unit_test(what_served_as_another_is_left),
		cmocka_unit_test(journal_is_replayed_once),
		cmocka_unit_test(one_taken_index_stops_one_target),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
