/* SPDX-License-Identifier: Apache-2.0 */
#include "decide/allocate.h"

#include "decide/names.h"
#include "model/volume_tags.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* The volume's path follows from its names; stripes from the number of disks. */
static void place(struct plan *plan, struct plan_target *target, int group)
{
	const struct plan_group *g = &plan->groups[group];

	target->group = group;
	snprintf(target->device, sizeof(target->device), "/dev/%.120s/%.120s", g->name,
		 target->volume);
	target->stripes = (unsigned)g->disk_count;
}

static int add_disk(struct plan_group *group, const struct disk *disk, const char *pv_uuid)
{
	struct plan_disk *planned = plan_group_add_disk(group);

	if (!planned)
		return -ENOMEM;
	snprintf(planned->path, sizeof(planned->path), "%s", disk->path);
	snprintf(planned->serial, sizeof(planned->serial), "%s", disk->serial);
	snprintf(planned->pv_uuid, sizeof(planned->pv_uuid), "%s", pv_uuid);
	planned->size = disk->size;
	return 0;
}

/* Takes a group that is there into the plan, once. Returns its index or -ENOMEM. */
static int take_group(const struct facts *facts, const struct volume_group *group,
		      struct plan *plan)
{
	struct plan_group *planned;

	for (size_t i = 0; i < plan->group_count; i++)
		if (strcmp(plan->groups[i].uuid, group->uuid) == 0)
			return (int)i;
	planned = plan_add_group(plan);
	if (!planned)
		return -ENOMEM;
	snprintf(planned->name, sizeof(planned->name), "%s", group->name);
	snprintf(planned->uuid, sizeof(planned->uuid), "%s", group->uuid);
	for (size_t i = 0; i < facts->disk_count; i++) {
		const struct disk *disk = &facts->disks[i];

		if (strcmp(disk->vg_uuid, group->uuid) == 0 &&
		    add_disk(planned, disk, disk->pv_uuid) < 0)
			return -ENOMEM;
	}
	return (int)plan->group_count - 1;
}

int allocate_existing(const struct facts *facts, const struct volume_group *group,
		      const struct volume *volume, struct plan_target *target, struct plan *plan)
{
	int index = take_group(facts, group, plan);

	if (index < 0)
		return index;
	snprintf(target->volume, sizeof(target->volume), "%s", volume->name);
	place(plan, target, index);
	return 0;
}

/* A PV that this very instance chose the UUID of before it wrote anything (state.json). */
static bool is_own_pv(const struct planner_input *input, const struct disk *disk)
{
	const struct state *state = input->state;

	if (disk->pv_uuid[0] == '\0' || disk->vg_uuid[0] != '\0')
		return false;
	for (size_t t = 0; t < state->target_count; t++) {
		const struct remembered_target *target = &state->targets[t];

		if (strcmp(target->instance_id, input->facts->instance_id) != 0)
			continue;
		for (size_t d = 0; d < target->disk_count; d++)
			if (strcmp(target->disks[d].pv_uuid, disk->pv_uuid) == 0 &&
			    strcmp(target->disks[d].serial, disk->serial) == 0)
				return true;
	}
	return false;
}

static int refuse_disk(const struct disk *disk, const char *target, struct plan *plan)
{
	const struct signature *signature = &disk->signatures[0];

	if (disk->signature_count > 0)
		return plan_refuse(
			plan, REFUSAL_FOREIGN_DATA, target,
			"Save what it holds, then remove the signature with wipefs.",
			"disk %s (serial %s) carries a signature of %s%s%s%s that is not ours",
			disk->path, disk->serial, signature->type,
			signature->label[0] ? ", label \"" : "", signature->label,
			signature->label[0] ? "\"," : "");
	if (disk->blank == BLANK_NO)
		return plan_refuse(plan, REFUSAL_FOREIGN_DATA, target,
				   "Save what it holds, then zero the disk.",
				   "disk %s (serial %s) is not blank: %s", disk->path, disk->serial,
				   disk->not_blank_because);
	return plan_refuse(plan, REFUSAL_NOT_READABLE, target,
			   "Run as root; if it is root already, the disk may be failing.",
			   "disk %s (serial %s) could not be read%s%s", disk->path, disk->serial,
			   disk->not_blank_because[0] ? ": " : "", disk->not_blank_because);
}

/* Refuses every disk that may not be written (S3). Returns how many; -ENOMEM. */
static int refuse_disks(const struct planner_input *input, const struct disk *const *disks,
			size_t count, const char *target, struct plan *plan)
{
	int refused = 0;

	for (size_t i = 0; i < count; i++) {
		bool blank = disks[i]->blank == BLANK_YES && disks[i]->signature_count == 0;

		if (blank || is_own_pv(input, disks[i]))
			continue;
		if (refuse_disk(disks[i], target, plan) < 0)
			return -ENOMEM;
		refused++;
	}
	return refused;
}

static int new_group(const struct planner_input *input, const struct disk *const *disks,
		     size_t count, struct plan *plan, struct allocation *ret)
{
	unsigned number = (unsigned)plan->group_count;
	struct plan_group *group = plan_add_group(plan);

	if (!group)
		return -ENOMEM;
	names_group(input->facts->random, number, group->name, sizeof(group->name));
	for (size_t i = 0; i < count; i++) {
		char pv_uuid[UUID_TEXT_MAX];

		names_pv_uuid(input->facts->random, number * DISKS_MAX + (unsigned)i, pv_uuid,
			      sizeof(pv_uuid));
		ret->pv_exists[number][i] = is_own_pv(input, disks[i]);
		if (add_disk(group, disks[i],
			     ret->pv_exists[number][i] ? disks[i]->pv_uuid : pv_uuid) < 0)
			return -ENOMEM;
	}
	ret->create[number] = true;
	return (int)number;
}

/* A group of ours on these disks: made, but perhaps without all of its volumes yet. */
static const struct volume_group *own_group(const struct planner_input *input,
					    const struct disk *const *disks, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct volume_group *group =
			disks[i]->vg_uuid[0] ? facts_group_by_uuid(input->facts, disks[i]->vg_uuid)
					     : NULL;

		if (group && volume_tags_ours(&group->tags))
			return group;
	}
	return NULL;
}

/* Stop/start, resize, failed host: blank disks where this instance once had a target in service
 * (S6). */
static int refuse_data_loss(const struct planner_input *input, const struct plan_target *target,
			    struct plan *plan, bool *ret_refused)
{
	const struct remembered_target *remembered =
		state_find(input->state, input->facts->instance_id, target->name);
	bool recreate =
		input->spec->on_data_loss == ON_DATA_LOSS_RECREATE && target->kind != TARGET_MDT;

	*ret_refused = remembered && remembered->phase >= PHASE_REGISTERING && !recreate;
	if (!*ret_refused)
		return 0;
	return plan_refuse(
		plan, REFUSAL_DATA_LOSS, target->name,
		target->kind == TARGET_MDT
			? "Start over with a new file system, under a new fsname."
			: "Set on-data-loss: recreate to make it anew, empty, under its old index.",
		"the disks of %s are gone: this instance served it, and its disks are blank now; "
		"files "
		"that had objects there would read as empty",
		target->name);
}

static bool group_has_target_outside(const struct volume_group *group, const struct plan *plan,
				     const char **ret_target)
{
	for (size_t v = 0; v < group->volume_count; v++) {
		const char *tag = volume_tag_value(&group->volumes[v].tags, "target");
		bool planned = false;

		for (size_t t = 0; tag && t < plan->target_count; t++)
			planned = planned || strcmp(plan->targets[t].name, tag) == 0;
		if (!planned) {
			*ret_target = tag ? tag : group->volumes[v].name;
			return true;
		}
	}
	return false;
}

/* Puts an absent target into our group that is there already, half made. */
static int place_in_own_group(const struct planner_input *input, const struct volume_group *group,
			      struct plan_target *target, struct plan *plan)
{
	const char *instance = volume_tag_value(&group->tags, "instance");
	const char *other;
	int index;

	if (!instance || strcmp(instance, input->facts->instance_id) != 0)
		return plan_refuse(
			plan, REFUSAL_OTHER_INSTANCE, target->name,
			"Set replace: true to adopt what it holds, or give the node blank "
			"disks.",
			"volume group %s on its disks belongs to another instance (%s; this "
			"one is %s)",
			group->name, instance ? instance : "untagged", input->facts->instance_id);
	if (group_has_target_outside(group, plan, &other))
		return plan_refuse(
			plan, REFUSAL_DRIFT, target->name,
			"Ask for the target that is there, or start over with blank disks.",
			"volume group %s holds %s, but %s is asked for now", group->name, other,
			target->name);
	index = take_group(input->facts, group, plan);
	if (index < 0)
		return index;
	place(plan, target, index);
	return 0;
}

static int place_on_blank_disks(const struct planner_input *input, const struct disk *const *disks,
				size_t count, int *group, struct plan_target *target,
				struct plan *plan, struct allocation *ret)
{
	bool refused = false;
	int r = refuse_data_loss(input, target, plan, &refused);

	if (r < 0 || refused)
		return r;
	r = refuse_disks(input, disks, count, target->name, plan);
	if (r != 0)
		return r < 0 ? r : 0;
	if (*group < 0)
		*group = new_group(input, disks, count, plan, ret);
	if (*group < 0)
		return *group;
	target->zeroed = true;
	place(plan, target, *group);
	return 0;
}

static int refuse_disk_count(const struct planner_input *input, size_t count, struct plan *plan)
{
	unsigned expected = input->spec->expect_disks;
	const char *wanted = input->spec->disks == DISKS_INSTANCE_STORE ? "instance-store disk"
									: "disk that `disks` names";

	if (count == 0)
		return plan_refuse(
			plan, REFUSAL_NO_DISK, "",
			"Use an instance type with instance store, or name a disk with "
			"`disks`.",
			"this node (%s) has no %s; lustre-init facts shows the %zu block "
			"devices it has",
			input->facts->instance_type[0] ? input->facts->instance_type
						       : "unknown type",
			wanted, input->facts->disk_count);
	if (expected > 0 && count != expected)
		return plan_refuse(
			plan, REFUSAL_TOO_FEW_DISKS, "",
			"Wait for the disks or replace the instance; or correct expect-disks.",
			"expect-disks is %u, but %zu usable disks are here", expected, count);
	return 0;
}

int allocate_new(const struct planner_input *input, const struct disk *const *disks,
		 size_t disk_count, const enum judgement *judgements, struct plan *plan,
		 struct allocation *ret, struct error *err)
{
	int shared = -1, r = 0;
	size_t rank = 0;

	if (disk_count > DISKS_MAX)
		return error_set(err, -E2BIG, "more than %d disks", DISKS_MAX);
	if (!plan_refuses(plan, ""))
		r = refuse_disk_count(input, disk_count, plan);
	for (size_t i = 0; i < plan->target_count && r == 0 && !plan_refuses(plan, ""); i++) {
		struct plan_target *target = &plan->targets[i];
		bool own_disk = input->spec->osts_per_disk && target->kind == TARGET_OST;
		const struct disk *const *mine = own_disk ? disks + rank++ : disks;
		size_t mine_count = own_disk ? 1 : disk_count;
		const struct volume_group *group;
		int alone = -1;

		if (judgements[i] != JUDGED_ABSENT)
			continue;
		group = own_group(input, mine, mine_count);
		if (group)
			r = place_in_own_group(input, group, target, plan);
		else
			r = place_on_blank_disks(input, mine, mine_count,
						 own_disk ? &alone : &shared, target, plan, ret);
	}
	return r < 0 ? error_set(err, r, "out of memory") : 0;
}
