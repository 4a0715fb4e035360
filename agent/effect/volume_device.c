/* SPDX-License-Identifier: Apache-2.0 */
#include "effect/volume_device.h"

#include "base/file.h"
#include "base/superblock.h"
#include "base/tree.h"
#include "model/volume_tags.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#define DM_TEXT_MAX 256

/* The last component of where a path leads; "" for nowhere. */
static void device_name(const char *path, char name[DISK_NAME_MAX])
{
	char real[PATH_MAX];
	const char *slash = realpath(path, real) ? strrchr(real, '/') : NULL;

	snprintf(name, DISK_NAME_MAX, "%.31s", slash ? slash + 1 : "");
}

/* The node must be the kernel's own for that name; a regular file, as tests have, has no number. */
static bool is_its_node(const char *root, const char *path, const char *name)
{
	char attribute[PATH_MAX], line[32], number[32];
	struct stat status;

	if (stat(path, &status) < 0)
		return false;
	if (!S_ISBLK(status.st_mode))
		return S_ISREG(status.st_mode);
	snprintf(attribute, sizeof(attribute), "/sys/block/%s/dev", name);
	snprintf(number, sizeof(number), "%u:%u", major(status.st_rdev), minor(status.st_rdev));
	return file_read_line(root, attribute, line, sizeof(line)) && strcmp(line, number) == 0;
}

static bool read_dm(const char *root, const char *name, const char *what, char text[DM_TEXT_MAX])
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "/sys/block/%s/dm/%s", name, what);
	return file_read_line(root, path, text, DM_TEXT_MAX);
}

/* What the plan knows of the UUID: all of it, the group's part, or that it is LVM's. */
static bool has_uuid(const char *root, const char *name, const struct plan_group *group,
		     const struct plan_target *target)
{
	char expected[VOLUME_UUID_MAX], found[DM_TEXT_MAX];

	volume_device_uuid(group->uuid, target->volume_uuid, expected);
	return read_dm(root, name, "uuid", found) && strlen(found) == VOLUME_UUID_LENGTH &&
	       strncmp(found, expected, strlen(expected)) == 0;
}

/* LVM joins the names by a dash, and doubles those in them (lvm(8)). */
static bool has_name(const char *root, const char *name, const struct plan_group *group,
		     const struct plan_target *target)
{
	const char *parts[] = { group->name, target->volume };
	char expected[DM_TEXT_MAX], found[DM_TEXT_MAX];
	size_t used = 0;

	for (size_t i = 0; i < 2; i++) {
		for (const char *at = parts[i]; *at && used + 3 < sizeof(expected); at++) {
			expected[used++] = *at;
			if (*at == '-')
				expected[used++] = '-';
		}
		if (i == 0)
			expected[used++] = '-';
	}
	expected[used] = '\0';
	return read_dm(root, name, "name", found) && strcmp(found, expected) == 0;
}

static bool is_disk_of(const struct plan_group *group, const char *slave)
{
	for (size_t i = 0; i < group->disk_count; i++) {
		char disk[DISK_NAME_MAX];

		device_name(group->disks[i].path, disk);
		if (strcmp(disk, slave) == 0)
			return true;
	}
	return false;
}

static bool lies_on_its_disks(const char *root, const char *name, const struct plan_group *group)
{
	struct words slaves = { 0 };
	char path[PATH_MAX];
	bool all;

	snprintf(path, sizeof(path), "/sys/block/%s/slaves", name);
	all = tree_list(root, path, &slaves) == 0 && slaves.count > 0;
	for (size_t i = 0; i < slaves.count && all; i++)
		all = is_disk_of(group, slaves.items[i]);
	words_done(&slaves);
	return all;
}

int volume_device_check(const struct step *step, struct error *err)
{
	const struct plan_target *target = step->target;
	const struct plan_group *group = step->group;
	const char *root = step->options->root, *wrong = NULL;
	char name[DISK_NAME_MAX];

	device_name(target->device, name);
	if (name[0] == '\0')
		return error_set(err, -ENOENT, "%s is not there, though its volume is active",
				 target->device);
	if (!is_its_node(root, target->device, name))
		wrong = "that is no device of the kernel's";
	else if (!has_uuid(root, name, group, target))
		wrong = "which has not the UUID of its volume";
	else if (!has_name(root, name, group, target))
		wrong = "which LVM calls otherwise";
	else if (!lies_on_its_disks(root, name, group))
		wrong = "which does not lie on the disks of its group";
	if (!wrong)
		return 0;
	return error_set(err, -EXDEV,
			 "%s leads to %s, %s; find what it belongs to with dmsetup info and lsblk",
			 target->device, name, wrong);
}

int volume_label_check(const struct step *step, struct error *err)
{
	const struct plan_target *target = step->target;
	char label[SUPERBLOCK_LABEL_SIZE + 1];
	struct superblock superblock;
	struct blockdev *device;
	int r = blockdev_open(target->device, BLOCKDEV_READ, &device, /* err= */ NULL);

	if (r < 0)
		return 0;
	r = superblock_read(device, &superblock, /* err= */ NULL);
	blockdev_close(device);
	superblock_label(&superblock, label);
	if (r < 0 || !superblock_is_ext(&superblock) || target_label_is(label, target->name))
		return 0;
	return error_set(err, -EXDEV,
			 "%s is labelled \"%s\", and is to be mounted as %s; whatever was done to "
			 "it, its tags, or its label, are another target's",
			 target->device, label, target->name);
}
