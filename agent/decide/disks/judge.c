/* SPDX-License-Identifier: Apache-2.0 */
#include "decide/disks/judge.h"

#include "base/text.h"
#include "decide/disks/consent.h"
#include "decide/disks/group.h"
#include "decide/disks/lost_tags.h"
#include "decide/disks/remembered.h"
#include "model/mount_look.h"
#include "model/volume_tags.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* A target while it is being judged. */
struct case_of {
	const struct planner_input *input;
	struct plan_target *target;
	struct plan *plan;
	struct judged *judged;
};

static bool carries(const struct volume *volume, const char *target)
{
	const char *tag = volume_tag_value(&volume->tags, "target");

	return volume_tags_ours(&volume->tags) && tag && strcmp(tag, target) == 0;
}

/* The first two that carry the target's tag, by their names; how many there are. */
static unsigned find_volumes(const struct facts *facts, const char *target,
			     struct group_volume first[2])
{
	unsigned count = 0;

	for (size_t g = 0; g < facts->group_count; g++) {
		const struct volume_group *group = &facts->groups[g];

		for (size_t v = 0; group_is_ours(group) && v < group->volume_count; v++) {
			const struct group_volume held = { group, &group->volumes[v] };

			if (!carries(held.volume, target))
				continue;
			count++;
			if (group_volume_compare(&held, &first[0]) < 0) {
				first[1] = first[0];
				first[0] = held;
			} else if (group_volume_compare(&held, &first[1]) < 0) {
				first[1] = held;
			}
		}
	}
	return count;
}

/* Where the volume is mounted: at the target's own place, if there among others; NULL for nowhere.
 */
static const struct mount_point *find_mount(const struct facts *facts, const struct volume *volume,
					    const struct plan_target *target)
{
	const struct mount_point *found = NULL;

	for (size_t i = 0; i < facts->mount_count; i++) {
		const struct mount_point *mount = &facts->mounts[i];

		if (volume->device[0] == '\0' || strcmp(mount->device, volume->device) != 0)
			continue;
		found = mount;
		if (strcmp(mount->target, target->mount_point) == 0)
			break;
	}
	return found;
}

static int refuse_occupied(const struct case_of *c, const struct mount_point *mount)
{
	return plan_refuse(c->plan, REFUSAL_MOUNT_POINT, c->target->name,
			   "Unmount it, or set mount-point to another directory.",
			   "%s is the mount point of %s", mount->target, mount->source);
}

/* Is a blank disk under it? Hibernation brings memory back, mounts and all, over blank disks. */
static bool is_over_blank(const struct facts *facts, const struct mount_point *mount)
{
	for (size_t i = 0; mount->device[0] != '\0' && i < facts->disk_count; i++)
		if (facts->disks[i].blank == BLANK_YES && facts->disks[i].signature_count == 0 &&
		    words_contain(&facts->disks[i].holders, mount->device))
			return true;
	return false;
}

/* The group, first by its name, that is not named as ours and whose volume is tagged as the target;
 * NULL for none. */
static const struct volume_group *find_misnamed(const struct facts *facts, const char *target)
{
	const struct volume_group *found = NULL;

	for (size_t g = 0; g < facts->group_count; g++) {
		const struct volume_group *group = &facts->groups[g];

		if (!group_is_misnamed(group) || (found && strcmp(found->name, group->name) < 0))
			continue;
		for (size_t v = 0; v < group->volume_count; v++)
			if (carries(&group->volumes[v], target))
				found = group;
	}
	return found;
}

/* No volume, but perhaps one that was renamed or lost its tags, or is on a disk that was not looked
 * into; or something at its mount point. */
static int judge_absent(const struct case_of *c)
{
	const struct mount_point *mount = facts_mount_at(c->input->facts, c->target->mount_point);
	const struct volume_group *misnamed = find_misnamed(c->input->facts, c->target->name);
	bool refused = false;
	int r;

	if (misnamed)
		return group_refuse_name(misnamed, c->target->name, c->plan);
	r = lost_tags_check(c->input, c->target, c->plan, &refused);
	if (r == 0 && !refused)
		r = remembered_check_unseen(c->input, c->target, c->plan, &refused);
	if (r < 0 || refused)
		return r;
	if (!mount) {
		c->judged->what = JUDGED_ABSENT;
		return 0;
	}
	if (!is_over_blank(c->input->facts, mount))
		return refuse_occupied(c, mount);
	return plan_refuse(c->plan, REFUSAL_DATA_LOSS, c->target->name,
			   "Neither unmount nor flush it: reboot hard (echo b "
			   ">/proc/sysrq-trigger); on-data-loss then decides.",
			   "%s is still mounted at %s, but the disks under it are blank",
			   c->target->name, mount->target);
}

/* A snapshot, or a copy that was tagged alike: of the two, the target's name tells which. */
static int refuse_twice(const struct case_of *c, const struct group_volume both[2])
{
	const char *first = both[0].volume->name, *second = both[1].volume->name;
	const char *copy = "VOLUME";
	char fix[512];

	if (strcmp(first, c->target->volume) == 0)
		copy = second;
	else if (strcmp(second, c->target->volume) == 0)
		copy = first;
	text_sentence(
		fix, sizeof(fix),
		"Detach no disk: both are on the same ones. lvchange --deltag " VOLUME_TAG_OURS
		" %s/%s says that this one is the copy.",
		both[0].group->name, copy);
	return plan_refuse(c->plan, REFUSAL_DRIFT, c->target->name, fix,
			   "volume group %s holds %s twice, as volumes %s and %s",
			   both[0].group->name, c->target->name, first, second);
}

static int refuse_copies(const struct case_of *c, const struct group_volume both[2])
{
	const struct volume_group *one = both[0].group, *other = both[1].group;
	char on_one[GROUP_DISKS_MAX], on_other[GROUP_DISKS_MAX];

	if (one == other)
		return refuse_twice(c, both);
	group_name_disks(c->input->facts, one, on_one);
	group_name_disks(c->input->facts, other, on_other);
	return plan_refuse(
		c->plan, REFUSAL_OTHER_INSTANCE, c->target->name,
		"Detach the disks of the one that is not wanted.",
		"volume groups %s (of %s, on disks of serial %s) and %s (of %s, on disks "
		"of serial %s) both hold %s",
		one->name, group_instance(one), on_one, other->name, group_instance(other),
		on_other, c->target->name);
}

static bool index_is_taken(const struct case_of *c)
{
	const struct outcome *tried =
		status_failure(c->input->status, ACTION_MOUNT, c->target->name);

	return tried && tried->code == EADDRINUSE;
}

/* It was in service: whatever the MGS says, only its label may be touched, and once (S4). */
static int judge_in_use(const struct case_of *c, enum judgement untried)
{
	c->judged->what = untried;
	if (!index_is_taken(c))
		return 0;
	c->judged->what = JUDGED_MISLABELLED;
	if (!status_did(c->input->status, ACTION_REPAIR_LABEL, c->target->name))
		return 0;
	c->judged->what = JUDGED_REFUSED;
	return plan_refuse(c->plan, REFUSAL_INDEX_TAKEN, c->target->name,
			   "It is not formatted. See the MGS's log; with all targets unmounted, "
			   "tunefs.lustre --writeconf registers them anew.",
			   "the MGS says that %s is taken, though it was in service from volume %s",
			   c->target->name, c->judged->volume->path);
}

static bool is_ext(const struct content *content)
{
	return strncmp(content->type, "ext", 3) == 0 && content->other_type[0] == '\0';
}

/* A format of this very target, complete or cut off, by its label. */
static bool is_ours(const struct case_of *c)
{
	const struct content *content = &c->judged->volume->content;

	return is_ext(content) && target_label_is(content->label, c->target->name);
}

/* "ext4, label "my-backups",", "data at byte 4096", for people. */
static void describe_content(const struct content *content, char *text, size_t size)
{
	if (content->type[0] == '\0')
		snprintf(text, size, "%s", content->not_blank_because);
	else if (content->other_type[0] != '\0')
		snprintf(text, size, "%s and %s", content->type, content->other_type);
	else if (content->label[0] != '\0')
		snprintf(text, size, "%s, label \"%s\",", content->type, content->label);
	else
		snprintf(text, size, "%s", content->type);
}

static int refuse_content(const struct case_of *c)
{
	const struct content *content = &c->judged->volume->content;
	const char *name = c->target->name;
	char found[160] = "";

	c->judged->what = JUDGED_REFUSED;
	if (!is_ours(c))
		describe_content(content, found, sizeof(found));
	if (c->judged->phase >= PHASE_REGISTERING)
		return plan_refuse(
			c->plan, REFUSAL_DATA_LOSS, name,
			"Look into it with debugfs; to give it up, remove its group with "
			"vgremove.",
			"the volume of %s was on its way into service, and no complete target "
			"is on it now%s%s%s",
			name, found[0] ? ", but " : "", found, found[0] ? " that is not ours" : "");
	if (content->type[0] == '\0')
		return plan_refuse(
			c->plan, REFUSAL_FOREIGN_DATA, name,
			"Save what it holds, then remove the volume with lvremove: it is "
			"made anew.",
			"the volume of %s is not blank, and no format of ours was begun "
			"on it: %s",
			name, found);
	return plan_refuse(c->plan, REFUSAL_FOREIGN_DATA, name,
			   "Save what it holds, then remove the signature with wipefs.",
			   "the volume of %s carries a signature of %s that is not ours", name,
			   found);
}

static int refuse_stranger(const struct case_of *c)
{
	c->judged->what = JUDGED_REFUSED;
	return plan_refuse(c->plan, REFUSAL_FOREIGN_DATA, c->target->name,
			   "Save what it holds, then remove the file system with wipefs.",
			   "the volume of %s is to be formatted again, but holds %s, which neither "
			   "mkfs.lustre nor Lustre has made",
			   c->target->name, c->judged->volume->content.stranger);
}

/* What is remembered of the target in this very group; NULL for nothing. */
static const struct remembered_target *memory_of(const struct case_of *c)
{
	const struct remembered_target *t =
		state_find(c->input->state, c->input->facts->instance_id, c->target->name);

	return t && strcmp(t->group, c->judged->group->name) == 0 ? t : NULL;
}

/* LVM's metadata can be an older one, as after vgcfgrestore, and a file system can be torn: what is
 * remembered justifies no write, and forbids this one (S4). */
static int refuse_forgotten(const struct case_of *c)
{
	c->judged->what = JUDGED_REFUSED;
	return plan_refuse(
		c->plan, REFUSAL_DATA_LOSS, c->target->name,
		"Look into it with debugfs; vgcfgrestore --list shows whether the group has newer "
		"metadata. To give it up, remove its group with vgremove.",
		"this instance served %s from volume %s, which shows nothing of that now, and "
		"would be formatted by its tag",
		c->target->name, c->judged->volume->path);
}

/*
 * The last thing before a format: nothing may be lost by it (S3). Our tag says whose the volume
 * is, not what is on it: somebody may have used it since. So it is blank, or its remains are known
 * for ours; or a format of this very target, cut off or complete, with nothing else in it.
 */
static int judge_unformatted(const struct case_of *c)
{
	const struct content *content = &c->judged->volume->content;
	const struct remembered_target *remembered = memory_of(c);

	/* With remains it is the phase of another group, and a format in this one was begun. */
	if (remembered && remembered->phase == PHASE_SERVED && !remembered->remains)
		return refuse_forgotten(c);
	if (content->type[0] == '\0' && content->not_blank_because[0] != '\0' &&
	    !(remembered && remembered->remains))
		return refuse_content(c);
	if (content->type[0] != '\0' && !is_ours(c))
		return refuse_content(c);
	if (content->stranger[0] != '\0')
		return refuse_stranger(c);
	c->target->reformat = content->type[0] != '\0';
	c->judged->what = JUDGED_UNFORMATTED;
	return 0;
}

/* Complete, and never in service. */
static int judge_complete(const struct case_of *c)
{
	int r;

	c->judged->what =
		c->judged->phase >= PHASE_REGISTERING ? JUDGED_REGISTERING : JUDGED_FORMATTED;
	if (!index_is_taken(c))
		return 0;
	c->judged->what = JUDGED_REFUSED;
	if (!consent_to_replace(c->input, c->target))
		return consent_refuse(c->input, c->target, c->plan);
	r = judge_unformatted(c);
	c->target->replace = c->judged->what == JUDGED_UNFORMATTED;
	return r;
}

static bool holds_other_target(const struct case_of *c)
{
	const char *found = c->judged->volume->content.lustre_target;

	return found[0] != '\0' && !target_label_is(found, c->target->name);
}

static int refuse_other_target(const struct case_of *c)
{
	return plan_refuse(c->plan, REFUSAL_DRIFT, c->target->name,
			   "Ask for the target that is there, or start over with blank disks.",
			   "the volume of %s holds Lustre target %s", c->target->name,
			   c->judged->volume->content.lustre_target);
}

static bool is_replaying(const struct case_of *c)
{
	return volume_tags_journal(&c->judged->volume->tags) == VOLUME_JOURNAL_REPLAYING;
}

static int judge_journal(const struct case_of *c)
{
	/* To replay it is to write: not into somebody else's file system. */
	if (c->judged->volume->content.needs_recovery &&
	    !target_label_is(c->judged->volume->content.label, c->target->name))
		return refuse_content(c);
	if (!status_did(c->input->status, ACTION_REPLAY_JOURNAL, c->target->name)) {
		c->judged->what = JUDGED_UNREPLAYED;
		c->target->replaying = is_replaying(c);
		return 0;
	}
	return plan_refuse(c->plan, REFUSAL_NOT_READABLE, c->target->name,
			   "Check it by hand: e2fsck -n on its volume.",
			   "the journal of %s still has to be replayed, after e2fsck did so",
			   c->target->name);
}

/* One in place of another was begun with consent, while the volume was on its way into service. */
static bool is_format_cut_off(const struct case_of *c)
{
	const struct remembered_target *remembered = memory_of(c);

	return c->judged->phase < PHASE_REGISTERING || (remembered && remembered->remains);
}

/* What an active volume holds that does not carry the tag `served`. */
static int judge_content(const struct case_of *c)
{
	const struct content *content = &c->judged->volume->content;

	if (content->needs_recovery || is_replaying(c))
		return judge_journal(c);
	if (content->served)
		return judge_in_use(c, JUDGED_REGISTERING);
	if (content->lustre)
		return judge_complete(c);
	return is_format_cut_off(c) ? judge_unformatted(c) : refuse_content(c);
}

static int refuse_phase(const struct case_of *c)
{
	bool is_lost = false;
	int r = lost_tags_check(c->input, c->target, c->plan, &is_lost);

	if (r < 0 || is_lost)
		return r;
	return plan_refuse(c->plan, REFUSAL_FOREIGN_DATA, c->target->name,
			   "A newer lustre-init may have made it: install that. To give it up, "
			   "remove its group with vgremove.",
			   "the volume of %s carries no phase that is known here", c->target->name);
}

/* Nothing is formatted that may have been served (S4), and no look can tell that any more. */
static int refuse_journal_lost(const struct case_of *c)
{
	const char *group = c->judged->group->name;
	char fix[GROUP_FIX_MAX];

	text_sentence(fix, sizeof(fix),
		      "Look into it with debugfs. lvchange --deltag lustre-init.journal=lost %s/%s "
		      "lets it be judged by what is there; to give it up, vgremove %s.",
		      group, c->judged->volume->name, group);
	return plan_refuse(c->plan, REFUSAL_NOT_READABLE, c->target->name, fix,
			   "the journal of %s on volume %s was damaged, or its replay was cut off "
			   "at its end, and what it held may be lost: whether it was in service "
			   "cannot be told any more",
			   c->target->name, c->judged->volume->path);
}

static int judge_volume(const struct case_of *c)
{
	const struct volume *volume = c->judged->volume;

	if (holds_other_target(c)) /* whatever its tag says: no label of it is repaired */
		return refuse_other_target(c);
	if (c->judged->phase == PHASE_SERVED)
		return judge_in_use(c, JUDGED_SERVED);
	if (volume_tags_journal(&volume->tags) == VOLUME_JOURNAL_LOST)
		return refuse_journal_lost(c);
	if (!volume->active) {
		c->judged->what = JUDGED_INACTIVE;
		return 0;
	}
	if (!volume->content.known)
		return plan_refuse(
			c->plan, REFUSAL_NOT_READABLE, c->target->name,
			"Run as root; if it is root already, a tool or the disk may be at fault.",
			"what the volume of %s holds cannot be told: %s", c->target->name,
			volume->content.unknown_because);
	return judge_content(c);
}

/* Is what is mounted there seen to be something else than the target? */
static bool holds_another(const struct case_of *c)
{
	return c->judged->phase < PHASE_SERVED && c->judged->volume->content.known && !is_ours(c);
}

/* Somebody looks into it, perhaps: it serves nobody, and to mount it over that is no way out. */
static int refuse_type(const struct case_of *c, const struct mount_point *mount)
{
	return plan_refuse(c->plan, REFUSAL_MOUNT_POINT, c->target->name,
			   "Unmount it: lustre-init mounts it as a target.",
			   "the volume of %s is mounted at %s as %s, and not as a target of Lustre",
			   c->target->name, mount->target, mount->fstype);
}

static int judge_present(const struct case_of *c)
{
	const struct facts *facts = c->input->facts;
	const struct mount_point *mount = find_mount(facts, c->judged->volume, c->target);
	const struct mount_point *occupant = facts_mount_at(facts, c->target->mount_point);
	bool refused = false;
	int r;

	c->target->in_service = mount && mount == occupant && mount_is_target_type(mount->fstype);
	r = group_check(c->input, c->judged->group, c->target->name, c->plan, &refused);
	if (r < 0 || refused)
		return r;
	if (c->judged->phase == PHASE_NONE)
		return refuse_phase(c);
	if (c->target->in_service && holds_other_target(c))
		return refuse_other_target(c);
	if (c->target->in_service && holds_another(c))
		return refuse_content(c);
	if (c->target->in_service) {
		c->judged->what =
			c->judged->phase == PHASE_SERVED ? JUDGED_MOUNTED : JUDGED_UNSETTLED;
		return 0;
	}
	if (mount && mount == occupant)
		return refuse_type(c, mount);
	if (mount)
		return plan_refuse(c->plan, REFUSAL_MOUNT_POINT, c->target->name,
				   "Unmount it there, or set mount-point to that directory.",
				   "%s is mounted at %s, but asked for is %s", c->target->name,
				   mount->target, c->target->mount_point);
	return occupant ? refuse_occupied(c, occupant) : judge_volume(c);
}

/* The tag and the name were made together; where they disagree, one of the two is somebody's. */
static int refuse_name(const struct case_of *c)
{
	return plan_refuse(c->plan, REFUSAL_DRIFT, c->target->name,
			   "Give it its old name back with lvrename, or take the tag off.",
			   "volume %s of volume group %s is tagged as %s, whose volume is named %s",
			   c->judged->volume->name, c->judged->group->name, c->target->name,
			   c->target->volume);
}

static bool is_remembered(const struct case_of *c)
{
	const struct remembered_target *t = memory_of(c);

	return t && t->phase >= c->judged->phase &&
	       !remembered_is_copied(c->input, c->judged->group);
}

int judge_target(const struct planner_input *input, struct plan_target *target, struct plan *plan,
		 struct judged *ret)
{
	const struct case_of c = { input, target, plan, ret };
	struct group_volume held[2] = { 0 };
	unsigned count = find_volumes(input->facts, target->name, held);

	*ret = (struct judged){
		.what = JUDGED_REFUSED,
		.group = held[0].group,
		.volume = held[0].volume,
	};
	if (count == 0)
		return judge_absent(&c);
	if (count > 1)
		return refuse_copies(&c, held);
	if (strcmp(ret->volume->name, target->volume) != 0)
		return refuse_name(&c);
	ret->phase = volume_tags_phase(&ret->volume->tags);
	ret->remembered = is_remembered(&c);
	return judge_present(&c);
}
