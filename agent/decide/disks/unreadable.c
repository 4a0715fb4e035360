/* SPDX-License-Identifier: Apache-2.0 */
#include "decide/disks/unreadable.h"

#include "base/text.h"
#include "decide/disks/planned_disk.h"
#include "model/volume_tags.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

bool unreadable_is(const struct place *place)
{
	for (size_t i = 0; i < place->disk_count; i++)
		if (place->disks[i]->holds == PLAN_DISK_OUR_PV)
			return true;
	return false;
}

static bool is_pv_of(const struct candidate *candidate, const struct remembered_target *target)
{
	if (!candidate->pv_uuid || candidate->disk->signature_count == 0)
		return false;
	for (size_t i = 0; i < target->disk_count; i++)
		if (strcmp(target->disks[i].pv_uuid, candidate->pv_uuid) == 0)
			return true;
	return false;
}

/* Whether exactly these disks, PVs all of them, are what the target was on. */
static bool was_here(const struct remembered_target *target, const struct place *place)
{
	size_t here = 0;

	for (size_t i = 0; i < place->disk_count; i++)
		here += is_pv_of(place->disks[i], target);
	return here == place->disk_count && here == target->disk_count;
}

/* The group that this instance made of these disks; NULL where that is not known. */
static const char *find_group(const struct planner_input *input, const struct place *place)
{
	const struct state *state = input->state;

	for (size_t i = 0; i < state->target_count; i++)
		if (strcmp(state->targets[i].instance_id, input->facts->instance_id) == 0 &&
		    volume_group_name_ours(state->targets[i].group) &&
		    was_here(&state->targets[i], place))
			return state->targets[i].group;
	return NULL;
}

/* Whether LVM cannot read what each of the disks holds; else there is another reason. */
static bool is_torn(const struct place *place)
{
	for (size_t i = 0; i < place->disk_count; i++)
		if (!place->disks[i]->disk->lvm_text_torn)
			return false;
	return true;
}

static int refuse_hidden(const struct place *place, const char *group, struct plan *plan)
{
	return place_refuse(
		place, plan, REFUSAL_NOT_READABLE,
		"Nothing was written. vgs --foreign --shared tells whether LVM leaves it out, and "
		"pvck --dump metadata DISK what is there; vgcfgrestore brings back what vgremove "
		"took off.",
		"this instance made volume group %s, its PVs are here, and LVM does not show the "
		"group, though no metadata on them is torn",
		group);
}

static int refuse(const struct place *place, const char *group, struct plan *plan)
{
	if (!group)
		return place_refuse(
			place, plan, REFUSAL_NOT_READABLE,
			"Bring back the disks that it was made of. Where nothing on them is wanted "
			"any more, start over on blank disks.",
			"PVs of this instance are here, in no volume group that LVM can read, and "
			"they are not all the disks of one that is remembered");
	return place_refuse(
		place, plan, REFUSAL_NOT_READABLE,
		"What was on it is still there. Look for its metadata with pvck --dump "
		"metadata_search DISK, and write it back with pvck --repair -f FILE --settings "
		"pv_uuid=UUID DISK, to each disk with the UUID that state.json has for its serial.",
		"this instance made volume group %s, its PVs are here, and LVM cannot read the "
		"group on them, not even after a repair from its backup",
		group);
}

static int plan_repair(const struct place *place, const char *name, struct plan *plan,
		       struct allocation *ret)
{
	int index = (int)plan->group_count;
	struct plan_group *group = plan_add_group(plan);
	int r = group ? 0 : -ENOMEM;

	if (r == 0)
		r = text_format(group->name, sizeof(group->name), "%s", name);
	for (size_t i = 0; i < place->disk_count && r == 0; i++)
		r = planned_disk_add(group, place->disks[i]->disk, PLAN_DISK_OUR_PV,
				     place->disks[i]->pv_uuid);
	for (size_t i = 0; i < place->target_count; i++)
		place->targets[i]->group = index;
	ret->what[index] = ALLOCATED_REPAIR;
	return r;
}

int unreadable_plan(const struct planner_input *input, const struct place *place, struct plan *plan,
		    struct allocation *ret)
{
	const char *group = find_group(input, place);
	bool refused;
	int r = place_check_disks(place, plan, &refused);

	if (r < 0 || refused)
		return r;
	if (group && !is_torn(place))
		return refuse_hidden(place, group, plan);
	if (!group || status_did(input->status, ACTION_REPAIR_PV, ""))
		return refuse(place, group, plan);
	return plan_repair(place, group, plan, ret);
}
