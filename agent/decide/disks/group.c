/* SPDX-License-Identifier: Apache-2.0 */
#include "decide/disks/group.h"

#include "base/text.h"
#include "decide/disks/disk_identity.h"
#include "decide/disks/remembered.h"
#include "decide/disks/twin.h"
#include "model/volume_tags.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Enough to tell a disk by, where a group has many. */
#define DISKS_NAMED 4

/* What of a PV is no extent of its group's, at most; EBS volumes grow by GiB. */
#define PV_BESIDES (64ULL << 20)

#define ASK_FOR_IT \
	"Ask for what is there (role, fsname, index, index-base, mdt-index, osts, expect-disks)."

bool group_is_ours(const struct volume_group *group)
{
	return volume_tags_ours(&group->tags) && volume_group_name_ours(group->name);
}

bool group_is_misnamed(const struct volume_group *group)
{
	return volume_tags_ours(&group->tags) && !volume_group_name_ours(group->name);
}

const char *group_instance(const struct volume_group *group)
{
	const char *instance = volume_tag_value(&group->tags, "instance");

	return instance ? instance : "unknown";
}

bool group_is_foreign(const struct planner_input *input, const struct volume_group *group)
{
	return strcmp(group_instance(group), input->facts->instance_id) != 0;
}

static bool is_in_group(const struct facts *facts, const struct volume_group *group,
			const char *identity, bool *ret_here)
{
	*ret_here = false;
	for (size_t i = 0; i < facts->disk_count; i++) {
		if (!disk_is(&facts->disks[i], identity))
			continue;
		*ret_here = true;
		if (strcmp(facts->disks[i].vg_uuid, group->uuid) == 0)
			return true;
	}
	return false;
}

static unsigned count_disks(const struct facts *facts, const struct volume_group *group)
{
	unsigned count = 0;

	for (size_t i = 0; i < facts->disk_count; i++)
		if (strcmp(facts->disks[i].vg_uuid, group->uuid) == 0)
			count++;
	return count;
}

/* The serials that state.json knows of the group and that are not here: ", serial A, serial B". */
static void name_missing(const struct planner_input *input, const struct volume_group *group,
			 char *text, size_t size)
{
	const struct state *state = input->state;
	size_t used = 0;
	bool here;

	text[0] = '\0';
	for (size_t t = 0; t < state->target_count; t++) {
		const struct remembered_target *target = &state->targets[t];

		if (strcmp(target->group, group->name) != 0)
			continue;
		for (size_t d = 0; d < target->disk_count && used + 100 < size; d++)
			if (!is_in_group(input->facts, group, target->disks[d].serial, &here))
				used += (size_t)snprintf(text + used, size - used, "%s serial %s%s",
							 used > 0 ? "," : ":",
							 target->disks[d].serial,
							 here ? " (here, but not in it)" : "");
		break; /* all targets of a group have the same disks */
	}
}

/* The group's disk that comes after this one, whatever the order of enumeration; NULL at the end.
 */
static const struct disk *next_disk(const struct facts *facts, const struct volume_group *group,
				    const struct disk *after)
{
	const struct disk *next = NULL;

	for (size_t i = 0; i < facts->disk_count; i++) {
		const struct disk *disk = &facts->disks[i];

		if (strcmp(disk->vg_uuid, group->uuid) == 0 &&
		    (!after || disk_compare(disk, after) > 0) &&
		    (!next || disk_compare(disk, next) < 0))
			next = disk;
	}
	return next;
}

void group_name_disks(const struct facts *facts, const struct volume_group *group,
		      char text[GROUP_DISKS_MAX])
{
	unsigned count = count_disks(facts, group), shown = 0;
	const struct disk *disk = next_disk(facts, group, NULL);
	size_t used = 0;

	text[0] = '\0';
	for (; disk && shown < DISKS_NAMED; disk = next_disk(facts, group, disk))
		used += (size_t)snprintf(text + used, GROUP_DISKS_MAX - used, "%s%.40s",
					 shown++ > 0 ? ", " : "", disk_identity(disk));
	if (shown < count)
		snprintf(text + used, GROUP_DISKS_MAX - used, " and %u more", count - shown);
}

static bool was_in_service(const struct volume_group *group)
{
	for (size_t v = 0; v < group->volume_count; v++)
		if (volume_tags_may_have_served(&group->volumes[v].tags))
			return true;
	return false;
}

/* More than it was made of. What is missing may be ours, where nothing remembers which are. */
static int refuse_grown(const struct volume_group *group, unsigned made_of, const char *target,
			struct plan *plan)
{
	char fix[GROUP_FIX_MAX], missing[64] = "";

	text_sentence(fix, sizeof(fix), "Take out with vgreduce what was added by hand.");
	if (group->pv_missing > 0) {
		snprintf(missing, sizeof(missing), ", of which %u %s missing", group->pv_missing,
			 group->pv_missing == 1 ? "is" : "are");
		text_sentence(fix, sizeof(fix),
			      "Bring back the disk that is missing. Only where no volume is on it "
			      "(lvs -o +devices %s) may vgreduce --removemissing take it out.",
			      group->name);
	}
	return plan_refuse(plan, REFUSAL_DRIFT, target, fix,
			   "volume group %s was made of %u disks, and has %u now%s", group->name,
			   made_of, group->pv_count, missing);
}

/* LVM changed the group while a disk was away, and does not use that until it is told to. */
static int refuse_left_out(const struct volume_group *group, const char *target, struct plan *plan)
{
	const char *name = group->name;
	char fix[GROUP_FIX_MAX];

	text_sentence(fix, sizeof(fix),
		      "Remove nothing: what is on it is still there. vgextend --restoremissing %s "
		      "DISK takes it in again; pvs -o +pv_missing shows which.",
		      name);
	return plan_refuse(plan, REFUSAL_DISK_MISSING, target, fix,
			   "all disks of volume group %s are here, and LVM leaves %u of them out: "
			   "the group was changed while %s away",
			   name, group->pv_missing,
			   group->pv_missing == 1 ? "it was" : "they were");
}

/*
 * S5. LVM lets a partial group be changed and removed, and a PV outside its view it does not even
 * miss: so the disks that are seen are counted against our own tag.
 */
static int check_disks(const struct planner_input *input, const struct volume_group *group,
		       const char *target, struct plan *plan, bool *ret_refused)
{
	unsigned made_of = volume_tags_pvs(&group->tags);
	unsigned here = count_disks(input->facts, group);
	unsigned missing = here < made_of ? made_of - here : 0;
	char serials[256], fix[GROUP_FIX_MAX];

	name_missing(input, group, serials, sizeof(serials));
	/* What was added by hand may stand for one of ours in the count. */
	if (missing == 0 && serials[0] != '\0')
		missing = group->pv_missing;
	*ret_refused = true;
	text_sentence(fix, sizeof(fix),
		      "A newer lustre-init may have made it: install that. Where it is known, "
		      "write the number back: vgchange --addtag lustre-init.pvs=N %s.",
		      group->name);
	if (made_of == 0)
		return plan_refuse(
			plan, REFUSAL_NOT_READABLE, target, fix,
			"volume group %s carries no tag lustre-init.pvs that is understood "
			"here, so whether a disk of it is missing cannot be told",
			group->name);
	if (missing > 0)
		return plan_refuse(
			plan, REFUSAL_DISK_MISSING, target,
			was_in_service(group)
				? "Bring the disk back. An instance-store disk that failed is gone "
				  "for good, and with it what was striped over it: start a new "
				  "instance."
				: "No target on it was ever in service: if nobody put anything "
				  "else "
				  "there, remove it with vgremove and pvremove, and start "
				  "lustre-init again.",
			"volume group %s was made of %u disks, and %u %s missing%s", group->name,
			made_of, missing, missing == 1 ? "is" : "are", serials);
	if (here > made_of || group->pv_count != made_of)
		return refuse_grown(group, made_of, target, plan);
	if (group->pv_missing > 0)
		return refuse_left_out(group, target, plan);
	*ret_refused = false;
	return 0;
}

/* LVM shows it, and would change nothing of it. Its system ID is no such thing: see lvm_command.h.
 */
static int check_access(const struct volume_group *group, const char *target, struct plan *plan,
			bool *ret_refused)
{
	bool locked = group->lock_type[0] != '\0' && strcmp(group->lock_type, "none") != 0;
	char alone[GROUP_FIX_MAX], import[GROUP_FIX_MAX];

	text_sentence(import, sizeof(import),
		      "vgimport %s makes it usable again, with all that is on it.", group->name);
	/* Without "force", lvmlockd would have to run (seen in 2.03.16). */
	text_sentence(alone, sizeof(alone),
		      "vgchange --lock-type none --lock-opt force %s makes it this node's alone "
		      "again; no other host must have it in use.",
		      group->name);
	*ret_refused = group->exported || group->shared || group->clustered || locked;
	if (group->exported)
		return plan_refuse(plan, REFUSAL_DRIFT, target, import,
				   "volume group %s was exported with vgexport", group->name);
	if (group->clustered || strcmp(group->lock_type, "clvm") == 0)
		return plan_refuse(plan, REFUSAL_DRIFT, target, alone,
				   "volume group %s is clustered: its locks are clvmd's, as one of "
				   "several hosts",
				   group->name);
	if (*ret_refused)
		return plan_refuse(plan, REFUSAL_DRIFT, target, alone,
				   "volume group %s was given to lvmlockd%s%s, as one of several "
				   "hosts",
				   group->name, locked ? " with lock type " : "",
				   locked ? group->lock_type : "");
	return 0;
}

/* The disk of the group that is not the PV that it was made as; NULL when there is none. */
static const struct disk *find_other_pv(const struct planner_input *input,
					const struct volume_group *group,
					const struct remembered_target *target,
					const struct remembered_disk **ret_was)
{
	const struct facts *facts = input->facts;

	for (size_t d = 0; d < target->disk_count; d++) {
		*ret_was = &target->disks[d];
		for (size_t i = 0; i < facts->disk_count; i++)
			if (strcmp(facts->disks[i].vg_uuid, group->uuid) == 0 &&
			    disk_is(&facts->disks[i], (*ret_was)->serial) &&
			    strcmp(facts->disks[i].pv_uuid, (*ret_was)->pv_uuid) != 0)
				return &facts->disks[i];
	}
	return NULL;
}

/*
 * A repair that took one disk for another leaves a group that is complete, with its stripes in the
 * wrong order: read so, no file system is itself.
 */
static int check_identities(const struct planner_input *input, const struct volume_group *group,
			    const char *target, struct plan *plan, bool *ret_refused)
{
	const struct state *state = input->state;

	*ret_refused = false;
	for (size_t t = 0; t < state->target_count; t++) {
		const struct remembered_target *remembered = &state->targets[t];
		const struct remembered_disk *was;
		const struct disk *other;

		if (strcmp(remembered->group, group->name) != 0 ||
		    strcmp(remembered->instance_id, input->facts->instance_id) != 0)
			continue;
		other = find_other_pv(input, group, remembered, &was);
		*ret_refused = other != NULL;
		if (other)
			return plan_refuse(
				plan, REFUSAL_NOT_READABLE, target,
				"Activate nothing of it. pvck --repair -f FILE --settings "
				"pv_uuid=UUID DISK gives each disk its own UUID back, as "
				"state.json has it for its serial.",
				"disk %s (serial %s) is PV %s of volume group %s, and was PV %s "
				"when the group was made",
				other->path, was->serial, other->pv_uuid, group->name,
				was->pv_uuid);
	}
	return 0;
}

/* A tag may be longer than any instance's id, and a part of it would be another tag: it is only
 * taken off whole. */
static int check_owner(const struct volume_group *group, const char *target, struct plan *plan,
		       bool *ret_refused)
{
	char fix[GROUP_FIX_MAX];

	*ret_refused =
		strlen(group_instance(group)) >= sizeof(((struct plan_group *)NULL)->adopted_from);
	if (!*ret_refused)
		return 0;
	text_sentence(fix, sizeof(fix),
		      "Take that tag off: vgs -o tags %s shows it, vgchange --deltag TAG %s.",
		      group->name, group->name);
	return plan_refuse(plan, REFUSAL_NOT_READABLE, target, fix,
			   "volume group %s carries a tag lustre-init.instance of %zu characters, "
			   "which no instance has",
			   group->name, strlen(group_instance(group)));
}

/* Somebody has taken it off: it is none of another instance's by that. */
static int refuse_unowned(const struct planner_input *input, const struct volume_group *group,
			  const char *target, struct plan *plan)
{
	char fix[GROUP_FIX_MAX];

	text_sentence(fix, sizeof(fix),
		      "Where it is this instance's, give the tag back: vgchange --addtag "
		      "lustre-init.instance=%s %s; where it is another's that is gone for good, "
		      "replace: true adopts it with its data.",
		      input->facts->instance_id, group->name);
	return plan_refuse(plan, REFUSAL_OTHER_INSTANCE, target, fix,
			   "volume group %s carries no tag lustre-init.instance, so whose it is "
			   "cannot be told",
			   group->name);
}

int group_check(const struct planner_input *input, const struct volume_group *group,
		const char *target, struct plan *plan, bool *ret_refused)
{
	char serials[GROUP_DISKS_MAX];
	int r = check_disks(input, group, target, plan, ret_refused);

	if (r == 0 && !*ret_refused)
		r = twin_check(input, group, target, plan, ret_refused);
	if (r == 0 && !*ret_refused)
		r = check_access(group, target, plan, ret_refused);
	if (r == 0 && !*ret_refused)
		r = check_owner(group, target, plan, ret_refused);
	if (r == 0 && !*ret_refused)
		r = check_identities(input, group, target, plan, ret_refused);
	if (r == 0 && !*ret_refused)
		r = remembered_check_copied(input, group, target, plan, ret_refused);
	if (r < 0 || *ret_refused)
		return r;
	*ret_refused = group_is_foreign(input, group) && !input->spec->replace;
	if (!*ret_refused)
		return 0;
	if (!volume_tag_is_there(&group->tags, "instance"))
		return refuse_unowned(input, group, target, plan);
	group_name_disks(input->facts, group, serials);
	return plan_refuse(
		plan, REFUSAL_OTHER_INSTANCE, target,
		"Set replace: true to adopt it with its data, where that instance is gone for "
		"good; a target whose address changes also needs lctl replace_nids on the MGS: see "
		"A SERVER AT ANOTHER ADDRESS in lustre-init(8).",
		"volume group %s, on disks of serial %s, belongs to another instance, %s; this one "
		"is %s",
		group->name, serials, group_instance(group), input->facts->instance_id);
}

static bool is_asked_for(const struct volume *volume, const struct plan *plan)
{
	const char *tag = volume_tag_value(&volume->tags, "target");

	for (size_t i = 0; tag && i < plan->target_count; i++)
		if (strcmp(plan->targets[i].name, tag) == 0)
			return true;
	return false;
}

const struct volume *group_unasked(const struct volume_group *group, const struct plan *plan)
{
	const struct volume *first = NULL;

	for (size_t v = 0; v < group->volume_count; v++) {
		const struct volume *volume = &group->volumes[v];

		if (volume_tags_ours(&volume->tags) && !is_asked_for(volume, plan) &&
		    (!first || strcmp(volume->name, first->name) < 0))
			first = volume;
	}
	return first;
}

static const char *target_of(const struct volume *volume)
{
	const char *target = volume_tag_value(&volume->tags, "target");

	return target ? target : volume->name;
}

/* "lustrewt-OST0018", "lustrewt-OST0000 and 3 more"; a node without a target is a client. */
static void name_asked(const struct plan *plan, char *text, size_t size)
{
	if (plan->target_count == 0)
		snprintf(text, size, "only a client");
	else if (plan->target_count == 1)
		snprintf(text, size, "%s", plan->targets[0].name);
	else
		snprintf(text, size, "%s and %zu more", plan->targets[0].name,
			 plan->target_count - 1);
}

int group_refuse_drift(const struct planner_input *input, const struct volume_group *group,
		       const struct volume *unasked, const char *target, struct plan *plan)
{
	bool served = volume_tags_may_have_served(&unasked->tags);
	bool foreign = group_is_foreign(input, group);
	char asked[64], serials[GROUP_DISKS_MAX];

	name_asked(plan, asked, sizeof(asked));
	group_name_disks(input->facts, group, serials);
	return plan_refuse(
		plan, REFUSAL_DRIFT, target,
		served ? ASK_FOR_IT " To give it up, and all that is on it, start over on blank "
				    "disks: with a new instance, or by stopping and starting this "
				    "one."
		       : ASK_FOR_IT " It was never in service: if nobody put anything else there, "
				    "vgremove of the group loses nothing.",
		"volume group %s%s%s%s, on disks of serial %s, holds %s%s, but asked for is %s",
		group->name, foreign ? " (of instance " : "", foreign ? group_instance(group) : "",
		foreign ? ")" : "", serials, target_of(unasked),
		!served ? ""
		: volume_tags_phase(&unasked->tags) == PHASE_NONE
			? ", in a phase that is not known here"
			: ", which was in service",
		asked);
}

/* Does a refusal speak of the group already? */
static bool is_told(const struct plan *plan, const struct volume_group *group)
{
	for (size_t i = 0; i < plan->refusal_count; i++)
		if (strstr(plan->refusals[i].text, group->name))
			return true;
	return false;
}

static bool is_told_misnamed(const struct plan *plan, const struct volume_group *group)
{
	char words[VG_NAME_MAX + 128];

	snprintf(words, sizeof(words), "volume group %s, %s", group->name, GROUP_MISNAMED);
	for (size_t i = 0; i < plan->refusal_count; i++)
		if (strstr(plan->refusals[i].text, words))
			return true;
	return false;
}

static int compare(const struct volume_group *a, const struct volume_group *b)
{
	int order = strcmp(a->name, b->name);

	return order != 0 ? order : strcmp(a->uuid, b->uuid);
}

int group_volume_compare(const struct group_volume *a, const struct group_volume *b)
{
	int order = (a->volume == NULL) - (b->volume == NULL);

	if (order == 0 && a->volume)
		order = compare(a->group, b->group);
	if (order == 0 && a->volume)
		order = strcmp(a->volume->name, b->volume->name);
	return order;
}

static int compare_groups(const void *left, const void *right)
{
	return compare(*(const struct volume_group *const *)left,
		       *(const struct volume_group *const *)right);
}

/* All groups by their names, whatever order LVM tells them in; NULL when out of memory. */
static const struct volume_group **sort_groups(const struct facts *facts)
{
	const struct volume_group **groups = calloc(facts->group_count + 1, sizeof(*groups));

	for (size_t i = 0; groups && i < facts->group_count; i++)
		groups[i] = &facts->groups[i];
	if (groups)
		qsort(groups, facts->group_count, sizeof(*groups), compare_groups);
	return groups;
}

/* The target that the first of our tags on it names; the group itself where none does. */
static const char *first_target(const struct volume_group *group)
{
	for (size_t v = 0; v < group->volume_count; v++)
		if (volume_tag_value(&group->volumes[v].tags, "target"))
			return target_of(&group->volumes[v]);
	return group->name;
}

void group_misnamed_fix(const struct volume_group *group, char text[GROUP_FIX_MAX])
{
	text_sentence(
		text, GROUP_FIX_MAX,
		"If it is one of lustre-init's, give it its old name back: vgrename %s NAME; if "
		"not, take the tag off: vgchange --deltag lustre-init %s.",
		group->name, group->name);
}

int group_refuse_name(const struct volume_group *group, const char *target, struct plan *plan)
{
	char fix[GROUP_FIX_MAX];

	group_misnamed_fix(group, fix);
	return plan_refuse(plan, REFUSAL_FOREIGN_DATA, target, fix,
			   "there is a volume group %s, %s", group->name, GROUP_MISNAMED);
}

int group_refuse_misnamed(const struct planner_input *input, struct plan *plan)
{
	const struct facts *facts = input->facts;
	const struct volume_group **groups = sort_groups(facts);
	int r = groups ? 0 : -ENOMEM;

	for (size_t i = 0; r == 0 && i < facts->group_count; i++)
		if (group_is_misnamed(groups[i]) && !is_told_misnamed(plan, groups[i]))
			r = group_refuse_name(groups[i], first_target(groups[i]), plan);
	free(groups);
	return r;
}

int group_refuse_unasked(const struct planner_input *input, struct plan *plan)
{
	const struct facts *facts = input->facts;
	const struct volume_group **groups = sort_groups(facts);
	int r = groups ? 0 : -ENOMEM;

	for (size_t i = 0; r == 0 && i < facts->group_count; i++) {
		const struct volume *unasked = group_unasked(groups[i], plan);

		if (group_is_ours(groups[i]) && unasked && !is_told(plan, groups[i]))
			r = group_refuse_drift(input, groups[i], unasked, target_of(unasked), plan);
	}
	free(groups);
	return r;
}

int group_note_grown(const struct facts *facts, const struct volume_group *group, struct plan *plan)
{
	char serials[GROUP_DISKS_MAX];
	uint64_t size = 0, besides = 0;

	for (size_t i = 0; i < facts->disk_count; i++) {
		if (strcmp(facts->disks[i].vg_uuid, group->uuid) != 0)
			continue;
		size += facts->disks[i].size;
		besides += PV_BESIDES;
	}
	if (size <= group->size + besides)
		return 0;
	group_name_disks(facts, group, serials);
	return words_addf(
		&plan->notes,
		"volume group %s has %.1f of the %.1f GB of its disks, of serial %s: "
		"what a disk has grown by is not used by itself; with the group's targets "
		"unmounted, pvresize, lvextend, e2fsck -f and resize2fs (Lustre's) take it in",
		group->name, (double)group->size / 1e9, (double)size / 1e9, serials);
}
