/* SPDX-License-Identifier: Apache-2.0 */
#include "decide/disks/lost_tags.h"

#include "base/text.h"
#include "decide/disks/group.h"
#include "model/volume_tags.h"

#include <stdio.h>
#include <string.h>

static bool is_named_as(const struct volume *volume, const struct plan_target *target)
{
	return strcmp(volume->name, target->volume) == 0;
}

static bool is_tagged_as(const struct volume *volume, const struct plan_target *target)
{
	const char *tag = volume_tag_value(&volume->tags, "target");

	return tag && strcmp(tag, target->name) == 0;
}

static bool lost_tags(const struct volume *volume, const struct plan_target *target)
{
	if (!volume_tags_ours(&volume->tags))
		return is_named_as(volume, target) || is_tagged_as(volume, target);
	if (volume_tag_is_there(&volume->tags, "target"))
		return is_named_as(volume, target) && is_tagged_as(volume, target) &&
		       !volume_tag_is_there(&volume->tags, "phase");
	return is_named_as(volume, target);
}

/* The target's own before a copy of it: by its tag, by its name; then by names, in whatever order
 * LVM tells. */
static bool comes_before(const struct group_volume *a, const struct group_volume *b,
			 const struct plan_target *target)
{
	if (is_tagged_as(a->volume, target) != is_tagged_as(b->volume, target))
		return is_tagged_as(a->volume, target);
	if (is_named_as(a->volume, target) != is_named_as(b->volume, target))
		return is_named_as(a->volume, target);
	return group_volume_compare(a, b) < 0;
}

static struct group_volume find_lost(const struct facts *facts, const struct plan_target *target)
{
	struct group_volume found = { 0 };

	for (size_t g = 0; g < facts->group_count; g++) {
		const struct volume_group *group = &facts->groups[g];

		for (size_t v = 0; group_is_ours(group) && v < group->volume_count; v++) {
			const struct group_volume lost = { group, &group->volumes[v] };

			if (lost_tags(lost.volume, target) &&
			    (!found.volume || comes_before(&lost, &found, target)))
				found = lost;
		}
	}
	return found;
}

/* A name alone may be that of another file system's target. */
static bool is_proven(const struct planner_input *input, const struct plan_target *target,
		      const struct group_volume *lost)
{
	const struct remembered_target *remembered =
		state_find(input->state, input->facts->instance_id, target->name);

	return is_tagged_as(lost->volume, target) ||
	       (remembered && strcmp(remembered->group, lost->group->name) == 0);
}

/*
 * "lvchange --addtag …": only what is not there, since two tags that contradict each other are
 * none. Where no phase is left it is `served`: such a volume is mounted as it is, or not at all.
 */
static void write_command(const struct group_volume *lost, const struct plan_target *target,
			  char *text, size_t size)
{
	const struct words *tags = &lost->volume->tags;
	bool has_target = volume_tag_is_there(tags, "target");

	snprintf(text, size, "lvchange%s%s%s%s %s/%s",
		 volume_tags_ours(tags) ? "" : " --addtag " VOLUME_TAG_OURS,
		 has_target ? "" : " --addtag " VOLUME_TAG_OURS ".target=",
		 has_target ? "" : target->name,
		 volume_tag_is_there(tags, "phase") ? ""
						    : " --addtag " VOLUME_TAG_OURS ".phase=served",
		 lost->group->name, lost->volume->name);
}

int lost_tags_check(const struct planner_input *input, const struct plan_target *target,
		    struct plan *plan, bool *ret_refused)
{
	const struct group_volume lost = find_lost(input->facts, target);
	char command[384], fix[512], proof[384] = "";

	*ret_refused = lost.volume != NULL;
	if (!lost.volume)
		return 0;
	write_command(&lost, target, command, sizeof(command));
	if (!is_proven(input, target, &lost))
		text_sentence(proof, sizeof(proof),
			      "Where its label is %s (vgchange -ay %s, e2label %s): ", target->name,
			      lost.group->name, lost.volume->path);
	text_sentence(fix, sizeof(fix),
		      "Remove nothing: what is on it is still there. %s%s gives its tags back.",
		      proof, command);
	return plan_refuse(plan, REFUSAL_FOREIGN_DATA, target->name, fix,
			   "volume %s of volume group %s is %s %s, and does not carry all of "
			   "lustre-init's tags now",
			   lost.volume->name, lost.group->name,
			   is_tagged_as(lost.volume, target) ? "tagged as" : "named as that of",
			   target->name);
}
