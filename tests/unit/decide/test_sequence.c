/* SPDX-License-Identifier: Apache-2.0 */

/* The order of actions: what each step of a chain waits for. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scenes/answers.h"

/* Each of these waits, directly or not, for the one before it. */
static void expect_chain(const struct scene *s, const char *const chain[], size_t count)
{
	for (size_t i = 1; i < count; i++)
		if (!scene_waits(s, scene_find(s, chain[i]), scene_find(s, chain[i - 1])))
			fail_msg("\"%s\" does not wait for \"%s\"", chain[i], chain[i - 1]);
}
#define EXPECT_CHAIN(s, ...)                                  \
	expect_chain(s, (const char *const[]){ __VA_ARGS__ }, \
		     sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *))

/* Design 5: each step safe to be cut after. */
static void a_first_boot_is_written_down_step_by_step(void **state)
{
	struct scene s;

	(void)state;
	scene_start(&s, 2);
	scene_plan(&s);
	EXPECT_CHAIN(&s, "record lustrewt-OST0017 creating", "create-pv /dev/nvme1n1",
		     "create-volume lustrewt-OST0017", "format lustrewt-OST0017",
		     "verify-format lustrewt-OST0017", "record lustrewt-OST0017 registering",
		     "tag lustrewt-OST0017 registering", "mount lustrewt-OST0017",
		     "settle lustrewt-OST0017", "record lustrewt-OST0017 served",
		     "tag lustrewt-OST0017 served");
	/* Each is a commit of LVM's, which takes half a second on a node that is emulated. */
	assert_int_equal(scene_count(&s, ACTION_TAG), 2);
	scene_end(&s);
}

static void a_mount_waits_for_lnet_modules_units_and_mgs(void **state)
{
	struct scene s;
	int mount;

	(void)state;
	scene_start(&s, 2);
	scene_plan(&s);
	EXPECT_CHAIN(&s, "load-lnet", "configure-lnet", "add-net tcp", "check-nids",
		     "mount lustrewt-OST0017");
	EXPECT_CHAIN(&s, "configure-lnet", "load-lustre", "mount lustrewt-OST0017");
	mount = scene_find(&s, "mount lustrewt-OST0017");
	assert_true(scene_waits(&s, mount, scene_find(&s, "write-units")));
	assert_true(scene_waits(&s, mount, scene_find(&s, "wait-mgs")));
	scene_end(&s);
}

/* As where it was loaded early: a tool less on the way to the mount. */
static void a_module_that_is_there_is_not_loaded_again(void **state)
{
	struct scene s;

	(void)state;
	scene_start(&s, 2);
	s.facts.lnet = LNET_DOWN;
	scene_plan(&s);
	assert_int_equal(scene_find(&s, "load-lnet"), -1);
	EXPECT_CHAIN(&s, "configure-lnet", "add-net tcp", "check-nids", "mount lustrewt-OST0017");
	EXPECT_CHAIN(&s, "configure-lnet", "load-lustre", "mount lustrewt-OST0017");
	scene_end(&s);
}

/* What takes long goes on at the same time. */
static void disks_network_and_modules_do_not_wait_for_one_another(void **state)
{
	struct scene s;

	(void)state;
	scene_start(&s, 2);
	scene_plan(&s);
	assert_false(scene_waits(&s, scene_find(&s, "format lustrewt-OST0017"),
				 scene_find(&s, "load-lnet")));
	assert_false(scene_waits(&s, scene_find(&s, "format lustrewt-OST0017"),
				 scene_find(&s, "wait-mgs")));
	assert_false(scene_waits(&s, scene_find(&s, "wait-mgs"), scene_find(&s, "load-lustre")));
	assert_false(scene_waits(&s, scene_find(&s, "load-lustre"), scene_find(&s, "add-net tcp")));
	assert_false(scene_waits(&s, scene_find(&s, "create-pv /dev/nvme2n1"),
				 scene_find(&s, "create-pv /dev/nvme1n1")));
	scene_end(&s);
}

static void targets_wait_for_their_own_mgs_only(void **state)
{
	struct scene s;

	(void)state;
	scene_start(&s, 2);
	scene_say(&s, "role", "mgs+mds+oss");
	scene_say(&s, "mgs", "10.0.0.23");
	scene_plan(&s);
	assert_int_equal(scene_find(&s, "wait-mgs"), -1);
	EXPECT_CHAIN(&s, "mount MGS", "mount lustrewt-MDT0000");
	EXPECT_CHAIN(&s, "mount MGS", "mount lustrewt-OST0017");
	assert_false(scene_waits(&s, scene_find(&s, "mount lustrewt-OST0017"),
				 scene_find(&s, "mount lustrewt-MDT0000")));
	EXPECT_CHAIN(&s, "create-volume MGS", "create-volume lustrewt-MDT0000",
		     "create-volume lustrewt-OST0017");
	assert_false(scene_waits(&s, scene_find(&s, "format lustrewt-OST0017"),
				 scene_find(&s, "format lustrewt-MDT0000")));
	scene_end(&s);
}

/*
 * Who waits for the MGS mounts when port 988 answers, which it does as soon as LNET has a net: then
 * the MGS must serve. But modules never load before LNET is configured, or they would configure it
 * as they like.
 */
static void the_mgs_answers_only_when_it_serves(void **state)
{
	struct scene s;
	int mgt;

	(void)state;
	scene_start(&s, 2);
	scene_say(&s, "role", "mgs+mds+oss");
	scene_say(&s, "mgs", "10.0.0.23");
	scene_plan(&s);
	mgt = scene_find(&s, "mount MGS");
	assert_true(scene_waits(&s, mgt, scene_find(&s, "tag MGS registering")));
	assert_true(scene_waits(&s, mgt, scene_find(&s, "write-units")));
	EXPECT_CHAIN(&s, "load-lnet", "configure-lnet", "load-lustre", "mount MGS", "add-net tcp",
		     "check-nids", "mount lustrewt-MDT0000");
	EXPECT_CHAIN(&s, "check-nids", "mount lustrewt-OST0017");
	assert_false(scene_waits(&s, scene_find(&s, "format MGS"), scene_find(&s, "load-lnet")));
	/* Nobody waits for it to be on the medium: that takes a flush of all disks. */
	assert_false(scene_waits(&s, scene_find(&s, "add-net tcp"), scene_find(&s, "settle MGS")));
	scene_end(&s);
}

/* A target that the MGS knows can serve without it; it waits, but has a wait of its own. */
static void a_reboot_waits_for_the_mgs_as_one_that_can_do_without(void **state)
{
	struct scene s;

	(void)state;
	scene_start(&s, 2);
	scene_say(&s, "role", "oss+client");
	scene_ost(&s, PHASE_SERVED);
	scene_remember(&s, SCENE_OST, PHASE_SERVED, SCENE_GROUP);
	scene_plan(&s);
	EXPECT_CHAIN(&s, "wait-mgs served", "mount " SCENE_OST);
	EXPECT_CHAIN(&s, "wait-mgs served", "wait-mgs", "mount /mnt/lustrewt");
	assert_false(
		scene_waits(&s, scene_find(&s, "mount " SCENE_OST), scene_find(&s, "wait-mgs")));
	scene_end(&s);
}

/* mkfs.lustre writes the name's address down: it must be the one where the MGS is. */
static void a_format_waits_for_an_mgs_that_has_a_name(void **state)
{
	struct scene s;

	(void)state;
	scene_start(&s, 2);
	scene_say(&s, "mgs", "mgs.internal");
	scene_plan(&s);
	EXPECT_CHAIN(&s, "wait-mgs", "format lustrewt-OST0017");
	assert_false(scene_waits(&s, scene_find(&s, "create-volume lustrewt-OST0017"),
				 scene_find(&s, "wait-mgs")));
	scene_end(&s);
}

/* One disk that fails must not hold up the OSTs on the others. */
static void osts_do_not_wait_for_one_another(void **state)
{
	struct scene s;

	(void)state;
	scene_start(&s, 2);
	scene_say(&s, "osts", "per-disk");
	scene_say(&s, "expect-disks", "2");
	scene_say(&s, "index", "0");
	scene_plan(&s);
	assert_false(scene_waits(&s, scene_find(&s, "mount lustrewt-OST0001"),
				 scene_find(&s, "mount lustrewt-OST0000")));
	assert_false(scene_waits(&s, scene_find(&s, "create-volume lustrewt-OST0001"),
				 scene_find(&s, "create-volume lustrewt-OST0000")));
	scene_end(&s);
}

static void a_client_mounts_last(void **state)
{
	struct scene s;

	(void)state;
	scene_start(&s, 2);
	scene_say(&s, "role", "oss+client");
	scene_plan(&s);
	EXPECT_CHAIN(&s, "wait-mgs", "mount lustrewt-OST0017", "mount /mnt/lustrewt");
	scene_end(&s);
}

/* Nobody waits ten minutes for an MGS that no target of the node needs any more. */
static void a_refused_node_waits_for_nothing(void **state)
{
	struct scene s;

	(void)state;
	scene_start(&s, 2);
	scene_disk(&s, 1)->blank = BLANK_NO;
	scene_plan(&s);
	assert_int_equal(s.plan.action_count, 0);
	scene_end(&s);
}

static void a_reboot_activates_and_mounts(void **state)
{
	struct volume *volume;
	struct scene s;

	(void)state;
	scene_start(&s, 2);
	volume = scene_ost(&s, PHASE_SERVED);
	volume->active = false;
	scene_remember(&s, SCENE_OST, PHASE_SERVED, SCENE_GROUP);
	scene_plan(&s);
	EXPECT_CHAIN(&s, "activate-group " SCENE_GROUP, "mount " SCENE_OST);
	assert_int_equal(scene_count(&s, ACTION_RECORD) + scene_count(&s, ACTION_TAG) +
				 scene_count(&s, ACTION_SETTLE),
			 0);
	scene_end(&s);
}

static void what_was_forgotten_is_recorded_before_it_serves(void **state)
{
	struct scene s;

	(void)state;
	scene_start(&s, 2);
	scene_ost(&s, PHASE_SERVED);
	scene_plan(&s);
	EXPECT_CHAIN(&s, "record " SCENE_OST " served", "mount " SCENE_OST);
	scene_end(&s);
}

/* The tag of the other instance goes first: cut off later, the group is ours, and nothing lost. */
static void adoption_comes_first(void **state)
{
	struct volume *volume;
	struct scene s;

	(void)state;
	scene_start(&s, 2);
	volume = scene_ost(&s, PHASE_SERVED);
	volume->active = false;
	strcpy(s.facts.groups[0].tags.items[1], "lustre-init.instance=i-9999");
	scene_say(&s, "replace", "true");
	scene_plan(&s);
	assert_string_equal(s.plan.groups[0].adopted_from, "i-9999");
	EXPECT_CHAIN(&s, "adopt-group " SCENE_GROUP, "activate-group " SCENE_GROUP,
		     "record " SCENE_OST " served", "mount " SCENE_OST);
	assert_int_equal(scene_count(&s, ACTION_FORMAT), 0);
	scene_end(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_first_boot_is_written_down_step_by_step),
		cmocka_unit_test(a_mount_waits_for_lnet_modules_units_and_mgs),
		cmocka_unit_test(a_module_that_is_there_is_not_loaded_again),
		cmocka_unit_test(disks_network_and_modules_do_not_wait_for_one_another),
		cmocka_unit_test(targets_wait_for_their_own_mgs_only),
		cmocka_unit_test(the_mgs_answers_only_when_it_serves),
		cmocka_unit_test(a_reboot_waits_for_the_mgs_as_one_that_can_do_without),
		cmocka_unit_test(a_format_waits_for_an_mgs_that_has_a_name),
		cmocka_unit_test(osts_do_not_wait_for_one_another),
		cmocka_unit_test(a_client_mounts_last),
		cmocka_unit_test(a_refused_node_waits_for_nothing),
		cmocka_unit_test(a_reboot_activates_and_mounts),
		cmocka_unit_test(what_was_forgotten_is_recorded_before_it_serves),
		cmocka_unit_test(adoption_comes_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
