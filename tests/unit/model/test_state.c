/* SPDX-License-Identifier: Apache-2.0 */

/* What is remembered of a target: that it was lost outlives the attempt to make it anew. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/state.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

struct memory {
	struct state state;
	struct plan plan;
};

static void start(struct memory *m)
{
	struct plan_group *group;
	struct plan_target *target;

	memset(m, 0, sizeof(*m));
	group = plan_add_group(&m->plan);
	target = plan_add_target(&m->plan);
	assert_true(group && target);
	strcpy(group->name, "lustre-init-1");
	for (int i = 0; i < 2; i++) {
		struct plan_disk *disk = plan_group_add_disk(group);

		assert_non_null(disk);
		snprintf(disk->serial, sizeof(disk->serial), "AWS%d", i);
		snprintf(disk->pv_uuid, sizeof(disk->pv_uuid), "pv%d", i);
	}
	strcpy(target->name, "lustrewt-OST0017");
	target->group = 0;
}

static const struct remembered_target *remember(struct memory *m, enum phase phase)
{
	assert_int_equal(
		state_remember(&m->state, "i-1", &m->plan, &m->plan.targets[0], phase, NULL), 0);
	return state_find(&m->state, "i-1", "lustrewt-OST0017");
}

static void a_target_is_remembered_once_per_instance(void **state)
{
	struct memory m;
	const struct remembered_target *t;

	(void)state;
	start(&m);
	remember(&m, PHASE_CREATING);
	t = remember(&m, PHASE_SERVED);
	assert_int_equal(m.state.target_count, 1);
	assert_int_equal(t->phase, PHASE_SERVED);
	assert_int_equal(t->disk_count, 2);
	assert_string_equal(t->disks[1].serial, "AWS1");
	assert_string_equal(t->disks[1].pv_uuid, "pv1");
	assert_string_equal(t->group, "lustre-init-1");
	assert_null(state_find(&m.state, "i-2", "lustrewt-OST0017"));
	assert_null(state_find(&m.state, "i-1", "lustrewt-OST0018"));
	plan_done(&m.plan);
}

/* What may be on the volume without a signature: known of this group, and until it is complete. */
static void remains_are_kept_until_the_format_is_complete(void **state)
{
	const struct plan_target *target;
	struct state back;
	struct memory m;
	json_t *json;

	(void)state;
	start(&m);
	target = &m.plan.targets[0];
	assert_false(remember(&m, PHASE_CREATING)->remains);
	assert_int_equal(state_remember_format(&m.state, "i-1", &m.plan, target, NULL), 0);
	assert_true(state_has_remains(&m.state, "i-1", target->name, "lustre-init-1"));
	assert_false(state_has_remains(&m.state, "i-1", target->name, "lustre-init-2"));
	assert_false(state_has_remains(&m.state, "i-2", target->name, "lustre-init-1"));
	json = state_to_json(&m.state);
	assert_int_equal(state_from_json(json, &back, NULL), 0);
	assert_true(back.targets[0].remains);
	json_decref(json);
	assert_true(remember(&m, PHASE_CREATING)->remains);
	assert_false(remember(&m, PHASE_REGISTERING)->remains);
	/* A replacement is written down, too, and what it replaces is not forgotten. */
	assert_int_equal(state_remember_format(&m.state, "i-1", &m.plan, target, NULL), 0);
	assert_int_equal(m.state.targets[0].phase, PHASE_REGISTERING);
	assert_true(m.state.targets[0].remains);
	/* Another group: nothing is known of that. */
	strcpy(m.plan.groups[0].name, "lustre-init-2");
	assert_false(remember(&m, PHASE_CREATING)->remains);
	/* Over the ext3 of EC2 they are there before any format. */
	m.plan.groups[0].disks[1].holds = PLAN_DISK_EMPTY_EXT3;
	assert_true(remember(&m, PHASE_CREATING)->remains);
	plan_done(&m.plan);
}

static void a_loss_is_kept_until_it_serves_again(void **state)
{
	struct memory m;

	(void)state;
	start(&m);
	assert_false(remember(&m, PHASE_CREATING)->lost);
	assert_false(remember(&m, PHASE_CREATING)->lost); /* it never got anywhere */
	assert_false(remember(&m, PHASE_REGISTERING)->lost);
	assert_false(remember(&m, PHASE_REGISTERING)->lost); /* once more, and nothing is lost */
	assert_true(remember(&m, PHASE_CREATING)->lost);
	assert_true(remember(&m, PHASE_CREATING)->lost); /* cut off, and tried again */
	assert_true(remember(&m, PHASE_FORMATTED)->lost);
	assert_true(remember(&m, PHASE_REGISTERING)->lost);
	assert_false(remember(&m, PHASE_SERVED)->lost);
	assert_true(remember(&m, PHASE_CREATING)->lost);
	plan_done(&m.plan);
}

static void json_is_read_as_written(void **state)
{
	struct memory m;
	struct state again;
	json_t *json, *second;
	struct error err;

	(void)state;
	start(&m);
	remember(&m, PHASE_REGISTERING);
	remember(&m, PHASE_CREATING);
	json = state_to_json(&m.state);
	assert_int_equal(state_from_json(json, &again, &err), 0);
	second = state_to_json(&again);
	assert_true(json_equal(json, second));
	assert_true(state_find(&again, "i-1", "lustrewt-OST0017")->lost);
	json_decref(json);
	json_decref(second);
	plan_done(&m.plan);
}

static void what_is_not_understood_is_refused(void **state)
{
	static const char *const broken[] = {
		"[]",
		"{}",
		"{\"version\": 2, \"targets\": []}",
		"{\"version\": 1, \"targets\": {}}",
		"{\"version\": 1, \"targets\": [{\"name\": \"MGS\"}]}",
		"{\"version\": 1, \"targets\": [{\"name\": \"MGS\", \"instance-id\": \"i\", "
		"\"phase\": "
		"\"served\", \"group\": \"g\", \"disks\": [{\"serial\": \"a\"}]}]}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		json_t *json = json_loads(broken[i], 0, NULL);
		struct state read;
		struct error err = { 0 };

		assert_non_null(json);
		assert_int_equal(state_from_json(json, &read, &err), -EINVAL);
		assert_true(err.text[0] != '\0');
		json_decref(json);
	}
}

/* A word that is not known is not "not yet": blank disks would be formatted because of it. */
static void each_member_is_read_strictly(void **state)
{
	static const struct {
		const char *key, *value, *said;
	} broken[] = {
		{ "phase", "\"serving\"", "phase: \"serving\" is none of its names" },
		{ "phase", "\"Served\"", "phase" },
		{ "phase", "\"\"", "no name, instance-id, group or phase" },
		{ "phase", "null", "phase" },
		{ "phase", "4", "phase" },
		{ "lost", "\"true\"", "lost: neither true nor false" },
		{ "lost", "1", "lost" },
		{ "name", "\"\"", "no name" },
		{ "name", "\"a-name-that-is-longer-than-any-target-has\"", "longer than 31" },
		{ "instance-id", "[]", "instance-id" },
		{ "instance-id", "\"I-0A11CE0000000017\"", "no instance has" },
		{ "instance-id", "\" i-0a11ce0000000017\"", "no instance has" },
		{ "group", "\"\"", "group" },
		{ "disks", "{}", "disks: not a list" },
		{ "disks", "[{\"serial\": 1, \"pv-uuid\": \"u\"}]", "serial" },
		{ "disks", "[{\"serial\": \"a\"}]", "pv-uuid is missing" },
		{ "disks", "[{\"serial\": \"a\", \"pv-uuid\": \"\"}]", "no serial or pv-uuid" },
		{ "disks", "[{\"serial\": \"\", \"pv-uuid\": \"u\"}]", "no serial or pv-uuid" },
		{ "disks",
		  "[{\"serial\": \"a\", \"pv-uuid\": \"u\"}, {\"serial\": \"a\", "
		  "\"pv-uuid\": \"v\"}]",
		  "disk a twice" },
		{ "phaze", "\"served\"", "unknown key \"phaze\"" },
	};
	static struct memory m;
	static struct state read;
	struct error err;

	(void)state;
	start(&m);
	remember(&m, PHASE_SERVED);
	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		json_t *json = state_to_json(&m.state);
		json_t *value = json_loads(broken[i].value, JSON_DECODE_ANY, NULL);
		json_t *target = json_array_get(json_object_get(json, "targets"), 0);

		assert_true(value && target);
		assert_int_equal(json_object_set_new(target, broken[i].key, value), 0);
		if (state_from_json(json, &read, &err) != -EINVAL)
			fail_msg("%s: %s was read", broken[i].key, broken[i].value);
		if (!strstr(err.text, broken[i].said))
			fail_msg("%s: \"%s\"", broken[i].key, err.text);
		assert_int_equal(read.target_count, 0);
		json_decref(json);
	}
	plan_done(&m.plan);
}

static void what_stands_there_twice_is_refused(void **state)
{
	static struct memory m;
	static struct state read;
	struct error err;
	json_t *json, *targets;

	(void)state;
	start(&m);
	remember(&m, PHASE_SERVED);
	json = state_to_json(&m.state);
	targets = json_object_get(json, "targets");
	assert_int_equal(json_array_append(targets, json_array_get(targets, 0)), 0);
	assert_int_equal(state_from_json(json, &read, &err), -EINVAL);
	assert_non_null(strstr(err.text, "stands there twice"));
	assert_int_equal(json_object_del(json, "targets"), 0);
	assert_int_equal(state_from_json(json, &read, &err), -EINVAL);
	json_decref(json);
	plan_done(&m.plan);
}

static void memory_has_an_end(void **state)
{
	struct memory m;
	struct error err;

	(void)state;
	start(&m);
	for (int i = 0; i < REMEMBERED_TARGETS_MAX; i++) {
		snprintf(m.plan.targets[0].name, TARGET_NAME_MAX, "t%d", i);
		assert_int_equal(state_remember(&m.state, "i-1", &m.plan, &m.plan.targets[0],
						PHASE_SERVED, &err),
				 0);
	}
	strcpy(m.plan.targets[0].name, "one more");
	assert_int_equal(
		state_remember(&m.state, "i-1", &m.plan, &m.plan.targets[0], PHASE_SERVED, &err),
		-E2BIG);
	assert_non_null(strstr(err.text, "none of them may be forgotten"));
	assert_null(strstr(err.text, "clean"));
	plan_done(&m.plan);
}

/* Of a full memory what the plan names goes, and only for something new; nothing of this instance's
 * goes, whoever names it. */
static void the_plan_says_what_may_be_forgotten(void **state)
{
	struct memory m;

	(void)state;
	start(&m);
	remember(&m, PHASE_CREATING);
	for (int i = 1; i < REMEMBERED_TARGETS_MAX; i++) {
		m.state.targets[i] = m.state.targets[0];
		snprintf(m.state.targets[i].name, TARGET_NAME_MAX, "t%d", i);
		strcpy(m.state.targets[i].instance_id, "i-2");
	}
	m.state.target_count = REMEMBERED_TARGETS_MAX;
	assert_int_equal(words_add(&m.plan.forgets, "lustrewt-OST0017 of i-1"), 0);
	assert_int_equal(words_add(&m.plan.forgets, "t5 of i-2"), 0);
	assert_int_equal(words_add(&m.plan.forgets, "t6 of i-2"), 0);
	assert_non_null(remember(&m, PHASE_SERVED));
	assert_non_null(state_find(&m.state, "i-2", "t5"));
	strcpy(m.plan.targets[0].name, "one more");
	assert_int_equal(
		state_remember(&m.state, "i-1", &m.plan, &m.plan.targets[0], PHASE_CREATING, NULL),
		0);
	assert_int_equal(m.state.target_count, REMEMBERED_TARGETS_MAX);
	assert_null(state_find(&m.state, "i-2", "t5"));
	assert_non_null(state_find(&m.state, "i-2", "t4"));
	assert_non_null(state_find(&m.state, "i-2", "t6"));
	assert_non_null(state_find(&m.state, "i-1", "lustrewt-OST0017"));
	assert_non_null(state_find(&m.state, "i-1", "one more"));
	plan_done(&m.plan);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_target_is_remembered_once_per_instance),
		cmocka_unit_test(remains_are_kept_until_the_format_is_complete),
		cmocka_unit_test(a_loss_is_kept_until_it_serves_again),
		cmocka_unit_test(json_is_read_as_written),
		cmocka_unit_test(what_is_not_understood_is_refused),
		cmocka_unit_test(each_member_is_read_strictly),
		cmocka_unit_test(what_stands_there_twice_is_refused),
		cmocka_unit_test(memory_has_an_end),
		cmocka_unit_test(the_plan_says_what_may_be_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
