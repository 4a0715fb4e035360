/* SPDX-License-Identifier: Apache-2.0 */
#include "decide/disks/remembered.h"

#include "decide/disks/disk_identity.h"

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

bool remembered_is_here(const struct facts *facts, const struct remembered_target *t)
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

static bool is_of(const char *target, const char *fsname)
{
	const char *tail = strrchr(target, '-');

	return tail && (size_t)(tail - target) == strlen(fsname) &&
	       strncmp(target, fsname, strlen(fsname)) == 0;
}

static bool is_asked(const struct plan *plan, const char *name)
{
	for (size_t i = 0; i < plan->target_count; i++)
		if (strcmp(plan->targets[i].name, name) == 0)
			return true;
	return false;
}

const struct remembered_target *remembered_find_gone(const struct planner_input *input,
						     const struct plan *plan)
{
	const struct state *state = input->state;

	for (size_t i = 0; i < state->target_count; i++) {
		const struct remembered_target *t = &state->targets[i];

		if (t->phase == PHASE_SERVED &&
		    strcmp(t->instance_id, input->facts->instance_id) == 0 &&
		    is_of(t->name, input->spec->fsname) && !is_asked(plan, t->name) &&
		    !remembered_is_here(input->facts, t))
			return t;
	}
	return NULL;
}
