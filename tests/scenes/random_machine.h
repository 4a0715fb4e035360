/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Machines by chance, from a seed: disks in every state, groups of ours in every phase, memory and
 * outcomes that fit or do not. Include <cmocka.h> before.
 */

#include "scenes/random_volumes.h"

static inline void random_spec(struct dice *dice, struct scene *s)
{
	static const char *const roles[] = { "oss",    "oss",       "oss",     "mgs",
					     "mds",    "mgs+mds",   "mds+oss", "mgs+mds+oss",
					     "client", "oss+client" };
	static const char *const disks[] = { "instance-store", "instance-store", "instance-store",
					     "ebs:sdf", "/dev/disk/by-id/odd" };
	const char *chosen = disks[dice_below(dice, 5)];
	const char *role = roles[dice_below(dice, 10)];

	scene_say(s, "role", role);
	if (strstr(role, "mgs"))
		scene_say(s, "mgs", s->facts.local_ipv4);
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
		strcpy(disk->signatures[0].uuid, disk->pv_uuid);
		disk->only_lvm_head = dice_is(dice, 70);
		disk->lvm_text_torn = dice_is(dice, 80);
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
		disk->only_lvm_head = dice_is(dice, 50);
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

/* Cut off while the PVs or the group were made: some disks have their label, some no more than its
 * head, and some nothing. */
static inline void random_begun(struct dice *dice, struct scene *s)
{
	struct remembered_target *t =
		scene_remember(s, SCENE_OST, random_phase(dice), "lustre-init-begun");

	for (size_t i = 1; i < s->facts.disk_count; i++) {
		struct disk *disk = scene_disk(s, i);
		struct remembered_disk *remembered = &t->disks[t->disk_count++];

		strcpy(remembered->serial, disk->serial);
		snprintf(remembered->pv_uuid, UUID_TEXT_MAX, "pv-%.30s", disk->serial);
		if (disk->vg_uuid[0] != '\0' || dice_is(dice, 20))
			continue;
		scene_own(s, disk, "");
		if (dice_is(dice, 10))
			strcpy(disk->signatures[0].uuid, "pv-of-somebody");
		disk->only_lvm_head = dice_is(dice, 80);
		disk->lvm_text_torn = dice_is(dice, 80);
		disk->signature_count = dice_is(dice, 80);
	}
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
	if (dice_is(dice, 8))
		random_begun(dice, s);
	random_outcomes(dice, s);
	random_mounts(dice, s);
	if (dice_is(dice, 3))
		words_add(&s->facts.platform.missing_modules, "osd_ldiskfs");
	random_lost_tags(dice, s);
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
