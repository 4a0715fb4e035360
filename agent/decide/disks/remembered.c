/* SPDX-License-Identifier: Apache-2.0 */
#include "decide/disks/remembered.h"

#include "base/text.h"
#include "decide/disks/consent.h"
#include "decide/disks/disk_identity.h"
#include "decide/passing.h"
#include "model/attachment.h"

#include <stdio.h>
#include <string.h>

static bool carries(const struct disk *disk, const struct remembered_disk *remembered)
{
	if (strcmp(disk->pv_uuid, remembered->pv_uuid) == 0)
		return true;
	for (size_t i = 0; i < disk->signature_count; i++)
		if (strcmp(disk->signatures[i].uuid, remembered->pv_uuid) == 0)
			return true;
	return false;
}

/* A disk on Xen is known by the name that it is mapped as, which every instance's has: it is this
 * one where it carries the PV. */
static bool is_on(const struct disk *disk, const struct remembered_disk *remembered)
{
	return carries(disk, remembered) ||
	       (disk->serial[0] != '\0' && disk_is(disk, remembered->serial));
}

/* Whether something of it may still be on the disk: not where it is blank. */
static bool may_hold(const struct disk *disk, const struct remembered_disk *remembered)
{
	return is_on(disk, remembered) && (disk->blank != BLANK_YES || carries(disk, remembered));
}

static bool is_seen(const struct facts *facts, const struct remembered_target *t,
		    bool (*on)(const struct disk *disk, const struct remembered_disk *remembered))
{
	for (size_t g = 0; g < facts->group_count; g++)
		if (strcmp(facts->groups[g].name, t->group) == 0)
			return true;
	for (size_t i = 0; i < facts->disk_count; i++)
		for (size_t d = 0; d < t->disk_count; d++)
			if (on(&facts->disks[i], &t->disks[d]))
				return true;
	return false;
}

bool remembered_is_here(const struct facts *facts, const struct remembered_target *t)
{
	return is_seen(facts, t, is_on);
}

/* Instance store always is, whatever `disks` names. */
static bool is_looked_into(const struct spec *spec, const struct disk *disk)
{
	return disk->kind == DISK_INSTANCE_STORE ||
	       disk_is_chosen(disk, spec->disks, spec->disks_name);
}

static const struct disk *find_unseen(const struct planner_input *input,
				      const struct remembered_target *t)
{
	const struct facts *facts = input->facts;
	const struct disk *found = NULL;

	for (size_t i = 0; i < facts->disk_count; i++) {
		const struct disk *disk = &facts->disks[i];

		if (is_looked_into(input->spec, disk) || (found && disk_compare(disk, found) > 0))
			continue;
		for (size_t d = 0; d < t->disk_count; d++)
			if (disk->serial[0] != '\0' && disk_is(disk, t->disks[d].serial))
				found = disk;
	}
	return found;
}

static bool is_any_chosen(const struct planner_input *input)
{
	for (size_t i = 0; i < input->facts->disk_count; i++)
		if (disk_is_chosen(&input->facts->disks[i], input->spec->disks,
				   input->spec->disks_name))
			return true;
	return false;
}

/* What names a disk, and none of those that are here, may be a link that udev has yet to make. */
static bool may_be_named_yet(const struct planner_input *input)
{
	return input->spec->disks != DISKS_INSTANCE_STORE && !is_any_chosen(input);
}

int remembered_check_unseen(const struct planner_input *input, const struct plan_target *target,
			    struct plan *plan, bool *ret_refused)
{
	const struct remembered_target *t =
		state_find(input->state, input->facts->instance_id, target->name);
	const struct disk *disk = consent_is_needed(input, target) ? find_unseen(input, t) : NULL;
	char text[DISK_DESCRIPTION_MAX];
	int r;

	*ret_refused = disk != NULL;
	if (!disk)
		return 0;
	disk_describe(disk, text);
	r = plan_refuse(plan, REFUSAL_DRIFT, target->name,
			"Remove nothing: what is on it is still there. Name that disk with "
			"`disks`, or detach it where it is to be given up.",
			"this instance served %s from %s, which is here%s%s, and is not what "
			"`disks` names",
			target->name, text, disk->attached_as[0] ? ", attached as " : "",
			attachment_name(disk->attached_as));
	if (r == 0 && may_be_named_yet(input))
		passing_mark(plan, REFUSAL_DRIFT, target->name);
	return r;
}

/* The same PV, on another volume. What a Xen type calls one says nothing of the volume behind it.
 */
static bool is_copy(const struct disk *disk, const struct remembered_disk *was)
{
	return strcmp(disk->pv_uuid, was->pv_uuid) == 0 &&
	       attachment_is_volume_number(was->serial) &&
	       attachment_is_volume_number(disk->serial) && !disk_is(disk, was->serial);
}

/* The first disk of the group that is one, of what this instance remembers; NULL for none. */
static const struct disk *find_copy(const struct planner_input *input,
				    const struct volume_group *group,
				    const struct remembered_disk **ret_was)
{
	const struct facts *facts = input->facts;
	const struct state *state = input->state;

	for (size_t i = 0; i < state->target_count; i++) {
		const struct remembered_target *t = &state->targets[i];

		if (strcmp(t->group, group->name) != 0 ||
		    strcmp(t->instance_id, facts->instance_id) != 0)
			continue;
		for (size_t d = 0; d < t->disk_count; d++)
			for (size_t k = 0; k < facts->disk_count; k++) {
				*ret_was = &t->disks[d];
				if (strcmp(facts->disks[k].vg_uuid, group->uuid) == 0 &&
				    is_copy(&facts->disks[k], *ret_was))
					return &facts->disks[k];
			}
	}
	return NULL;
}

bool remembered_is_copied(const struct planner_input *input, const struct volume_group *group)
{
	const struct remembered_disk *was;

	return find_copy(input, group, &was) != NULL;
}

/* "It is here, attached as sdg: name it with `disks`." */
static void advise_original(const struct facts *facts, const char *serial, char *text, size_t size)
{
	snprintf(text, size, "Attach that one in its place.");
	for (size_t i = 0; i < facts->disk_count; i++)
		if (disk_is(&facts->disks[i], serial))
			snprintf(text, size,
				 "That one is here, attached as %.40s: name it with `disks`.",
				 attachment_name(facts->disks[i].attached_as));
}

int remembered_check_copied(const struct planner_input *input, const struct volume_group *group,
			    const char *target, struct plan *plan, bool *ret_refused)
{
	const struct remembered_disk *was;
	const struct disk *copy = input->spec->replace ? NULL : find_copy(input, group, &was);
	char text[DISK_DESCRIPTION_MAX], original[128], fix[256];

	*ret_refused = copy != NULL;
	if (!copy)
		return 0;
	disk_describe(copy, text);
	advise_original(input->facts, was->serial, original, sizeof(original));
	text_sentence(fix, sizeof(fix),
		      "%s To serve the copy, without what was written since it was made, set "
		      "replace: true.",
		      original);
	return plan_refuse(plan, REFUSAL_OTHER_INSTANCE, target, fix,
			   "volume group %s is on %s, and this instance made it on %s: it is a "
			   "copy, as of a snapshot",
			   group->name, text, was->serial);
}

/* Its volume may be attached to another instance, with all that is on it. */
static bool was_on_ebs(const struct remembered_target *t)
{
	for (size_t d = 0; d < t->disk_count; d++)
		if (disk_identity_is_of_ebs(t->disks[d].serial))
			return true;
	return false;
}

static bool is_asked(const struct plan *plan, const char *name)
{
	for (size_t i = 0; i < plan->target_count; i++)
		if (strcmp(plan->targets[i].name, name) == 0)
			return true;
	return false;
}

/* What this instance itself served, and is not to be any more. */
static bool is_left(const struct planner_input *input, const struct plan *plan,
		    const struct remembered_target *t)
{
	return t->phase == PHASE_SERVED && strcmp(t->instance_id, input->facts->instance_id) == 0 &&
	       !is_asked(plan, t->name);
}

const struct remembered_target *remembered_find_gone(const struct planner_input *input,
						     const struct plan *plan)
{
	const struct state *state = input->state;

	for (size_t i = 0; i < state->target_count; i++) {
		const struct remembered_target *t = &state->targets[i];

		if (is_left(input, plan, t) && target_name_is_of(t->name, input->spec->fsname) &&
		    !was_on_ebs(t) && !is_seen(input->facts, t, may_hold))
			return t;
	}
	return NULL;
}

/* By its whole name: of the MGS much is said, and lustrewt-OST0001 is not wt-OST0001. */
static bool speaks_of(const char *text, const char *target)
{
	const char *at = strchr(target, '-') ? strstr(text, target) : NULL;

	return at && (at == text || at[-1] == ' ' || at[-1] == '/');
}

/* A refusal of it, or one that speaks of it or of its group, says what to do. */
static bool is_told(const struct plan *plan, const struct remembered_target *t)
{
	for (size_t i = 0; i < plan->refusal_count; i++) {
		const struct refusal *refusal = &plan->refusals[i];

		if (refusal_names(refusal, t->name) || speaks_of(refusal->text, t->name) ||
		    (t->group[0] != '\0' && strstr(refusal->text, t->group)))
			return true;
	}
	return false;
}

int remembered_note_left(const struct planner_input *input, struct plan *plan)
{
	const struct remembered_target *first = NULL;
	char more[32] = "";
	size_t count = 0;

	for (size_t i = 0; i < input->state->target_count; i++) {
		const struct remembered_target *t = &input->state->targets[i];

		if (!is_left(input, plan, t) || is_told(plan, t))
			continue;
		if (count++ == 0)
			first = t;
	}
	if (!first)
		return 0;
	if (count > 1)
		snprintf(more, sizeof(more), " and %zu more", count - 1);
	return words_addf(&plan->notes,
			  "this instance served %s%s: not here any more, and asked for by nobody; "
			  "what was on instance-store disks is lost with them, and what is on an "
			  "EBS volume is served again where that is attached and role, fsname, "
			  "index (or index-base, mdt-index, osts) ask for it",
			  first->name, more);
}
