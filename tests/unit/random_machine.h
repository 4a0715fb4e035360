/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Machines by chance, from a seed: disks in every state, groups of ours in every phase, memory and
 * outcomes that fit or do not. Include "scene.h" before.
 */

struct dice {
	uint64_t state;
};

/* splitmix64 (Steele, Lea and Flood: Fast splittable pseudorandom number generators). */
static inline uint64_t dice_roll(struct dice *dice)
{
	uint64_t value = dice->state += 0x9e3779b97f4a7c15ULL;

	value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9ULL;
	value = (value ^ (value >> 27)) * 0x94d049bb133111ebULL;
	return value ^ (value >> 31);
}

static inline unsigned dice_below(struct dice *dice, unsigned count)
{
	return (unsigned)(dice_roll(dice) % count);
}

/* True in `percent` of 100 cases. */
static inline bool dice_is(struct dice *dice, unsigned percent)
{
	return dice_below(dice, 100) < percent;
}

static inline void random_spec(struct dice *dice, struct scene *s)
{
	static const char *const roles[] = { "oss",    "oss",       "oss",     "mgs",
					     "mds",    "mgs+mds",   "mds+oss", "mgs+mds+oss",
					     "client", "oss+client" };
	static const char *const disks[] = { "instance-store", "instance-store", "instance-store",
					     "ebs:sdf", "/dev/disk/by-id/odd" };
	const char *chosen = disks[dice_below(dice, 5)];

	scene_say(s, "role", roles[dice_below(dice, 10)]);
	scene_say(s, "disks", chosen);
	if (strcmp(chosen, "instance-store") == 0 && dice_is(dice, 40)) {
		char count[4];

		snprintf(count, sizeof(count), "%u", 1 + dice_below(dice, 4));
		scene_say(s, "osts", "per-disk");
		scene_say(s, "expect-disks", count);
		scene_say(s, "index", "0");
	} else if (dice_is(dice, 70)) {
		scene_say(s, "index", "1");
	}
	if (dice_is(dice, 40))
		scene_say(s, "replace", "true");
	if (dice_is(dice, 40))
		scene_say(s, "on-data-loss", "recreate");
}

static inline void random_signature(struct dice *dice, struct disk *disk)
{
	static const char *const types[] = { "xfs",         "ext4", "gpt",
					     "LVM2_member", "swap", "linux_raid_member" };

	disk->blank = BLANK_NO;
	disk->signature_count = 1;
	strcpy(disk->signatures[0].type, types[dice_below(dice, 6)]);
	if (dice_is(dice, 30)) {
		snprintf(disk->pv_uuid, sizeof(disk->pv_uuid), "pv-%.30s", disk->serial);
		strcpy(disk->signatures[0].type, "LVM2_member");
	}
}

/* Most disks are as they should be; the others have one thing wrong, now and then two. */
static inline void random_trouble(struct dice *dice, struct disk *disk)
{
	switch (dice_below(dice, 12)) {
	case 0:
		assert_int_equal(words_add(&disk->mounts, "/somewhere"), 0);
		break;
	case 1:
		assert_int_equal(words_add(&disk->partitions, "p1"), 0);
		break;
	case 2:
		disk->swap = true;
		break;
	case 3:
		assert_int_equal(words_add(&disk->holders, "dm-9"), 0);
		break;
	case 4:
		disk->busy = true;
		break;
	case 5:
		disk->read_only = true;
		break;
	case 6:
		disk->blank = BLANK_UNKNOWN;
		break;
	case 7:
		disk->blank = BLANK_NO;
		break;
	case 8:
		disk->kind = dice_is(dice, 50) ? DISK_EBS : DISK_OTHER;
		strcpy(disk->attached_as, "sdf");
		break;
	case 9:
		assert_int_equal(words_add(&disk->links, "/dev/disk/by-id/odd"), 0);
		break;
	default:
		random_signature(dice, disk);
		break;
	}
}

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
	if (strcmp(content->type, "ext4") != 0)
		return;
	content->needs_recovery = dice_is(dice, 15);
	content->lustre = dice_is(dice, 70);
	content->served = dice_is(dice, 40);
	if (content->lustre)
		snprintf(content->lustre_target, sizeof(content->lustre_target), "%s",
			 dice_is(dice, 90) ? target : "other-OST0001");
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

static inline void random_group(struct dice *dice, struct scene *s, unsigned number, size_t first,
				size_t last)
{
	char name[32], id[16];
	struct volume_group *group;

	snprintf(name, sizeof(name), "lustre-init-0000000%u", number);
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
		char volume_name[8];

		snprintf(volume_name, sizeof(volume_name), "lv%u", v);
		random_content(dice, scene_volume(group, volume_name, target, random_phase(dice)),
			       target);
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

static inline void random_machine(struct dice *dice, struct scene *s)
{
	scene_start(s, dice_below(dice, 6));
	random_spec(dice, s);
	random_groups(dice, s);
	for (size_t i = 1; i < s->facts.disk_count; i++)
		if (dice_is(dice, 15))
			random_trouble(dice, scene_disk(s, i));
	if (dice_is(dice, 5) && s->facts.disk_count > 2)
		strcpy(scene_disk(s, 1)->serial, scene_disk(s, 2)->serial);
	random_memory(dice, s);
	random_outcomes(dice, s);
	random_mounts(dice, s);
	if (dice_is(dice, 3))
		s->facts.platform.has_lustre_module = false;
}

/* The same machine, enumerated in another order. */
static inline void random_order(struct dice *dice, struct facts *facts)
{
	for (size_t i = facts->disk_count; i > 1; i--) {
		size_t j = dice_below(dice, (unsigned)i);
		struct disk disk = facts->disks[i - 1];

		facts->disks[i - 1] = facts->disks[j];
		facts->disks[j] = disk;
	}
	for (size_t i = facts->group_count; i > 1; i--) {
		size_t j = dice_below(dice, (unsigned)i);
		struct volume_group group = facts->groups[i - 1];

		facts->groups[i - 1] = facts->groups[j];
		facts->groups[j] = group;
	}
}
