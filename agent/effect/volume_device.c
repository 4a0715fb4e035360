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
static int device_name(const char *path, char name[DISK_NAME_MAX])
{
	char real[PATH_MAX];
	const char *slash;

	name[0] = '\0';
	if (!realpath(path, real))
		return errno == ENOENT || errno == ENOTDIR || errno == ELOOP ? 0 : -errno;
	slash = strrchr(real, '/');
	snprintf(name, DISK_NAME_MAX, "%.31s", slash ? slash + 1 : "");
	return 0;
}

/* Each of these says 1 for yes, 0 for no; what could not be looked at is neither. */

static int attribute_begins(const char *root, const char *name, const char *what,
			    const char *expected, size_t length)
{
	char path[PATH_MAX], found[DM_TEXT_MAX];
	int r;

	snprintf(path, sizeof(path), "/sys/block/%s/%s", name, what);
	r = file_read_optional(root, path, found, sizeof(found));
	if (r < 0)
		return r;
	return strlen(found) == length && strncmp(found, expected, strlen(expected)) == 0;
}

/* The node must be the kernel's own for that name; a regular file, as tests have, has no number. */
static int is_its_node(const struct step *step, const char *name)
{
	char number[32];
	struct stat status;

	if (stat(step->target->device, &status) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISBLK(status.st_mode))
		return S_ISREG(status.st_mode);
	snprintf(number, sizeof(number), "%u:%u", major(status.st_rdev), minor(status.st_rdev));
	return attribute_begins(step->options->root, name, "dev", number, strlen(number));
}

/* What the plan knows of the UUID: all of it, the group's part, or that it is LVM's. */
static int has_uuid(const struct step *step, const char *name)
{
	char expected[VOLUME_UUID_MAX];

	volume_device_uuid(step->group->uuid, step->target->volume_uuid, expected);
	return attribute_begins(step->options->root, name, "dm/uuid", expected, VOLUME_UUID_LENGTH);
}

/* LVM joins the names by a dash, and doubles those in them (lvm(8)). */
static int has_name(const struct step *step, const char *name)
{
	const char *parts[] = { step->group->name, step->target->volume };
	char expected[DM_TEXT_MAX];
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
	return attribute_begins(step->options->root, name, "dm/name", expected, strlen(expected));
}

static int is_disk_of(const struct plan_group *group, const char *slave)
{
	for (size_t i = 0; i < group->disk_count; i++) {
		char disk[DISK_NAME_MAX];
		int r = device_name(group->disks[i].path, disk);

		if (r < 0)
			return r;
		if (strcmp(disk, slave) == 0)
			return 1;
	}
	return 0;
}

static int lies_on_its_disks(const struct step *step, const char *name)
{
	struct words slaves = { 0 };
	char path[PATH_MAX];
	int r;

	snprintf(path, sizeof(path), "/sys/block/%s/slaves", name);
	r = tree_list(step->options->root, path, &slaves);
	if (r == 0)
		r = slaves.count > 0;
	for (size_t i = 0; r > 0 && i < slaves.count; i++)
		r = is_disk_of(step->group, slaves.items[i]);
	words_done(&slaves);
	return r;
}

int volume_device_check(const struct step *step, struct error *err)
{
	static const struct {
		int (*holds)(const struct step *step, const char *name);
		const char *otherwise;
	} checks[] = {
		{ is_its_node, "that is no device of the kernel's" },
		{ has_uuid, "which has not the UUID of its volume" },
		{ has_name, "which LVM calls otherwise" },
		{ lies_on_its_disks, "which does not lie on the disks of its group" },
	};
	const char *device = step->target->device;
	char name[DISK_NAME_MAX];
	int r = device_name(device, name);

	if (r == 0 && name[0] == '\0')
		return error_set(err, -ENOENT, "%s is not there, though its volume is active",
				 device);
	for (size_t i = 0; r >= 0 && i < sizeof(checks) / sizeof(checks[0]); i++) {
		r = checks[i].holds(step, name);
		if (r == 0)
			return error_set(err, -EXDEV,
					 "%s leads to %s, %s; find what it belongs to with dmsetup "
					 "info and lsblk",
					 device, name, checks[i].otherwise);
	}
	return r < 0 ? error_errno(err, r, "cannot tell what %s leads to", device) : 0;
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
	if (r < 0 || !superblock_is_ext(&superblock))
		return 0;
	superblock_label(&superblock, label);
	if (target_label_is(label, target->name))
		return 0;
	return error_set(err, -EXDEV,
			 "%s is labelled \"%s\", and is to be mounted as %s; whatever was done to "
			 "it, its tags, or its label, are another target's",
			 target->device, label, target->name);
}
