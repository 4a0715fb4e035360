/* SPDX-License-Identifier: Apache-2.0 */

/* What is waited for, and what is settled: by each refusal's kind, and by what else stops its
 * target. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "decide/client.h"
#include "decide/passing.h"
#include "decide/verdict.h"

#include "scenes/scene.h"

static struct plan plan;

static int start(void **state)
{
	(void)state;
	plan = (struct plan){ 0 };
	for (unsigned i = 0; i < 2; i++) {
		struct plan_target *target = plan_add_target(&plan);

		assert_non_null(target);
		snprintf(target->name, sizeof(target->name), "lustrewt-OST000%u", i);
	}
	return 0;
}

static int end(void **state)
{
	(void)state;
	plan_done(&plan);
	return 0;
}

static void refuse(enum refusal_code code, const char *target, bool may_pass)
{
	assert_int_equal(plan_refuse(&plan, code, target, "fix", "%s, %d", target, (int)code), 0);
	if (may_pass)
		passing_mark(&plan, code, target);
}

static void what_is_missing_is_waited_for(void **state)
{
	(void)state;
	assert_null(passing_find(&plan));
	refuse(REFUSAL_NO_DISK, "lustrewt-OST0000", true);
	assert_int_equal(passing_find(&plan)->code, REFUSAL_NO_DISK);
}

static void what_is_wrong_is_not(void **state)
{
	(void)state;
	refuse(REFUSAL_FOREIGN_DATA, "lustrewt-OST0000", false);
	assert_null(passing_find(&plan));
	/* The same target lacks a disk, too: that would not help it. */
	refuse(REFUSAL_TOO_FEW_DISKS, "lustrewt-OST0000", true);
	assert_null(passing_find(&plan));
	/* But another one. */
	refuse(REFUSAL_TOO_FEW_DISKS, "lustrewt-OST0001", true);
	assert_non_null(passing_find(&plan));
}

static void a_wait_of_the_node_is_for_what_it_helps(void **state)
{
	(void)state;
	refuse(REFUSAL_LNET, "", true);
	assert_non_null(passing_find(&plan));
	refuse(REFUSAL_FOREIGN_DATA, "lustrewt-OST0000", false);
	assert_non_null(passing_find(&plan));
	refuse(REFUSAL_DRIFT, "lustrewt-OST0001", false);
	assert_null(passing_find(&plan));
	plan.client.wanted = true;
	assert_non_null(passing_find(&plan));
	refuse(REFUSAL_MOUNT_POINT, CLIENT_NAME, false);
	assert_null(passing_find(&plan));
}

static void the_node_stopped_for_good_is_not_waited_for(void **state)
{
	(void)state;
	refuse(REFUSAL_NO_DISK, "lustrewt-OST0000", true);
	refuse(REFUSAL_TOOLS, "", false);
	assert_null(passing_find(&plan));
}

static void a_mark_is_for_its_own_code_and_target(void **state)
{
	(void)state;
	refuse(REFUSAL_NO_DISK, "lustrewt-OST0000", false);
	passing_mark(&plan, REFUSAL_LNET, "lustrewt-OST0000");
	passing_mark(&plan, REFUSAL_NO_DISK, "lustrewt-OST0001");
	passing_mark(&plan, REFUSAL_NO_DISK, "");
	assert_null(passing_find(&plan));
}

static void a_round_that_waits_has_its_verdict_all_the_same(void **state)
{
	struct status status = { 0 };
	const struct outcome *transient = NULL;

	(void)state;
	refuse(REFUSAL_NO_DISK, "lustrewt-OST0000", true);
	assert_int_equal(status_take_plan(&status, &plan), 0);
	assert_int_equal(verdict_of_round(&status, &plan, "", &transient), NEXT_WAIT);
	assert_int_equal(status.verdict, VERDICT_REFUSED);
	assert_non_null(strstr(status.sentence, "refused: lustrewt-OST0000"));
	status_done(&status);
}

static void a_round_that_is_settled_is_refused(void **state)
{
	struct status status = { 0 };
	const struct outcome *transient = NULL;

	(void)state;
	refuse(REFUSAL_FOREIGN_DATA, "lustrewt-OST0000", false);
	assert_int_equal(status_take_plan(&status, &plan), 0);
	assert_int_equal(verdict_of_round(&status, &plan, "", &transient), NEXT_REFUSED);
	assert_int_equal(status.verdict, VERDICT_REFUSED);
	status_done(&status);
}

/* Whether a machine is waited for, with a key of its own. */
static bool waits(struct scene *s, const char *key, const char *value)
{
	bool result;

	if (key)
		scene_say(s, key, value);
	scene_plan(s);
	assert_int_equal(s->result, 0);
	assert_true(s->plan.refusal_count > 0);
	result = passing_find(&s->plan) != NULL;
	scene_end(s);
	return result;
}

static void disks_may_come(void **state)
{
	struct scene s;

	(void)state;
	scene_start(&s, 2);
	assert_true(waits(&s, "disks", "ebs:sdf"));
	scene_start(&s, 2);
	assert_true(waits(&s, "disks", "/dev/disk/by-id/data"));
	scene_start(&s, 2);
	assert_true(waits(&s, "expect-disks", "3"));
	scene_start(&s, 2);
	strcpy(s.facts.instance_type, "i4i.12xlarge");
	assert_true(waits(&s, NULL, NULL));
	scene_start(&s, 0);
	strcpy(s.facts.instance_type, "i4i.large");
	assert_true(waits(&s, NULL, NULL));
}

/* The disk that a target was served from, before udev has made the link that `disks` names. */
static void a_link_to_what_was_served_may_come(void **state)
{
	(void)state;
	for (int other_is_named = 0; other_is_named < 2; other_is_named++) {
		struct scene s;
		struct remembered_target *t = &s.state.targets[0];
		bool result;

		scene_start(&s, 2);
		scene_disk(&s, 1)->kind = DISK_EBS;
		strcpy(scene_disk(&s, 1)->serial, "vol1");
		strcpy(t->name, SCENE_OST);
		strcpy(t->instance_id, SCENE_INSTANCE);
		strcpy(t->group, SCENE_GROUP);
		strcpy(t->disks[0].serial, "vol1");
		t->phase = PHASE_SERVED;
		t->disk_count = s.state.target_count = 1;
		if (other_is_named)
			assert_int_equal(
				words_add(&scene_disk(&s, 2)->links, "/dev/disk/by-id/data"), 0);
		scene_say(&s, "disks", "/dev/disk/by-id/data");
		scene_plan(&s);
		assert_int_equal(s.plan.refusals[0].code, REFUSAL_DRIFT);
		result = passing_find(&s.plan) != NULL;
		assert_int_equal(result, !other_is_named);
		scene_end(&s);
	}
}

/* By a probe, or a script that runs at a boot; what is mounted stays so. */
static void what_holds_a_disk_may_let_go(void **state)
{
	(void)state;
	for (int is_mounted = 0; is_mounted < 2; is_mounted++) {
		struct scene s;

		scene_start(&s, 2);
		scene_disk(&s, 1)->busy = true;
		if (is_mounted)
			assert_int_equal(words_add(&scene_disk(&s, 1)->mounts, "/data"), 0);
		scene_plan(&s);
		assert_int_equal(s.plan.refusals[0].code, REFUSAL_DISK_IN_USE);
		assert_int_equal(passing_find(&s.plan) != NULL, !is_mounted);
		assert_int_equal(passing_is_silent(&s.plan), !is_mounted);
		scene_end(&s);
	}
}

static void what_no_disk_helps_is_settled(void **state)
{
	struct scene s;

	(void)state;
	/* More than were expected. */
	scene_start(&s, 2);
	assert_false(waits(&s, "expect-disks", "1"));
	/* A type that has none, as far as is known. */
	scene_start(&s, 0);
	strcpy(s.facts.instance_type, "m5.large");
	assert_false(waits(&s, NULL, NULL));
	/* One that is here is somebody's. */
	scene_start(&s, 2);
	scene_disk(&s, 1)->blank = BLANK_NO;
	scene_disk(&s, 1)->signature_count = 1;
	strcpy(scene_disk(&s, 1)->signatures[0].type, "xfs");
	assert_false(waits(&s, "expect-disks", "3"));
	/* A partition is no disk, of one that is here; of another it may come. */
	scene_start(&s, 2);
	assert_int_equal(words_add(&scene_disk(&s, 1)->links, "/dev/disk/by-id/data"), 0);
	assert_false(waits(&s, "disks", "/dev/disk/by-id/data-part12"));
	scene_start(&s, 2);
	assert_int_equal(words_add(&scene_disk(&s, 1)->links, "/dev/disk/by-id/data"), 0);
	assert_true(waits(&s, "disks", "/dev/disk/by-id/data-partly"));
}

static void interfaces_and_addresses_may_come(void **state)
{
	struct scene s;

	(void)state;
	scene_start(&s, 2);
	assert_true(waits(&s, "lnet", "tcp(primary),tcp1(ens6)"));
	scene_start(&s, 2);
	s.facts.interfaces[0].ipv4[0] = '\0';
	assert_true(waits(&s, NULL, NULL));
	/* A second interface, in a subnet with IPv4 where the primary one's has none. */
	scene_start(&s, 2);
	s.facts.local_ipv4[0] = '\0';
	scene_say(&s, "index", "23");
	assert_true(waits(&s, "lnet", "tcp(ens6)"));
}

/* The metadata are asked once: what they do not say does not come. */
static void what_the_metadata_do_not_say_does_not_come(void **state)
{
	struct scene s;

	(void)state;
	scene_start(&s, 2);
	s.facts.mac[0] = '\0';
	assert_false(waits(&s, NULL, NULL));
	scene_start(&s, 2);
	s.facts.local_ipv4[0] = '\0';
	scene_say(&s, "index", "23");
	assert_false(waits(&s, NULL, NULL));
	/* Nor beside an interface that may: before it, after it. */
	scene_start(&s, 2);
	s.facts.mac[0] = '\0';
	assert_false(waits(&s, "lnet", "tcp(primary),tcp1(ens6)"));
	scene_start(&s, 2);
	s.facts.mac[0] = '\0';
	assert_false(waits(&s, "lnet", "tcp1(ens6),tcp(primary),tcp2(ens6)"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_is_missing_is_waited_for, start, end),
		cmocka_unit_test_setup_teardown(what_is_wrong_is_not, start, end),
		cmocka_unit_test_setup_teardown(a_wait_of_the_node_is_for_what_it_helps, start,
						end),
		cmocka_unit_test_setup_teardown(the_node_stopped_for_good_is_not_waited_for, start,
						end),
		cmocka_unit_test_setup_teardown(a_mark_is_for_its_own_code_and_target, start, end),
		cmocka_unit_test_setup_teardown(a_round_that_waits_has_its_verdict_all_the_same,
						start, end),
		cmocka_unit_test_setup_teardown(a_round_that_is_settled_is_refused, start, end),
		cmocka_unit_test(disks_may_come),
		cmocka_unit_test(a_link_to_what_was_served_may_come),
		cmocka_unit_test(what_holds_a_disk_may_let_go),
		cmocka_unit_test(what_no_disk_helps_is_settled),
		cmocka_unit_test(interfaces_and_addresses_may_come),
		cmocka_unit_test(what_the_metadata_do_not_say_does_not_come),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
