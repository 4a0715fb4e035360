/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What earlier boots left on a scene's machine: groups, volumes, mounts, memory, outcomes. */

#include "scenes/scene.h"

static inline void scene_own(struct scene *s, struct disk *disk, const char *group_id)
{
	(void)s;
	disk->blank = BLANK_NO;
	disk->signature_count = 1;
	strcpy(disk->signatures[0].type, "LVM2_member");
	snprintf(disk->pv_uuid, sizeof(disk->pv_uuid), "pv-%.30s", disk->serial);
	snprintf(disk->signatures[0].uuid, sizeof(disk->signatures[0].uuid), "%s", disk->pv_uuid);
	snprintf(disk->vg_uuid, sizeof(disk->vg_uuid), "%s", group_id);
}

/* A group of ours without a volume, over disks `first` to `last`. */
static inline struct volume_group *scene_group(struct scene *s, const char *name, const char *id,
					       size_t first, size_t last)
{
	struct volume_group *groups =
		reallocarray(s->facts.groups, s->facts.group_count + 1, sizeof(*groups));
	struct volume_group *group;

	assert_non_null(groups);
	s->facts.groups = groups;
	group = &groups[s->facts.group_count++];
	*group = (struct volume_group){ .pv_count = (unsigned)(last - first + 1) };
	snprintf(group->name, sizeof(group->name), "%s", name);
	snprintf(group->uuid, sizeof(group->uuid), "%s", id);
	group->size = group->free = group->pv_count * 1000000000000ULL;
	assert_int_equal(words_add(&group->tags, "lustre-init"), 0);
	assert_int_equal(words_add(&group->tags, "lustre-init.instance=" SCENE_INSTANCE), 0);
	assert_int_equal(words_addf(&group->tags, "lustre-init.pvs=%u", group->pv_count), 0);
	for (size_t i = first; i <= last; i++)
		scene_own(s, scene_disk(s, i), id);
	return group;
}

static inline struct volume *scene_volume(struct volume_group *group, const char *name,
					  const char *target, enum phase phase)
{
	struct volume *volumes =
		reallocarray(group->volumes, group->volume_count + 1, sizeof(*volumes));
	struct volume *volume;

	assert_non_null(volumes);
	group->volumes = volumes;
	volume = &volumes[group->volume_count++];
	*volume = (struct volume){ .active = true, .content.known = true };
	snprintf(volume->name, sizeof(volume->name), "%s", name);
	snprintf(volume->path, sizeof(volume->path), "/dev/%.60s/%s", group->name, name);
	snprintf(volume->device, sizeof(volume->device), "dm-%.28s", name);
	assert_int_equal(words_add(&volume->tags, "lustre-init"), 0);
	assert_int_equal(words_addf(&volume->tags, "lustre-init.target=%s", target), 0);
	assert_int_equal(words_addf(&volume->tags, "lustre-init.phase=%s", phase_name(phase)), 0);
	group->free = 0;
	return volume;
}

/* This node's OST on disks 1 and 2, in `phase`. */
static inline struct volume *scene_ost(struct scene *s, enum phase phase)
{
	return scene_volume(scene_group(s, SCENE_GROUP, SCENE_GROUP_ID, 1, 2), "ost0017", SCENE_OST,
			    phase);
}

/* A complete format of this node's OST. */
static inline void scene_format(struct volume *volume)
{
	strcpy(volume->content.type, "ext4");
	strcpy(volume->content.label, "lustrewt:OST0017");
	strcpy(volume->content.lustre_target, SCENE_OST);
	volume->content.lustre = true;
}

static inline void scene_mount(struct scene *s, const char *device, const char *target)
{
	struct mount_point *mount = &s->facts.mounts[s->facts.mount_count++];

	snprintf(mount->device, sizeof(mount->device), "%s", device);
	assert_true(asprintf(&mount->source, "/dev/%s", device) > 0);
	strcpy(mount->fstype, "lustre");
	mount->target = strdup(target);
	assert_non_null(mount->target);
}

static inline struct remembered_target *scene_remember(struct scene *s, const char *name,
						       enum phase phase, const char *group)
{
	struct remembered_target *t = &s->state.targets[s->state.target_count++];

	*t = (struct remembered_target){ .phase = phase };
	snprintf(t->name, sizeof(t->name), "%s", name);
	strcpy(t->instance_id, SCENE_INSTANCE);
	snprintf(t->group, sizeof(t->group), "%s", group);
	return t;
}

static inline void scene_tried(struct scene *s, enum action_kind action, const char *target,
			       enum outcome_kind kind, int code)
{
	struct outcome *outcome = status_add_outcome(&s->status);

	assert_non_null(outcome);
	outcome->action = action;
	outcome->kind = kind;
	outcome->code = code;
	snprintf(outcome->target, sizeof(outcome->target), "%s", target);
}
