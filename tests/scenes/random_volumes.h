/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* By chance: groups of ours in every phase, what is remembered of them, and how this run went. */

#include "scenes/dice.h"
#include "scenes/volumes.h"

static inline void random_content(struct dice *dice, struct volume *volume, const char *target)
{
	static const char *const types[] = { "", "ext4", "ext4", "ext4", "xfs" };
	struct content *content = &volume->content;

	volume->active = dice_is(dice, 80);
	if (!volume->active)
		volume->device[0] = '\0';
	content->known = volume->active && dice_is(dice, 95);
	if (!content->known)
		return;
	strcpy(content->type, types[dice_below(dice, 5)]);
	if (content->type[0] == '\0' && dice_is(dice, 30))
		strcpy(content->not_blank_because, "data at byte 4096");
	if (strcmp(content->type, "ext4") != 0)
		return;
	if (dice_is(dice, 90))
		snprintf(content->label, sizeof(content->label), "%s",
			 dice_is(dice, 90) ? target : "my-backups");
	if (dice_is(dice, 5))
		strcpy(content->stranger, "photos");
	if (dice_is(dice, 5))
		strcpy(content->other_type, "swap");
	content->needs_recovery = dice_is(dice, 15);
	content->lustre = dice_is(dice, 70);
	content->served = dice_is(dice, 40);
	if (content->lustre)
		snprintf(content->lustre_target, sizeof(content->lustre_target), "%s",
			 dice_is(dice, 90) ? target : "other-OST0001");
}

/* As layout names them; by chance, somebody's own. */
static inline void random_volume_name(struct dice *dice, const char *target, char name[16])
{
	static const struct {
		const char *stem;
		enum target_kind kind;
	} kinds[] = { { "-MDT", TARGET_MDT }, { "-OST", TARGET_OST } };

	snprintf(name, 16, "mgt");
	for (size_t i = 0; i < 2; i++) {
		const char *stem = strstr(target, kinds[i].stem);

		if (stem)
			target_format_volume(kinds[i].kind, (unsigned)strtoul(stem + 4, NULL, 16),
					     name, 16);
	}
	if (dice_is(dice, 3))
		snprintf(name, 16, "rl-root");
}

static inline const char *random_target(struct dice *dice)
{
	static const char *const names[] = { "MGS",
					     "lustrewt-MDT0000",
					     "lustrewt-MDT0001",
					     "lustrewt-OST0000",
					     "lustrewt-OST0001",
					     "lustrewt-OST0001",
					     "lustrewt-OST0002",
					     "lustrewt-OST0003",
					     "lustrewt-OST0017" };

	return names[dice_below(dice, 9)];
}

static inline enum phase random_phase(struct dice *dice)
{
	return (enum phase)(PHASE_CREATING + dice_below(dice, PHASE_MAX - PHASE_CREATING));
}

static inline void random_journal(struct dice *dice, struct volume *volume)
{
	static const char *const tags[] = { "lustre-init.journal=replaying",
					    "lustre-init.journal=lost",
					    "lustre-init.journal=mended" };

	if (dice_is(dice, 10))
		assert_int_equal(words_add(&volume->tags, tags[dice_below(dice, 3)]), 0);
}

static inline void random_group(struct dice *dice, struct scene *s, unsigned number, size_t first,
				size_t last)
{
	char name[32], id[16];
	struct volume_group *group;

	snprintf(name, sizeof(name), dice_is(dice, 3) ? "mapper%u" : "lustre-init-0000000%u",
		 number);
	snprintf(id, sizeof(id), "vg-%u", number);
	group = scene_group(s, name, id, first, last);
	if (dice_is(dice, 10))
		strcpy(group->tags.items[1], "lustre-init.instance=i-9999");
	if (dice_is(dice, 10))
		group->pv_missing = 1;
	if (dice_is(dice, 10))
		strcpy(group->tags.items[2], "lustre-init.pvs=9");
	if (dice_is(dice, 5))
		strcpy(group->tags.items[0], "site");
	for (unsigned v = dice_below(dice, 3); v > 0; v--) {
		const char *target = random_target(dice);
		struct volume *volume;
		char volume_name[16];

		random_volume_name(dice, target, volume_name);
		volume = scene_volume(group, volume_name, target, random_phase(dice));
		random_content(dice, volume, target);
		random_journal(dice, volume);
	}
	if (dice_is(dice, 50))
		group->free = group->size / 2;
}

/* Groups over runs of disks, never the same disk twice. */
static inline void random_groups(struct dice *dice, struct scene *s)
{
	size_t next = 1;

	for (unsigned number = 0; next < s->facts.disk_count && number < 4; number++) {
		size_t last = next + dice_below(dice, 2);

		if (last >= s->facts.disk_count)
			last = s->facts.disk_count - 1;
		if (dice_is(dice, 50))
			random_group(dice, s, number, next, last);
		next = last + 1;
	}
}

static inline void random_memory(struct dice *dice, struct scene *s)
{
	for (unsigned i = dice_below(dice, 4); i > 0; i--) {
		struct remembered_target *t = scene_remember(
			s, random_target(dice), random_phase(dice), "lustre-init-00000000");

		t->lost = dice_is(dice, 30);
		t->remains = dice_is(dice, 30);
		if (dice_is(dice, 20))
			strcpy(t->instance_id, "i-9999");
		for (size_t d = 1; d < s->facts.disk_count && dice_is(dice, 80); d++) {
			strcpy(t->disks[t->disk_count].serial, scene_disk(s, d)->serial);
			snprintf(t->disks[t->disk_count].pv_uuid, UUID_TEXT_MAX, "pv-%.30s",
				 scene_disk(s, d)->serial);
			t->disk_count++;
		}
	}
}

/* A target that has a volume, where there is one. */
static inline const char *random_tagged_target(struct dice *dice, const struct scene *s)
{
	for (size_t g = 0; g < s->facts.group_count; g++) {
		const struct volume_group *group = &s->facts.groups[g];

		if (group->volume_count > 0 && dice_is(dice, 60))
			return volume_tag_value(&group->volumes[0].tags, "target");
	}
	return random_target(dice);
}

/* Somebody took our tag off a volume. */
static inline void random_lost_tags(struct dice *dice, struct scene *s)
{
	for (size_t g = 0; g < s->facts.group_count; g++)
		for (size_t v = 0; v < s->facts.groups[g].volume_count; v++)
			if (dice_is(dice, 5))
				strcpy(s->facts.groups[g].volumes[v].tags.items[0], "site");
}

static inline void random_outcomes(struct dice *dice, struct scene *s)
{
	static const enum action_kind kinds[] = { ACTION_MOUNT, ACTION_MOUNT, ACTION_FORMAT,
						  ACTION_REPAIR_LABEL, ACTION_REPLAY_JOURNAL };

	for (unsigned i = dice_below(dice, 4); i > 0; i--) {
		bool failed = dice_is(dice, 60);

		scene_tried(s, kinds[dice_below(dice, 5)], random_tagged_target(dice, s),
			    failed ? OUTCOME_FAILED : OUTCOME_DONE,
			    failed && dice_is(dice, 70) ? EADDRINUSE : 0);
	}
	/* The MGS says no to what it may say no to. */
	if (dice_is(dice, 40))
		scene_tried(s, ACTION_MOUNT, random_tagged_target(dice, s), OUTCOME_FAILED,
			    EADDRINUSE);
}

static inline void random_mounts(struct dice *dice, struct scene *s)
{
	for (size_t g = 0; g < s->facts.group_count && s->facts.mount_count < 6; g++) {
		struct volume_group *group = &s->facts.groups[g];

		for (size_t v = 0; v < group->volume_count && v < 1; v++) {
			const char *target = volume_tag_value(&group->volumes[v].tags, "target");
			char place[64];

			if (!group->volumes[v].active || !dice_is(dice, 20))
				continue;
			/* Every name ends in the group's number: volumes of two groups are two
			 * devices. */
			snprintf(group->volumes[v].device, DISK_NAME_MAX, "dm-%zu", g);
			snprintf(place, sizeof(place), "/srv/lustre/%s", target);
			scene_mount(s, group->volumes[v].device, place);
		}
	}
	if (dice_is(dice, 10))
		scene_mount(s, "nvme0n1p7", "/srv/lustre/lustrewt-OST0017");
}
