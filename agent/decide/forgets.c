/* SPDX-License-Identifier: Apache-2.0 */
#include "decide/forgets.h"

#include "decide/disk_identity.h"
#include "decide/layout.h"

#include <errno.h>
#include <string.h>

/* A disk on Xen is known by the name that it is mapped as, which every instance's has: it is this
 * one where it carries the PV. */
static bool is_on(const struct disk *disk, const struct remembered_disk *remembered)
{
	if (strcmp(disk->pv_uuid, remembered->pv_uuid) == 0)
		return true;
	for (size_t i = 0; i < disk->signature_count; i++)
		if (strcmp(disk->signatures[i].uuid, remembered->pv_uuid) == 0)
			return true;
	return disk->serial[0] != '\0' && disk_is(disk, remembered->serial);
}

static bool is_here(const struct facts *facts, const struct remembered_target *t)
{
	for (size_t g = 0; g < facts->group_count; g++)
		if (strcmp(facts->groups[g].name, t->group) == 0)
			return true;
	for (size_t i = 0; i < facts->disk_count; i++)
		for (size_t d = 0; d < t->disk_count; d++)
			if (is_on(&facts->disks[i], &t->disks[d]))
				return true;
	return false;
}

/* What this instance remembers of disks that are gone is the only trace of a loss (S6). */
static bool proves_nothing(const struct facts *facts, const struct remembered_target *t)
{
	return strcmp(t->instance_id, facts->instance_id) != 0 && !is_here(facts, t);
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
