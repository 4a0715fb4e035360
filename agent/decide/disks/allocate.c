/* SPDX-License-Identifier: Apache-2.0 */
#include "decide/disks/allocate.h"

#include "base/text.h"
#include "decide/disks/consent.h"
#include "decide/disks/disk_identity.h"
#include "decide/disks/group.h"
#include "decide/disks/names.h"
#include "decide/disks/places.h"
#include "decide/disks/planned_disk.h"
#include "decide/disks/unreadable.h"
#include "decide/disks/volumes.h"
#include "decide/passing.h"
#include "model/attachment.h"
#include "model/instance_store.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The volume's path follows from its names, which are of our own making; that the device behind it
 * is this volume, effect/volume_device.h looks at. Stripes from the number of disks. */
static void put(struct plan *plan, struct plan_target *target, int group)
{
	const struct plan_group *g = &plan->groups[group];

	target->group = group;
	text_set(target->device, sizeof(target->device), "/dev/%s/%s", g->name, target->volume);
	target->stripes = (unsigned)g->disk_count;
}

static int compare(const void *left, const void *right)
{
	return disk_compare(*(const struct disk *const *)left, *(const struct disk *const *)right);
}

/* The group's disks, in the order that does not depend on enumeration. */
static int add_disks(const struct facts *facts, const struct volume_group *group,
		     struct plan_group *planned)
{
	const struct disk **disks = calloc(facts->disk_count + 1, sizeof(*disks));
	size_t count = 0;
	int r = disks ? 0 : -ENOMEM;

	for (size_t i = 0; disks && i < facts->disk_count; i++)
		if (strcmp(facts->disks[i].vg_uuid, group->uuid) == 0)
			disks[count++] = &facts->disks[i];
	if (disks)
		qsort(disks, count, sizeof(*disks), compare);
	for (size_t i = 0; i < count && r == 0; i++)
		r = planned_disk_add(planned, disks[i], PLAN_DISK_OUR_PV, disks[i]->pv_uuid);
	free(disks);
	return r;
}

/* Takes a group that is there into the plan, once. Returns its index or -ENOMEM. */
static int take_group(const struct planner_input *input, const struct volume_group *group,
		      struct plan *plan)
{
	struct plan_group *planned;

	for (size_t i = 0; i < plan->group_count; i++)
		if (strcmp(plan->groups[i].uuid, group->uuid) == 0)
			return (int)i;
	planned = plan_add_group(plan);
	if (!planned)
		return -ENOMEM;
	text_set(planned->name, sizeof(planned->name), "%s", group->name);
	text_set(planned->uuid, sizeof(planned->uuid), "%s", group->uuid);
	text_set(planned->system_id, sizeof(planned->system_id), "%s", group->system_id);
	if (group_is_foreign(input, group))
		text_set(planned->adopted_from, sizeof(planned->adopted_from), "%s",
			 group_instance(group));
	if (add_disks(input->facts, group, planned) < 0 ||
	    group_note_grown(input->facts, group, plan) < 0)
		return -ENOMEM;
	return (int)plan->group_count - 1;
}

int allocate_existing(const struct planner_input *input, const struct judged *judged,
		      struct plan_target *target, struct plan *plan)
{
	int index = take_group(input, judged->group, plan);

	if (index < 0)
		return index;
	text_set(target->volume_uuid, sizeof(target->volume_uuid), "%s", judged->volume->uuid);
	put(plan, target, index);
	return 0;
}

static int new_group(const struct planner_input *input, const struct place *place,
		     struct plan *plan, struct allocation *ret)
{
	unsigned number = (unsigned)plan->group_count;
	struct plan_group *group = plan_add_group(plan);

	if (!group)
		return -ENOMEM;
	names_group(input->facts->random, number, group->name, sizeof(group->name));
	for (size_t i = 0; i < place->disk_count; i++) {
		const struct candidate *candidate = place->disks[i];
		char pv_uuid[UUID_TEXT_MAX];

		names_pv_uuid(input->facts->random, number * CANDIDATES_MAX + (unsigned)i, pv_uuid,
			      sizeof(pv_uuid));
		if (planned_disk_add(group, candidate->disk, candidate->holds,
				     candidate->pv_uuid ? candidate->pv_uuid : pv_uuid) < 0)
			return -ENOMEM;
	}
	ret->what[number] = ALLOCATED_NEW;
	return (int)number;
}

/* What the disks hold is said first: a loss is told only of disks that may be written to. */
static int check_disks(const struct planner_input *input, const struct place *place, bool zeroed,
		       struct plan *plan, bool *ret_refused)
{
	int r = place_check_disks(place, plan, ret_refused);

	if (r < 0 || *ret_refused)
		return r;
	return place_check_loss(input, place,
				zeroed ? "the disks here are blank"
				       : "nothing of it is on the disks here",
				plan, ret_refused);
}

static int put_on_new_group(const struct planner_input *input, const struct place *place,
			    struct plan *plan, struct allocation *ret)
{
	bool refused = false, zeroed = true;
	uint64_t sizes[CANDIDATES_MAX];
	struct room room;
	int group, r;

	for (size_t i = 0; i < place->disk_count; i++) {
		const struct disk *disk = place->disks[i]->disk;

		sizes[i] = disk->size;
		zeroed = zeroed && disk->blank == BLANK_YES && disk->signature_count == 0;
	}
	r = check_disks(input, place, zeroed, plan, &refused);
	if (r == 0 && !refused)
		r = place_check_sectors(place, plan, &refused);
	room = room_over(sizes, place->disk_count, /* used= */ 0);
	if (r == 0 && !refused)
		r = place_cut(place, &room, plan, &refused);
	if (r < 0 || refused)
		return r;
	group = new_group(input, place, plan, ret);
	for (size_t i = 0; i < place->target_count && group >= 0; i++) {
		place->targets[i]->zeroed = zeroed;
		put(plan, place->targets[i], group);
	}
	return group < 0 ? group : 0;
}

/* The group of ours that a disk of the place is in: made, but perhaps without all of its volumes.
 */
static const struct volume_group *find_group(const struct place *place,
					     const struct volume_group **ret_other)
{
	const struct volume_group *found = NULL;

	*ret_other = NULL;
	for (size_t i = 0; i < place->disk_count; i++) {
		const struct volume_group *group = place->disks[i]->group;

		if (group && found && group != found && !*ret_other)
			*ret_other = group;
		if (group && !found)
			found = group;
	}
	return found;
}

static int check_group(const struct planner_input *input, const struct place *place,
		       const struct volume_group *group, const struct volume_group *other,
		       struct plan *plan, bool *ret_refused)
{
	const struct volume *unasked = group_unasked(group, plan);
	int r = 0;

	*ret_refused = false;
	for (size_t i = 0; i < place->target_count && r == 0; i++) {
		const char *target = place->targets[i]->name;

		r = group_check(input, group, target, plan, ret_refused);
		if (r == 0 && !*ret_refused && unasked)
			r = group_refuse_drift(input, group, unasked, target, plan);
	}
	*ret_refused = *ret_refused || unasked;
	if (r < 0 || *ret_refused || !other)
		return r;
	*ret_refused = true;
	return place_refuse(
		place, plan, REFUSAL_DRIFT,
		"Ask for the layout that is there (osts), or start over on blank disks.",
		"their disks are in several volume groups of ours, %s and %s", group->name,
		other->name);
}

/* What LVM says is free of it; of disks of several sizes, what can be striped over all. */
static struct room room_in(const struct facts *facts, const struct volume_group *group)
{
	uint64_t sizes[CANDIDATES_MAX];
	struct room room;
	size_t count = 0;

	for (size_t i = 0; i < facts->disk_count && count < CANDIDATES_MAX; i++)
		if (strcmp(facts->disks[i].vg_uuid, group->uuid) == 0)
			sizes[count++] = facts->disks[i].size;
	room = room_over(sizes, count, group->size > group->free ? group->size - group->free : 0);
	room.is_new = false;
	room.total = group->size;
	room.free = group->free < room.free ? group->free : room.free;
	return room;
}

/* Puts the targets into our group that is there already, half made. */
static int put_in_own_group(const struct planner_input *input, const struct place *place,
			    const struct volume_group *group, const struct volume_group *other,
			    struct plan *plan)
{
	const struct room room = room_in(input->facts, group);
	bool refused;
	int index;
	int r = check_group(input, place, group, other, plan, &refused);

	if (r == 0 && !refused)
		r = place_check_loss(input, place, "its volume is not there any more", plan,
				     &refused);
	if (r == 0 && !refused)
		r = place_cut(place, &room, plan, &refused);
	if (r < 0 || refused)
		return r;
	index = take_group(input, group, plan);
	for (size_t i = 0; i < place->target_count && index >= 0; i++)
		put(plan, place->targets[i], index);
	return index < 0 ? index : 0;
}

/* What is missing may still come. */
static void let_pass(const struct place *place, enum refusal_code code, struct plan *plan)
{
	for (size_t i = 0; i < place->target_count; i++)
		passing_mark(plan, code, place->targets[i]->name);
}

#define NO_DISK_FIX \
	"Attach it, or correct `disks`; lustre-init facts shows the disks and their names."

/* A volume has the name that it was attached as: what was meant may be here under the other one. */
static int refuse_no_volume(const struct facts *facts, const char *name, const struct place *place,
			    struct plan *plan)
{
	char others[VOLUMES_OTHERS_MAX], fix[128];
	const struct disk *near = volumes_near(facts, name);

	if (near) {
		text_sentence(fix, sizeof(fix), "Write ebs:%s, if that is the one that is meant.",
			      attachment_name(near->attached_as));
		return place_refuse(place, plan, REFUSAL_NO_DISK, fix,
				    "this node has no disk that was attached as %s; its volume %s "
				    "was attached as %s",
				    name, near->name, attachment_name(near->attached_as));
	}
	volumes_others(facts, others);
	return place_refuse(place, plan, REFUSAL_NO_DISK, NO_DISK_FIX,
			    "this node has no disk that was attached as %s; it has %zu block "
			    "devices%s%s",
			    name, facts->disk_count, others[0] ? ", and volumes attached as " : "",
			    others);
}

/* The disk of which `disks` names a partition, as udev calls them; NULL where it does not. */
static const struct disk *find_parted(const struct planner_input *input)
{
	const char *name = input->spec->disks_name, *part = strrchr(name, '-');
	char whole[sizeof(input->spec->disks_name)];

	if (input->spec->disks != DISKS_PATH || !part || strncmp(part, "-part", 5) != 0 ||
	    part[5] == '\0' || strspn(part + 5, "0123456789") != strlen(part + 5))
		return NULL;
	text_set(whole, sizeof(whole), "%.*s", (int)(part - name), name);
	for (size_t i = 0; i < input->facts->disk_count; i++)
		if (words_contain(&input->facts->disks[i].links, whole))
			return &input->facts->disks[i];
	return NULL;
}

static int refuse_partition(const struct planner_input *input, const struct disk *disk,
			    const struct place *place, struct plan *plan)
{
	char text[DISK_DESCRIPTION_MAX];

	disk_describe(disk, text);
	return place_refuse(place, plan, REFUSAL_NO_DISK,
			    "Targets are made of whole disks that nothing else is on: name one of "
			    "those with `disks`; lustre-init facts shows them.",
			    "%s is a partition of %s, and no disk", input->spec->disks_name, text);
}

static int refuse_no_disk(const struct planner_input *input, const struct place *place,
			  struct plan *plan)
{
	const struct facts *facts = input->facts;
	const struct spec *spec = input->spec;
	const struct disk *parted = find_parted(input);

	if (parted)
		return refuse_partition(input, parted, place, plan);
	if (spec->disks == DISKS_EBS)
		return refuse_no_volume(facts, spec->disks_name, place, plan);
	if (spec->disks != DISKS_INSTANCE_STORE)
		return place_refuse(place, plan, REFUSAL_NO_DISK, NO_DISK_FIX,
				    "this node has no disk %s; it has %zu block devices",
				    spec->disks_name, facts->disk_count);
	return place_refuse(
		place, plan, REFUSAL_NO_DISK,
		"Use an instance type with instance store, or name a disk with `disks`.",
		"this node (%s) has no instance-store disk; lustre-init facts shows the "
		"block devices it has, %zu in all",
		facts->instance_type[0] ? facts->instance_type : "unknown type", facts->disk_count);
}

/* A per-disk target whose disk is known by its serial, and not here (S5). */
static int refuse_lost_disk(const struct planner_input *input, const struct place *place,
			    struct plan *plan, bool *ret_refused)
{
	int r = 0;

	*ret_refused = false;
	for (size_t i = 0; i < place->target_count && r == 0; i++) {
		const struct plan_target *target = place->targets[i];
		const struct remembered_target *remembered =
			state_find(input->state, input->facts->instance_id, target->name);

		if (!consent_is_needed(input, target) || remembered->disk_count == 0)
			continue;
		*ret_refused = true;
		r = plan_refuse(
			plan, REFUSAL_DISK_MISSING, target->name,
			"Bring the disk back. An instance-store disk that failed is gone for "
			"good: start a new instance.",
			"the disk of %s is missing: serial %s", target->name,
			remembered->disks[0].serial);
	}
	return r;
}

/* How many were said to be here. What `disks` names otherwise is one: more, in a file of all nodes,
 * are its OSSes'. */
static unsigned expected_disks(const struct spec *spec)
{
	return spec->disks == DISKS_INSTANCE_STORE ? spec->expect_disks : spec->expect_disks > 0;
}

/*
 * The instance type's own number, where nothing else was said: over fewer disks a target could
 * never be put right. More than that is no mistake of anybody's.
 */
static unsigned least_disks(const struct planner_input *input)
{
	const struct spec *spec = input->spec;

	if (spec->expect_disks > 0 || spec->disks != DISKS_INSTANCE_STORE)
		return expected_disks(spec);
	return instance_store_nvme_disks(input->facts->instance_type);
}

static int refuse_count(const struct planner_input *input, const struct place *place, size_t count,
			struct plan *plan)
{
	const unsigned expected = expected_disks(input->spec);

	if (expected > 0)
		return place_refuse(
			place, plan, REFUSAL_TOO_FEW_DISKS,
			count > expected
				? "None is left out by itself: correct expect-disks; with osts: "
				  "per-disk it is the same number on every OSS, before any has "
				  "made its targets, since their indexes come of it."
				: "Replace the instance where a disk is missing; or correct "
				  "expect-disks.",
			"expect-disks is %u, but %zu %s here", expected, count,
			count == 1 ? "disk is" : "disks are");
	return place_refuse(place, plan, REFUSAL_TOO_FEW_DISKS,
			    "Replace the instance, whose disk is broken; or set expect-disks to "
			    "the number that "
			    "shall do.",
			    "instance type %s has %u instance-store disks, but %zu %s here",
			    input->facts->instance_type, least_disks(input), count,
			    count == 1 ? "is" : "are");
}

static int check_count(const struct planner_input *input, const struct place *place, size_t count,
		       struct plan *plan, bool *ret_refused)
{
	unsigned expected = expected_disks(input->spec);
	int r = 0;

	*ret_refused = place->disk_count == 0 || count < least_disks(input) ||
		       (expected > 0 && count > expected);
	if (!*ret_refused)
		return 0;
	if (count == 0 && (expected > 0 || least_disks(input) == 0)) {
		r = refuse_no_disk(input, place, plan);
		if ((expected > 0 || input->spec->disks != DISKS_INSTANCE_STORE) &&
		    !find_parted(input))
			let_pass(place, REFUSAL_NO_DISK, plan);
		return r;
	}
	if (count > 0 && count == expected)
		return place_refuse(
			place, plan, REFUSAL_NO_DISK,
			"Ask for the layout that is there (osts), or start over on blank disks.",
			"the other targets of this node are on all of its %zu disks", count);
	if (input->spec->osts_per_disk && count < expected) {
		bool told;

		r = refuse_lost_disk(input, place, plan, &told);
		if (r < 0 || told)
			return r < 0 ? r : place_share_refusals(place, plan, ret_refused);
	}
	r = refuse_count(input, place, count, plan);
	if (r < 0 || count >= least_disks(input))
		return r;
	let_pass(place, REFUSAL_TOO_FEW_DISKS, plan);
	/* Where those that are here cannot be used, no other one helps. */
	r = place_check_disks(place, plan, ret_refused);
	*ret_refused = true;
	return r;
}

/* All targets of a place that have no volume yet, with `candidates->count` disks on the node. */
static int settle(const struct planner_input *input, const struct place *place, size_t disk_count,
		  struct plan *plan, struct allocation *ret)
{
	const struct volume_group *group, *other;
	bool refused;
	int r;

	if (place->target_count == 0)
		return 0;
	r = place_share_refusals(place, plan, &refused);
	if (r < 0 || refused)
		return r;
	group = find_group(place, &other);
	if (group)
		return put_in_own_group(input, place, group, other, plan);
	r = check_count(input, place, disk_count, plan, &refused);
	if (r < 0 || refused)
		return r;
	if (unreadable_is(place))
		return unreadable_plan(input, place, plan, ret);
	return put_on_new_group(input, place, plan, ret);
}

int allocate_new(const struct planner_input *input, const struct candidates *candidates,
		 const struct judged *judged, struct plan *plan, struct allocation *ret)
{
	struct places places = { 0 };
	int r = 0;

	places_find(input->spec, candidates, judged, plan, &places);
	for (size_t i = 0; i < places.count && r == 0; i++)
		r = settle(input, &places.items[i], candidates->count, plan, ret);
	return r;
}
