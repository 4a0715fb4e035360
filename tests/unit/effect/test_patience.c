/* SPDX-License-Identifier: Apache-2.0 */

/* What takes long is told while it lasts, with what it may be waiting for. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "effect/mount.h"

#include "scenes/children.h"
#include "scenes/recorded.h"
#include "scenes/told.h"

static void expect(const char *text, const char *words)
{
	if (!strstr(text, words))
		fail_msg("\"%s\" is not in \"%s\"", words, text);
}

static void a_net_that_is_slow_is_told_of(void **state)
{
	struct plan plan = {
		.nets = { { .net = "tcp", .interface = "ens5", .nid = "10.0.0.23@tcp" } },
		.net_count = 1
	};
	struct told told = { 0 };
	struct status status = { 0 };
	struct children children = children_start(/* lock= */ -1);
	const struct apply_options options = {
		.plan = &plan,
		.processes = children.processes,
		.patience = { .tool_usec = 60 * 1000000ULL, .told_usec = 100000 },
		.progress = told_step,
		.note = told_note,
		.rest = told_rest,
		.userdata = &told,
	};
	struct recorded machine;
	struct error err;

	(void)state;
	recorded_start(&machine);
	recorded_tool(&machine, "lnetctl", "sleep 1");
	assert_int_equal(plan_add_action(&plan, ACTION_ADD_NET), 0);
	plan.actions[0].item = 0;
	assert_int_equal(apply_plan(&options, &status, &err), 0);
	children_end(&children);
	assert_int_equal(status.outcomes[0].kind, OUTCOME_DONE);
	expect(told.steps, "lnetctl has been adding net tcp on ens5 for ");
	status_done(&status);
	plan_done(&plan);
	recorded_end(&machine);
}

/* A mount of one target, or of the client: what is told of it the first time, and the second. */
struct waiting {
	struct plan plan;
	struct told told;
	struct apply_options options;
	struct step step;
};

static void start(struct waiting *w, enum target_kind kind, bool first)
{
	*w = (struct waiting){ 0 };
	w->options = (struct apply_options){ .plan = &w->plan,
					     .progress = told_step,
					     .note = told_note,
					     .rest = told_rest,
					     .userdata = &w->told };
	w->step.options = &w->options;
	assert_int_equal(plan_add_action(&w->plan, ACTION_MOUNT), 0);
	if (kind != TARGET_KIND_MAX) {
		struct plan_target *target = plan_add_target(&w->plan);

		assert_non_null(target);
		target->kind = kind;
		strcpy(target->name, "lustrewt-OST0017");
		w->plan.actions[0].target = 0;
		w->step.target = target;
	} else {
		strcpy(w->plan.client.mount_point, "/mnt/lustrewt");
	}
	if (first) {
		assert_int_equal(plan_add_action(&w->plan, ACTION_SETTLE), 1);
		w->plan.actions[1].target = 0;
	}
	w->step.action = &w->plan.actions[0];
	mount_remind(&w->step, 10);
	w->step.reminded = true;
	mount_remind(&w->step, 20);
}

static void each_mount_is_told_what_it_may_wait_for(void **state)
{
	static const struct {
		enum target_kind kind;
		bool first;
		const char *words;
	} waits[] = {
		{ TARGET_OST, true,
		  "mount lustrewt-OST0017, for 20 s: the MGS first takes its locks" },
		{ TARGET_MDT, true, "where a client or server has just died" },
		{ TARGET_OST, false, "mounted without, after one to five minutes" },
		{ TARGET_KIND_MAX, false, "mds_connect" },
		{ TARGET_KIND_MAX, false, "mount /mnt/lustrewt, for 20 s: servers that have" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(waits) / sizeof(waits[0]); i++) {
		struct waiting w;

		start(&w, waits[i].kind, waits[i].first);
		expect(w.told.steps, waits[i].words);
		/* Once in the journal, however long it lasts. */
		expect(w.told.notes, "takes longer than 10 s: ");
		assert_int_equal(w.told.wait, WAIT_MOUNT);
		assert_null(strstr(w.told.notes, "20 s"));
		plan_done(&w.plan);
	}
}

/* It waits for nobody: nothing is made up. */
static void an_mgt_waits_for_nobody(void **state)
{
	struct waiting w;

	(void)state;
	start(&w, TARGET_MGT, true);
	assert_string_equal(w.told.steps,
			    "mount lustrewt-OST0017, for 10 s\nmount lustrewt-OST0017, for 20 s\n");
	assert_string_equal(w.told.notes, "");
	plan_done(&w.plan);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_net_that_is_slow_is_told_of),
		cmocka_unit_test(each_mount_is_told_what_it_may_wait_for),
		cmocka_unit_test(an_mgt_waits_for_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
