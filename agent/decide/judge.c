/* SPDX-License-Identifier: Apache-2.0 */
#include "decide/judge.h"

#include "model/volume_tags.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

struct found_volume judge_find_volume(const struct facts *facts, const char *target)
{
	for (size_t g = 0; g < facts->group_count; g++) {
		const struct volume_group *group = &facts->groups[g];

		for (size_t v = 0; v < group->volume_count; v++) {
			const struct volume *volume = &group->volumes[v];
			const char *tag = volume_tag_value(&volume->tags, "target");

			if (tag && strcmp(tag, target) == 0)
				return (struct found_volume){ group, volume };
		}
	}
	return (struct found_volume){ NULL, NULL };
}

static bool is_mounted(const struct facts *facts, const struct volume *volume,
		       const struct plan_target *target)
{
	const struct mount_point *mount = facts_mount_at(facts, target->mount_point);

	return mount && volume->device[0] != '\0' && strcmp(mount->device, volume->device) == 0;
}

/* A volume that no phase of ours may touch: of another instance, or with a disk missing. */
static int refuse_volume(const struct planner_input *input, const struct found_volume *found,
			 const struct plan_target *target, struct plan *plan, bool *ret_refused)
{
	const char *instance = volume_tag_value(&found->group->tags, "instance");
	const char *pvs = volume_tag_value(&found->group->tags, "pvs");

	*ret_refused = true;
	if (found->group->pv_missing > 0)
		return plan_refuse(
			plan, REFUSAL_DISK_MISSING, target->name,
			"Bring the disk back, or start over with a new instance.",
			"%u of the %s disks of volume group %s are missing, and %s is striped "
			"over all of them",
			found->group->pv_missing, pvs ? pvs : "?", found->group->name,
			target->name);
	if ((!instance || strcmp(instance, input->facts->instance_id) != 0) &&
	    !input->spec->replace)
		return plan_refuse(
			plan, REFUSAL_OTHER_INSTANCE, target->name,
			"Set replace: true to adopt it with its data.",
			"volume group %s holds %s of another instance (%s; this one is %s)",
			found->group->name, target->name, instance ? instance : "untagged",
			input->facts->instance_id);
	*ret_refused = false;
	return 0;
}

/* The MGS has said that the index is taken, and the target was never in service. */
static int judge_taken(const struct planner_input *input, struct plan_target *target,
		       struct plan *plan, enum judgement *ret)
{
	const struct outcome *tried = status_failure(input->status, ACTION_MOUNT, target->name);

	*ret = JUDGED_FORMATTED;
	if (!tried || tried->code != EADDRINUSE)
		return 0;
	if (!input->spec->replace) {
		*ret = JUDGED_REFUSED;
		return plan_refuse(
			plan, REFUSAL_INDEX_TAKEN, target->name,
			"Give this node another index; or, if the old holder is gone for good, "
			"set replace: true.",
			"%s is taken: the MGS knows another holder of index %u", target->name,
			target->index);
	}
	target->reformat = target->replace = true;
	*ret = JUDGED_UNFORMATTED;
	return 0;
}

/* What an active volume in an early phase holds. */
static int judge_content(const struct planner_input *input, const struct content *content,
			 struct plan_target *target, struct plan *plan, enum judgement *ret)
{
	const struct outcome *tried = status_failure(input->status, ACTION_MOUNT, target->name);

	if (content->needs_recovery) {
		*ret = JUDGED_UNREPLAYED;
		return 0;
	}
	if (content->served) {
		*ret = tried && tried->code == EADDRINUSE ? JUDGED_MISLABELLED : JUDGED_REGISTERING;
		return 0;
	}
	if (content->lustre && strcmp(content->lustre_target, target->name) == 0)
		return judge_taken(input, target, plan, ret);
	if (content->lustre) {
		*ret = JUDGED_REFUSED;
		return plan_refuse(
			plan, REFUSAL_DRIFT, target->name,
			"Ask for the target that is there, or start over with blank disks.",
			"the volume of %s holds Lustre target %s", target->name,
			content->lustre_target);
	}
	/* Inside a volume of ours that was never in service, an ext4 is a format of ours cut off.
	 */
	if (content->type[0] != '\0' && strncmp(content->type, "ext", 3) != 0) {
		*ret = JUDGED_REFUSED;
		return plan_refuse(plan, REFUSAL_FOREIGN_DATA, target->name,
				   "Save what it holds, then remove the signature with wipefs.",
				   "the volume of %s carries a signature of %s that is not ours",
				   target->name, content->type);
	}
	target->reformat = content->type[0] != '\0';
	*ret = JUDGED_UNFORMATTED;
	return 0;
}

/* What cannot be read may well have been in service (S4). */
static int refuse_unknown(const struct volume *volume, const struct plan_target *target,
			  struct plan *plan, enum judgement *ret)
{
	*ret = JUDGED_REFUSED;
	return plan_refuse(plan, REFUSAL_NOT_READABLE, target->name,
			   "Install what is missing, or see the kernel's log for the disk.",
			   "nobody can tell what volume %s holds: %s", volume->path,
			   volume->content.unknown_because);
}

int judge_target(const struct planner_input *input, const struct found_volume *found,
		 struct plan_target *target, struct plan *plan, enum judgement *ret,
		 struct error *err)
{
	bool refused = false;
	int r = 0;

	*ret = JUDGED_ABSENT;
	if (!found->volume)
		return 0;
	r = refuse_volume(input, found, target, plan, &refused);
	if (r == 0 && refused)
		*ret = JUDGED_REFUSED;
	else if (r == 0 && is_mounted(input->facts, found->volume, target))
		*ret = JUDGED_MOUNTED;
	else if (r == 0 && volume_tags_phase(&found->volume->tags) == PHASE_SERVED)
		*ret = JUDGED_SERVED;
	else if (r == 0 && !found->volume->active)
		*ret = JUDGED_INACTIVE;
	else if (r == 0 && !found->volume->content.known)
		r = refuse_unknown(found->volume, target, plan, ret);
	else if (r == 0)
		r = judge_content(input, &found->volume->content, target, plan, ret);
	return r < 0 ? error_set(err, r, "out of memory") : 0;
}
