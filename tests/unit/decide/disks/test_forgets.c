/* SPDX-License-Identifier: Apache-2.0 */

/* What leaves a full state.json: nothing that may prove something on this node. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "decide/planner.h"

#include "scenes/answers.h"

#define OTHER "i-0b0b"

/* Fills the memory with what this instance had, and disks that are gone, which is consented to. */
static void fill(struct scene *s)
{
	char name[TARGET_NAME_MAX];

	scene_say(s, "on-data-loss", "recreate");
	for (int i = 0; i < REMEMBERED_TARGETS_MAX; i++) {
		struct remembered_target *t;

		snprintf(name, sizeof(name), "lustrewt-OST1%03d", i);
		t = scene_remember(s, name, PHASE_SERVED, "lustre-init-0000beef");
		strcpy(t->disks[0].serial, "AWS99");
		strcpy(t->disks[0].pv_uuid, "pv-99");
		t->disk_count = 1;
	}
}

static void what_may_prove_something_stays(void **state)
{
	static const struct {
		const char *instance, *group, *serial, *pv_uuid;
		bool goes;
	} rows[] = {
		{ OTHER, "lustre-init-0000beef", "AWS99", "pv-99", true },
		{ OTHER, "lustre-init-0000beef", "xvd1", "pv-99", true },
		{ SCENE_INSTANCE, "lustre-init-0000beef", "AWS99", "pv-99", false },
		{ OTHER, "data", "AWS99", "pv-99", false },
		{ OTHER, "lustre-init-0000beef", "AWS1", "pv-99", false },
		{ OTHER, "lustre-init-0000beef", "AWS99", "pv-here", false },
		{ OTHER, "lustre-init-0000beef", "AWS99", "pv-label", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct remembered_target *t;
		struct scene s;

		scene_start(&s, 2);
		fill(&s);
		t = &s.state.targets[7];
		strcpy(t->instance_id, rows[i].instance);
		strcpy(t->group, rows[i].group);
		strcpy(t->disks[0].serial, rows[i].serial);
		strcpy(t->disks[0].pv_uuid, rows[i].pv_uuid);
		s.facts.groups = calloc(1, sizeof(*s.facts.groups));
		assert_non_null(s.facts.groups);
		s.facts.group_count = 1;
		strcpy(s.facts.groups[0].name, "data");
		/* Volumes that nobody named: one in a group, one of Xen, mapped as any is. */
		strcpy(scene_disk(&s, 0)->pv_uuid, "pv-here");
		scene_disk(&s, 0)->signature_count = 1;
		strcpy(scene_disk(&s, 0)->signatures[0].uuid, "pv-label");
		scene_disk(&s, 0)->serial[0] = '\0';
		strcpy(scene_disk(&s, 0)->attached_as, "xvd1");
		scene_plan(&s);
		assert_int_equal(s.plan.forgets.count, rows[i].goes);
		if (s.plan.refusal_count != !rows[i].goes)
			fail_msg("row %zu: %zu refusals", i, s.plan.refusal_count);
		if (rows[i].goes)
			assert_string_equal(s.plan.forgets.items[0], "lustrewt-OST1007 of " OTHER);
		else
			assert_null(strstr(scene_refusal(&s, REFUSAL_DRIFT)->fix, "clean"));
		scene_end(&s);
	}
}

/* The oldest, and no more than what is new needs. */
static void no_more_is_forgotten_than_is_needed(void **state)
{
	struct scene s;

	(void)state;
	scene_start(&s, 2);
	fill(&s);
	for (size_t i = 5; i < 20; i++)
		strcpy(s.state.targets[i].instance_id, OTHER);
	scene_plan(&s);
	assert_int_equal(s.plan.forgets.count, 1);
	assert_string_equal(s.plan.forgets.items[0], "lustrewt-OST1005 of " OTHER);
	s.state.target_count--;
	scene_plan(&s);
	assert_int_equal(s.plan.forgets.count, 0);
	assert_int_equal(s.plan.refusal_count, 0);
	scene_end(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_may_prove_something_stays),
		cmocka_unit_test(no_more_is_forgotten_than_is_needed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
