/* SPDX-License-Identifier: Apache-2.0 */
#include "decide/disks/forgets.h"

#include "decide/disks/layout.h"
#include "decide/disks/remembered.h"

#include <errno.h>
#include <string.h>

/* What this instance remembers of disks that are gone is the only trace of a loss (S6). */
static bool proves_nothing(const struct facts *facts, const struct remembered_target *t)
{
	return strcmp(t->instance_id, facts->instance_id) != 0 && !remembered_is_here(facts, t);
}

static bool is_new(const struct planner_input *input, const struct judged *judged,
		   const struct plan *plan, size_t target)
{
	const char *name = plan->targets[target].name;

	return judged[target].what != JUDGED_MOUNTED && !plan_refuses(plan, name) &&
	       !state_find(input->state, input->facts->instance_id, name);
}

static int refuse_new(const struct planner_input *input, const struct judged *judged,
		      struct plan *plan)
{
	bool news[TARGETS_MAX] = { 0 };
	int r = 0;

	for (size_t i = 0; i < plan->target_count; i++)
		news[i] = is_new(input, judged, plan, i);
	for (size_t i = 0; i < plan->target_count && r == 0; i++)
		if (news[i])
			r = plan_refuse(plan, REFUSAL_DRIFT, plan->targets[i].name,
					"Ask for a target that this instance has had, or start "
					"over with a new instance.",
					"state.json is full: it remembers %zu targets of this "
					"instance, or of disks that are here",
					input->state->target_count - plan->forgets.count);
	return r;
}

int forgets_choose(const struct planner_input *input, const struct judged *judged,
		   struct plan *plan)
{
	const struct state *state = input->state;
	size_t needed = state->target_count;
	char text[REMEMBERED_TEXT_MAX];

	for (size_t i = 0; i < plan->target_count; i++)
		needed += is_new(input, judged, plan, i);
	for (size_t i = 0; i < state->target_count && needed > REMEMBERED_TARGETS_MAX; i++) {
		const struct remembered_target *t = &state->targets[i];

		if (!proves_nothing(input->facts, t))
			continue;
		remembered_describe(t, text);
		if (words_add(&plan->forgets, text) < 0)
			return -ENOMEM;
		needed--;
	}
	return needed > REMEMBERED_TARGETS_MAX ? refuse_new(input, judged, plan) : 0;
}
