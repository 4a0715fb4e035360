/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A small machine for tests of the planner: an OSS of lustrewt at 10.0.0.23 with blank disks of
 * instance store, to be changed by the test. Include <cmocka.h> before.
 */

#include "decide/planner.h"
#include "model/volume_tags.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SCENE_DISKS_MAX 64
#define SCENE_INSTANCE  "i-0017"
#define SCENE_OST       "lustrewt-OST0017"
#define SCENE_GROUP     "lustre-init-5eed0017"
#define SCENE_GROUP_ID  "vg-0017"

struct scene {
	struct settings settings;
	struct spec spec;
	struct problems problems;
	struct facts facts;
	struct state state;
	struct status status;
	struct plan plan;
	struct error err;
	int result; /* of the last scene_plan() */
};

static inline void scene_say(struct scene *s, const char *key, const char *value)
{
	const struct origin origin = { .source = SOURCE_TAG, .name = "tag" };
	struct setting *setting = settings_add(&s->settings, key, &origin);

	assert_non_null(setting);
	assert_int_equal(words_add(&setting->values, value), 0);
}

static inline struct disk *scene_disk(struct scene *s, size_t number)
{
	return &s->facts.disks[number];
}

/* Disk 0 is the root; the others are instance store, ephemeral0 being disk 1. */
static inline void scene_disks(struct scene *s, size_t stores)
{
	s->facts.disks = calloc(SCENE_DISKS_MAX, sizeof(*s->facts.disks));
	assert_non_null(s->facts.disks);
	s->facts.disk_count = stores + 1;
	strcpy(s->facts.disks[0].name, "nvme0n1");
	strcpy(s->facts.disks[0].path, "/dev/nvme0n1");
	strcpy(s->facts.disks[0].serial, "vol0");
	s->facts.disks[0].kind = DISK_EBS;
	assert_int_equal(words_add(&s->facts.disks[0].mounts, "/"), 0);
	assert_int_equal(words_add(&s->facts.disks[0].partitions, "nvme0n1p1"), 0);
	for (size_t i = 1; i <= stores; i++) {
		struct disk *disk = &s->facts.disks[i];

		snprintf(disk->name, sizeof(disk->name), "nvme%zun1", i);
		snprintf(disk->path, sizeof(disk->path), "/dev/nvme%zun1", i);
		snprintf(disk->serial, sizeof(disk->serial), "AWS%zu", i);
		snprintf(disk->attached_as, sizeof(disk->attached_as), "ephemeral%zu:none", i - 1);
		disk->kind = DISK_INSTANCE_STORE;
		disk->size = 1000000000000;
		disk->blank = BLANK_YES;
	}
}

static inline void scene_start(struct scene *s, size_t stores)
{
	*s = (struct scene){ 0 };
	s->facts.launch_index = -1;
	strcpy(s->facts.instance_id, SCENE_INSTANCE);
	strcpy(s->facts.local_ipv4, "10.0.0.23");
	strcpy(s->facts.subnet_cidr, "10.0.0.0/24");
	strcpy(s->facts.mac, "0a:00:00:00:00:17");
	s->facts.platform.has_lnet_module = s->facts.platform.has_lustre_module = true;
	memset(s->facts.random, '5', 64);
	s->facts.interfaces = calloc(4, sizeof(*s->facts.interfaces));
	assert_non_null(s->facts.interfaces);
	s->facts.interface_count = 1;
	strcpy(s->facts.interfaces[0].name, "ens5");
	strcpy(s->facts.interfaces[0].mac, s->facts.mac);
	strcpy(s->facts.interfaces[0].ipv4, s->facts.local_ipv4);
	s->facts.mounts = calloc(8, sizeof(*s->facts.mounts));
	assert_non_null(s->facts.mounts);
	scene_disks(s, stores);
	scene_say(s, "role", "oss");
	scene_say(s, "fsname", "lustrewt");
	scene_say(s, "mgs", "10.0.0.10");
}

static inline void scene_specify(struct scene *s)
{
	spec_done(&s->spec);
	s->problems.count = 0;
	if (spec_merge(&s->settings, &s->spec, &s->problems) < 0)
		fail_msg("%s", s->problems.items[0].text);
}

static inline void scene_end(struct scene *s)
{
	settings_done(&s->settings);
	spec_done(&s->spec);
	facts_done(&s->facts);
	status_done(&s->status);
	plan_done(&s->plan);
}

/* Plans anew; s->result and s->err say how that went. */
static inline void scene_plan(struct scene *s)
{
	const struct planner_input input = { &s->spec, &s->facts, &s->state, &s->status };

	scene_specify(s);
	plan_done(&s->plan);
	s->result = planner_plan(&input, &s->plan, &s->err);
}

static inline void scene_own(struct scene *s, struct disk *disk, const char *group_id)
{
	(void)s;
	disk->blank = BLANK_NO;
	disk->signature_count = 1;
	strcpy(disk->signatures[0].type, "LVM2_member");
	snprintf(disk->pv_uuid, sizeof(disk->pv_uuid), "pv-%.30s", disk->serial);
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
	snprintf(volume->device, sizeof(volume->device), "dm-%s", name);
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
	snprintf(mount->source, sizeof(mount->source), "/dev/%s", device);
	snprintf(mount->target, sizeof(mount->target), "%s", target);
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

/* The number of the action that reads so; -1 when the plan has none. */
static inline int scene_find(const struct scene *s, const char *action)
{
	char text[256];

	for (size_t i = 0; i < s->plan.action_count; i++) {
		action_describe(&s->plan, &s->plan.actions[i], text, sizeof(text));
		if (strcmp(text, action) == 0)
			return (int)i;
	}
	return -1;
}

/* How many actions of this kind the plan has. */
static inline unsigned scene_count(const struct scene *s, enum action_kind kind)
{
	unsigned count = 0;

	for (size_t i = 0; i < s->plan.action_count; i++)
		count += s->plan.actions[i].kind == kind;
	return count;
}

/* Does `action` wait for `needed`, directly or not? */
static inline bool scene_waits(const struct scene *s, int action, int needed)
{
	if (action < 0 || needed < 0)
		return false;
	for (unsigned i = 0; i < s->plan.actions[action].need_count; i++) {
		int need = (int)s->plan.actions[action].needs[i];

		if (need == needed || scene_waits(s, need, needed))
			return true;
	}
	return false;
}

/* The one refusal of the plan, which must have this code. */
static inline const struct refusal *scene_refusal(const struct scene *s, enum refusal_code code)
{
	if (s->plan.refusal_count != 1)
		fail_msg("%zu refusals, the first: %s", s->plan.refusal_count,
			 s->plan.refusal_count > 0 ? s->plan.refusals[0].text : "none");
	if (s->plan.refusals[0].code != code)
		fail_msg("%s: %s", refusal_code_name(s->plan.refusals[0].code),
			 s->plan.refusals[0].text);
	return &s->plan.refusals[0];
}

static inline void scene_expect_no_refusal(const struct scene *s)
{
	if (s->plan.refusal_count > 0)
		fail_msg("%s", s->plan.refusals[0].text);
}
