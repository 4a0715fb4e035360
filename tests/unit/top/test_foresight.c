/* SPDX-License-Identifier: Apache-2.0 */

/* Who has LNET's module loaded before anything is planned: who has a role, and before that is
 * known, this instance's own memory. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "foresight.h"

#include "scenes/apply.h"

static bool node_loads_early(const struct node *node)
{
	const struct node_options options = { 0 };
	struct foresight foresight = { 0 };
	struct facts facts = { 0 };
	struct apply_scene s;
	bool is_early;

	apply_start(&s);
	apply_tool(&s, "modprobe", "");
	s.children = children_start(/* lock= */ -1);
	foresight.processes = s.children.processes;
	foresight_put(&foresight, &options, node);
	is_early = lnet_early_process(&foresight.lnet_early) != NULL;
	while (lnet_early_process(&foresight.lnet_early))
		processes_go_on(foresight.processes);
	assert_int_equal(apply_called(&s, "modprobe lnet\n"), is_early);
	foresight_end(&foresight, &facts);
	assert_int_equal(facts.lnet == LNET_NO_MODULE, is_early);
	children_end(&s.children);
	apply_end(&s);
	return is_early;
}

/* A node that remembers one target of that instance, and is itself "i-own". */
static bool loads_early(const char *instance_id, enum phase phase, enum lnet_state lnet)
{
	struct node *node = calloc(1, sizeof(*node));
	bool is_early;

	assert_non_null(node);
	snprintf(node->metadata.instance_id, sizeof(node->metadata.instance_id), "i-own");
	node->state.target_count = 1;
	node->state.targets[0].phase = phase;
	snprintf(node->state.targets[0].instance_id, sizeof(node->state.targets[0].instance_id),
		 "%s", instance_id);
	node->facts.lnet = lnet;
	is_early = node_loads_early(node);
	free(node);
	return is_early;
}

/* One that remembers nothing. */
static bool role_loads_early(unsigned roles)
{
	struct node *node = calloc(1, sizeof(*node));
	bool is_early;

	assert_non_null(node);
	node->spec.roles = roles;
	is_early = node_loads_early(node);
	free(node);
	return is_early;
}

static void lnet_is_loaded_early_where_this_instance_served(void **state)
{
	(void)state;
	assert_true(loads_early("i-own", PHASE_SERVED, LNET_NO_MODULE));
	assert_true(loads_early("i-own", PHASE_SERVED, LNET_UNKNOWN));
	assert_false(loads_early("i-own", PHASE_SERVED, LNET_UP));
	assert_false(loads_early("i-own", PHASE_SERVED, LNET_DOWN));
	assert_false(loads_early("i-own", PHASE_REGISTERING, LNET_NO_MODULE));
}

static void what_another_instance_remembered_loads_nothing(void **state)
{
	(void)state;
	assert_false(loads_early("i-other", PHASE_SERVED, LNET_NO_MODULE));
}

/* Nobody waits for it before the plan does: not the disks that are to be looked at either. */
static void whoever_has_a_role_loads_it_early(void **state)
{
	(void)state;
	assert_true(role_loads_early(ROLE_CLIENT));
	assert_true(role_loads_early(ROLE_CLIENT | ROLE_OSS));
	assert_true(role_loads_early(ROLE_OSS));
	assert_false(role_loads_early(0));
}

/* How a look ends that found LNET so, and began when its module was loaded early, or before. */
static enum lnet_state found_by_look(struct foresight *foresight, const struct node *node,
				     enum lnet_state found)
{
	const struct node_options options = { 0 };
	struct facts facts = { .lnet = found };

	foresight_put(foresight, &options, node);
	while (lnet_early_process(&foresight->lnet_early))
		processes_go_on(foresight->processes);
	foresight_end(foresight, &facts);
	return facts.lnet;
}

/* Rounds later somebody may have unloaded it again. */
static void who_looks_after_its_end_is_believed(void **state)
{
	struct node *node = calloc(1, sizeof(*node));
	struct foresight foresight = { 0 };
	struct apply_scene s;

	(void)state;
	assert_non_null(node);
	node->spec.roles = ROLE_CLIENT;
	apply_start(&s);
	apply_tool(&s, "modprobe", "");
	s.children = children_start(/* lock= */ -1);
	s.lnet_early = &foresight.lnet_early;
	foresight.processes = s.children.processes;
	assert_int_equal(found_by_look(&foresight, node, LNET_DOWN), LNET_NO_MODULE);
	assert_int_equal(found_by_look(&foresight, node, LNET_DOWN), LNET_DOWN);
	assert_int_equal(found_by_look(&foresight, node, LNET_NO_MODULE), LNET_NO_MODULE);
	recorded_file(&s.machine, "/calls", "%s", "");
	assert_int_equal(plan_add_action(&s.plan, ACTION_LOAD_LNET), 0);
	apply_run(&s);
	assert_int_equal(apply_outcome(&s, ACTION_LOAD_LNET)->kind, OUTCOME_DONE);
	assert_true(apply_called(&s, "modprobe lnet\n"));
	children_end(&s.children);
	apply_end(&s);
	free(node);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lnet_is_loaded_early_where_this_instance_served),
		cmocka_unit_test(what_another_instance_remembered_loads_nothing),
		cmocka_unit_test(whoever_has_a_role_loads_it_early),
		cmocka_unit_test(who_looks_after_its_end_is_believed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
