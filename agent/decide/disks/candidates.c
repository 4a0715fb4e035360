/* SPDX-License-Identifier: Apache-2.0 */
#include "decide/disks/candidates.h"

#include "base/text.h"
#include "decide/disks/disk_identity.h"
#include "decide/disks/group.h"
#include "decide/disks/own_disk.h"
#include "model/volume_tags.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int compare(const void *left, const void *right)
{
	const struct candidate *a = left, *b = right;

	return disk_compare(a->disk, b->disk);
}

/* Two ways to one disk, or two disks that cannot be told apart: neither is written, whether the
 * other one is to be chosen from or not. What is no disk of EC2's may be what this one is made of.
 */
static void find_double(const struct facts *facts, struct candidate *candidate)
{
	const char *identity = disk_identity(candidate->disk);

	for (size_t i = 0; i < facts->disk_count; i++) {
		const struct disk *other = &facts->disks[i];

		if (strcmp(other->name, candidate->disk->name) == 0 || other->kind == DISK_OTHER ||
		    !disk_is(other, identity))
			continue;
		if (!candidate->double_of || disk_compare(other, candidate->double_of) > 0)
			candidate->double_of = other;
	}
}

static bool is_preformatted(const struct disk *disk)
{
	return disk_may_be_preformatted(disk) && disk->signature_count == 1 && disk->empty_ext3;
}

/* S3: what the disk holds, where that may be written over. */
static void judge_content(const struct planner_input *input, struct candidate *candidate)
{
	const struct disk *disk = candidate->disk;
	struct own_disk own;

	candidate->may_be_written = true;
	if (own_disk_find(input, disk, &own)) {
		candidate->holds = own.holds;
		candidate->pv_uuid = own.pv_uuid;
	} else if (input->spec->accept_preformatted && is_preformatted(disk)) {
		candidate->holds = PLAN_DISK_EMPTY_EXT3;
	} else {
		candidate->may_be_written = disk->blank == BLANK_YES && disk->signature_count == 0;
	}
}

/* Somebody took its tag away, or LVM told it otherwise: it has the name of one that this instance
 * made, or a volume of ours. */
static bool is_untagged(const struct planner_input *input, const struct volume_group *group)
{
	const struct state *state = input->state;

	for (size_t i = 0; i < state->target_count; i++)
		if (strcmp(state->targets[i].group, group->name) == 0)
			return true;
	for (size_t i = 0; i < group->volume_count; i++)
		if (volume_tags_ours(&group->volumes[i].tags))
			return true;
	return false;
}

int candidates_find(const struct planner_input *input, struct candidates *ret, struct error *err)
{
	const struct facts *facts = input->facts;
	const struct spec *spec = input->spec;

	ret->count = 0;
	for (size_t i = 0; i < facts->disk_count; i++) {
		const struct disk *disk = &facts->disks[i];
		const struct volume_group *group = facts_group_by_uuid(facts, disk->vg_uuid);

		if (!disk_is_chosen(disk, spec->disks, spec->disks_name))
			continue;
		if (ret->count == CANDIDATES_MAX)
			return error_set(err, -E2BIG, "more than %d disks to choose from",
					 CANDIDATES_MAX);
		ret->items[ret->count++] = (struct candidate){
			.disk = disk,
			.named = spec->disks != DISKS_INSTANCE_STORE,
			.group = group && group_is_ours(group) ? group : NULL,
			.foreign = group && !group_is_ours(group) ? group : NULL,
			.untagged = group && !group_is_ours(group) && is_untagged(input, group),
		};
		judge_content(input, &ret->items[ret->count - 1]);
		find_double(facts, &ret->items[ret->count - 1]);
	}
	qsort(ret->items, ret->count, sizeof(ret->items[0]), compare);
	return 0;
}

/* Why a disk cannot be written, whatever it holds (S2), and what is in the way. */
struct use {
	const char *why; /* NULL where it can be written */
	const char *by;
	bool passes; /* as a probe, or a script of a boot, lets go of a disk */
};

static struct use find_use(const struct candidate *candidate)
{
	const struct disk *disk = candidate->disk;

	if (disk->mounts.count > 0)
		return (struct use){ "is mounted at ", disk->mounts.items[0], false };
	if (disk->swap)
		return (struct use){ "is in use as swap", "", false };
	if (disk->partitions.count > 0)
		return (struct use){ "has partitions, such as ", disk->partitions.items[0], false };
	if (disk->holders.count > 0)
		return (struct use){ "is held by another device, ", disk->holders.items[0], false };
	if (disk->busy)
		return (struct use){ "is held open by another program", "", true };
	if (disk->read_only)
		return (struct use){ "is read-only", "", false };
	if (disk_identity(disk)[0] == '\0')
		return (struct use){ "has no serial number to know it by", "", false };
	if (candidate->double_of)
		return (struct use){ "cannot be told from ", candidate->double_of->path, false };
	return (struct use){ NULL, "", false };
}

static const char *fix_of_use(const struct candidate *candidate)
{
	if (!candidate->named)
		return "Free the disk, or name the disks to use with `disks`.";
	return words_contain(&candidate->disk->mounts, "/")
		       ? "It is the system's own: name another one with `disks`."
		       : "Free the disk, or name another one with `disks`.";
}

static int refuse_foreign_group(const struct candidate *candidate, const char *disk,
				const char *target, struct plan *plan)
{
	const char *group = candidate->foreign->name;
	char fix[GROUP_FIX_MAX];

	if (group_is_misnamed(candidate->foreign)) {
		group_misnamed_fix(candidate->foreign, fix);
		return plan_refuse(plan, REFUSAL_FOREIGN_DATA, target, fix,
				   "%s is in volume group %s, %s", disk, group, GROUP_MISNAMED);
	}
	if (candidate->untagged) {
		text_sentence(fix, sizeof(fix),
			      "Remove nothing: what is on it is still there. vgchange "
			      "--addtag " VOLUME_TAG_OURS
			      " %s gives the tag back; lvs -o +tags shows whose its volumes are.",
			      group);
		return plan_refuse(
			plan, REFUSAL_FOREIGN_DATA, target, fix,
			"%s is in volume group %s, which lustre-init made and which does "
			"not carry its tag now",
			disk, group);
	}
	return plan_refuse(plan, REFUSAL_FOREIGN_DATA, target,
			   "Save what it holds, then remove the group with vgremove and pvremove.",
			   "%s is in volume group %s, which is not ours", disk, group);
}

static int refuse_signature(const struct candidate *candidate, const char *disk, const char *target,
			    struct plan *plan)
{
	const struct signature *signature = &candidate->disk->signatures[0];
	const char *fix = "Save what it holds, then remove the signature with wipefs.";

	if (candidate->group)
		return plan_refuse(
			plan, REFUSAL_FOREIGN_DATA, target,
			"Ask for the target that is on it, or start over on blank disks.",
			"%s is in volume group %s of ours already", disk, candidate->group->name);
	if (is_preformatted(candidate->disk))
		fix = "It is empty, as EC2 leaves the disks of some Xen types: "
		      "accept-preformatted: true lets it be overwritten.";
	if (candidate->foreign)
		return refuse_foreign_group(candidate, disk, target, plan);
	return plan_refuse(plan, REFUSAL_FOREIGN_DATA, target, fix,
			   "%s carries a signature of %s%s%s%s that is not ours", disk,
			   signature->type, signature->label[0] ? ", label \"" : "",
			   signature->label, signature->label[0] ? "\"," : "");
}

/* S3: what the disk holds. */
static int refuse_content(const struct candidate *candidate, const char *disk, const char *target,
			  struct plan *plan)
{
	const char *because = candidate->disk->not_blank_because;

	if (candidate->disk->signature_count > 0)
		return refuse_signature(candidate, disk, target, plan);
	if (candidate->disk->blank == BLANK_NO)
		return plan_refuse(plan, REFUSAL_FOREIGN_DATA, target,
				   "Save what it holds, then zero the disk.", "%s is not blank: %s",
				   disk, because);
	return plan_refuse(plan, REFUSAL_NOT_READABLE, target,
			   "Run as root; if it is root already, the disk may be failing.",
			   "%s could not be read%s%s", disk, because[0] ? ": " : "", because);
}

static int refuse_use(const struct candidate *candidate, const char *disk, const struct use *use,
		      const char *target, struct plan *plan)
{
	const size_t before = plan->refusal_count;
	int r = plan_refuse(plan, REFUSAL_DISK_IN_USE, target, fix_of_use(candidate), "%s %s%s",
			    disk, use->why, use->by);

	if (plan->refusal_count > before)
		plan->refusals[before].may_pass = plan->refusals[before].is_silent = use->passes;
	return r;
}

int candidate_check(const struct candidate *candidate, const char *target, struct plan *plan,
		    bool *ret_refused)
{
	const struct disk *disk = candidate->disk;
	char text[DISK_DESCRIPTION_MAX];
	const struct use use = find_use(candidate);

	disk_describe(disk, text);
	*ret_refused = true;
	if (use.why)
		return refuse_use(candidate, text, &use, target, plan);
	*ret_refused = !candidate->may_be_written;
	return *ret_refused ? refuse_content(candidate, text, target, plan) : 0;
}
