/* SPDX-License-Identifier: Apache-2.0 */

/* Out of memory at any one moment: a value's JSON is whole, or there is none. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scenes/allocation.h"

#include "model/facts.h"
#include "model/finding.h"
#include "model/metadata.h"
#include "model/plan.h"
#include "model/state.h"
#include "model/status.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ALLOCATIONS_MAX 5000

/* One of each, with something in every list. */
static struct {
	struct plan plan;
	struct state state;
	struct status status;
	struct metadata metadata;
	struct facts facts;
	struct findings findings;
	struct problems problems;
} all;

static json_t *make_plan(void)
{
	return plan_to_json(&all.plan);
}

static json_t *make_state(void)
{
	return state_to_json(&all.state);
}

static json_t *make_status(void)
{
	return status_to_json(&all.status);
}

static json_t *make_metadata(void)
{
	return metadata_to_json(&all.metadata);
}

static json_t *make_facts(void)
{
	return facts_to_json(&all.facts);
}

static json_t *make_findings(void)
{
	return findings_to_json(&all.findings);
}

static json_t *make_problems(void)
{
	return problems_to_json(&all.problems);
}

static void fill_plan(void)
{
	struct plan *plan = &all.plan;
	struct plan_group *group = plan_add_group(plan);
	struct plan_target *target = plan_add_target(plan);
	struct plan_disk *disk = plan_group_add_disk(group);
	int action;

	assert_true(group && target && disk);
	strcpy(group->name, "lustre-init-1");
	strcpy(disk->path, "/dev/nvme1n1");
	strcpy(disk->serial, "AWS1");
	strcpy(disk->pv_uuid, "pv1");
	strcpy(target->name, "lustrewt-OST0017");
	strcpy(target->mount_point, "/srv/x");
	target->kind = TARGET_OST;
	target->group = 0;
	target->replace = true;
	assert_int_equal(words_add(&target->mgs_nids, "10.0.0.10@tcp"), 0);
	assert_int_equal(words_add(&plan->forgets, "lustrewt-OST0005 of i-2"), 0);
	plan->client.wanted = true;
	plan->client.source = strdup("10.0.0.10@tcp:/lustrewt");
	assert_non_null(plan->client.source);
	plan->net_count = 1;
	strcpy(plan->nets[0].nid, "10.0.0.23@tcp");
	action = plan_add_action(plan, ACTION_FORMAT);
	assert_int_equal(action, 0);
	plan->actions[0].target = 0;
	assert_int_equal(plan_add_action(plan, ACTION_LOAD_LNET), 1);
	plan_need(plan, 1, 0);
	assert_int_equal(plan_refuse(plan, REFUSAL_DRIFT, "MGS", "do", "found"), 0);
}

static int start(void **state)
{
	const struct origin origin = { .name = "user-data", .line = 3, .column = 7 };
	struct outcome *outcome;

	(void)state;
	fill_plan();
	assert_int_equal(state_remember(&all.state, "i-1", &all.plan, &all.plan.targets[0],
					PHASE_SERVED, NULL),
			 0);
	assert_int_equal(status_take_plan(&all.status, &all.plan), 0);
	outcome = status_add_outcome(&all.status);
	assert_non_null(outcome);
	strcpy(outcome->what, "mount");
	problems_add(&all.problems, &origin, "wrong");
	all.status.problems = all.problems;
	all.metadata.tag_count = 1;
	strcpy(all.metadata.tags[0].key, "lustre:role");
	strcpy(all.metadata.tags[0].value, "oss");
	all.facts.disks = calloc(1, sizeof(*all.facts.disks));
	assert_non_null(all.facts.disks);
	all.facts.disk_count = 1;
	strcpy(all.facts.disks[0].name, "nvme1n1");
	assert_int_equal(words_add(&all.facts.disks[0].links, "/dev/disk/x"), 0);
	return findings_warn(&all.findings, "mgs", "do", "found");
}

static int end(void **state)
{
	(void)state;
	plan_done(&all.plan);
	status_done(&all.status);
	facts_done(&all.facts);
	findings_done(&all.findings);
	return 0;
}

static void expect_whole(const char *name, json_t *(*make)(void))
{
	json_t *whole = make(), *tried;
	unsigned long n = 1;

	assert_non_null(whole);
	for (bool failed = true; failed; n++) {
		allocation_fail_at(n);
		tried = make();
		failed = allocation_has_failed();
		if (tried && !json_equal(tried, whole))
			fail_msg("%s, allocation %lu: %s", name, n,
				 json_dumps(tried, JSON_COMPACT));
		json_decref(tried);
		assert_true(n < ALLOCATIONS_MAX);
	}
	assert_true(n > 2);
	json_decref(whole);
}

static void json_is_whole_or_not_there(void **state)
{
	(void)state;
	expect_whole("plan", make_plan);
	expect_whole("state", make_state);
	expect_whole("status", make_status);
	expect_whole("metadata", make_metadata);
	expect_whole("facts", make_facts);
	expect_whole("findings", make_findings);
	expect_whole("problems", make_problems);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(json_is_whole_or_not_there, start, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
