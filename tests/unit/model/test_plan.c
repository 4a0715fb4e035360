/* SPDX-License-Identifier: Apache-2.0 */

/* The plan as a value: needs, refusals that read once, names that read back. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/plan.h"

#include <stdio.h>
#include <string.h>

static void needs_are_kept_once(void **state)
{
	struct plan plan = { 0 };
	int first, second;

	(void)state;
	first = plan_add_action(&plan, ACTION_LOAD_LNET);
	second = plan_add_action(&plan, ACTION_MOUNT);
	plan_need(&plan, second, first);
	plan_need(&plan, second, first);
	plan_need(&plan, second, -1);
	plan_need(&plan, -1, first);
	assert_int_equal(plan.actions[second].need_count, 1);
	assert_int_equal(plan.actions[second].needs[0], first);
	assert_int_equal(plan.actions[second].target, -1);
	plan_done(&plan);
}

static void one_reason_reads_once(void **state)
{
	struct plan plan = { 0 };

	(void)state;
	plan_refuse(&plan, REFUSAL_FOREIGN_DATA, "MGS", "fix", "disk %d", 1);
	plan_refuse(&plan, REFUSAL_FOREIGN_DATA, "lustrewt-OST0001", "fix", "disk %d", 1);
	plan_refuse(&plan, REFUSAL_FOREIGN_DATA, "MGS", "fix", "disk %d", 1);
	assert_int_equal(plan.refusal_count, 1);
	assert_string_equal(plan.refusals[0].target, "MGS, lustrewt-OST0001");
	plan_refuse(&plan, REFUSAL_FOREIGN_DATA, "MGS", "fix", "disk %d", 2);
	plan_refuse(&plan, REFUSAL_FOREIGN_DATA, "MGS", "other fix", "disk %d", 1);
	plan_refuse(&plan, REFUSAL_NOT_READABLE, "MGS", "fix", "disk %d", 1);
	assert_int_equal(plan.refusal_count, 4);
	plan_done(&plan);
}

/* Names are compared whole: OST001 is not part of OST0017. */
static void a_refusal_stops_whom_it_names(void **state)
{
	struct plan plan = { 0 };

	(void)state;
	plan_refuse(&plan, REFUSAL_DRIFT, "lustrewt-OST0017", "fix", "found");
	plan_refuse(&plan, REFUSAL_DRIFT, "MGS", "fix", "found");
	assert_true(plan_refuses(&plan, "lustrewt-OST0017"));
	assert_true(plan_refuses(&plan, "MGS"));
	assert_false(plan_refuses(&plan, "lustrewt-OST001"));
	assert_false(plan_refuses(&plan, "lustrewt-OST00170"));
	assert_false(plan_refuses(&plan, "GS"));
	assert_false(plan_refuses(&plan, ""));
	plan_refuse(&plan, REFUSAL_LNET, "", "fix", "found");
	assert_true(plan_refuses(&plan, ""));
	assert_true(plan_refuses(&plan, "lustrewt-OST001"));
	plan_done(&plan);
}

/* More targets than one line holds: a second refusal, never a name cut short. */
static void no_target_is_left_out_of_a_long_list(void **state)
{
	struct plan plan = { 0 };
	char name[TARGET_NAME_MAX];

	(void)state;
	for (int i = 0; i < 64; i++) {
		snprintf(name, sizeof(name), "lustrewt-OST%04x", i);
		plan_refuse(&plan, REFUSAL_TOO_FEW_DISKS, name, "fix", "found");
	}
	for (int i = 0; i < 64; i++) {
		snprintf(name, sizeof(name), "lustrewt-OST%04x", i);
		assert_true(plan_refuses(&plan, name));
	}
	assert_true(plan.refusal_count > 1);
	plan_done(&plan);
}

static void names_read_back(void **state)
{
	enum action_kind action;
	enum refusal_code code;

	(void)state;
	for (unsigned i = 0; i < ACTION_KIND_MAX; i++) {
		assert_true(action_kind_from_name(action_kind_name((enum action_kind)i), &action));
		assert_int_equal(action, i);
	}
	for (unsigned i = 0; i < REFUSAL_CODE_MAX; i++) {
		assert_true(refusal_code_from_name(refusal_code_name((enum refusal_code)i), &code));
		assert_int_equal(code, i);
	}
	assert_false(action_kind_from_name("wipe", &action));
	assert_false(refusal_code_from_name("", &code));
}

static void actions_say_what_they_work_on(void **state)
{
	struct plan plan = { 0 };
	struct plan_target *target = plan_add_target(&plan);
	struct plan_group *group = plan_add_group(&plan);
	struct plan_disk *disk = plan_group_add_disk(group);
	struct action action = { .kind = ACTION_TAG, .phase = PHASE_SERVED };
	char text[64];

	(void)state;
	assert_true(target && group && disk);
	strcpy(target->name, "lustrewt-OST0017");
	strcpy(disk->path, "/dev/nvme1n1");
	strcpy(plan.client.mount_point, "/mnt/lustrewt");
	action_describe(&plan, &action, text, sizeof(text));
	assert_string_equal(text, "tag lustrewt-OST0017 served");
	action = (struct action){ .kind = ACTION_CREATE_PV, .target = -1 };
	action_describe(&plan, &action, text, sizeof(text));
	assert_string_equal(text, "create-pv /dev/nvme1n1");
	action = (struct action){ .kind = ACTION_MOUNT, .target = -1 };
	action_describe(&plan, &action, text, sizeof(text));
	assert_string_equal(text, "mount /mnt/lustrewt");
	action = (struct action){ .kind = ACTION_LOAD_LNET, .target = -1 };
	action_describe(&plan, &action, text, sizeof(text));
	assert_string_equal(text, "load-lnet");
	plan_done(&plan);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(needs_are_kept_once),
		cmocka_unit_test(one_reason_reads_once),
		cmocka_unit_test(a_refusal_stops_whom_it_names),
		cmocka_unit_test(no_target_is_left_out_of_a_long_list),
		cmocka_unit_test(names_read_back),
		cmocka_unit_test(actions_say_what_they_work_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
