/* SPDX-License-Identifier: Apache-2.0 */
#include "observe/storage/disk_begun.h"

#include "base/lvm_head.h"
#include "base/superblock.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

/* Not blank, and nobody's but LVM's as far as signatures tell. */
static bool may_be_begun(const struct disk *disk)
{
	if (disk->blank != BLANK_NO || disk->vg_uuid[0] != '\0')
		return false;
	return disk->signature_count == 0 ||
	       (disk->signature_count == 1 && strcmp(disk->signatures[0].type, "LVM2_member") == 0);
}

/* pvcreate had wiped the ext3 that EC2 leaves on some disks, and its label was not there yet. */
static bool is_beheaded_ext(struct blockdev *device, const struct disk *disk)
{
	struct superblock copy;

	return disk->signature_count == 0 &&
	       superblock_read_copy(device, &copy, /* err= */ NULL) >= 0 &&
	       superblock_is_ext(&copy);
}

/* Half of LVM's own, and no data yet. */
static bool has_only_lvm_head(struct blockdev *device)
{
	uint64_t offset = 0;
	bool is_head;

	return lvm_head_read(device, &is_head, /* err= */ NULL) >= 0 && is_head &&
	       blockdev_find_data(device, LVM_HEAD_SIZE, &offset, /* err= */ NULL) >= 0 &&
	       offset == UINT64_MAX;
}

/* Its label, and of its metadata what LVM cannot read. */
static bool has_torn_text(struct blockdev *device, const struct disk *disk)
{
	bool is_torn;

	return disk->signature_count == 1 &&
	       lvm_text_is_torn(device, &is_torn, /* err= */ NULL) >= 0 && is_torn;
}

int disk_begun_find(const char *root, struct facts *facts,
		    bool (*wanted)(const struct disk *, void *), void *userdata, struct error *err)
{
	for (size_t i = 0; i < facts->disk_count; i++) {
		struct disk *disk = &facts->disks[i];
		struct blockdev *device;
		char path[PATH_MAX];
		int r;

		if (!may_be_begun(disk) || !wanted(disk, userdata))
			continue;
		snprintf(path, sizeof(path), "%s%s", root, disk->path);
		r = blockdev_open(path, BLOCKDEV_READ, &device, err);
		if (error_is_shortage(r))
			return r;
		if (r < 0)
			continue;
		disk->beheaded_ext = is_beheaded_ext(device, disk);
		disk->only_lvm_head = has_only_lvm_head(device);
		disk->lvm_text_torn = has_torn_text(device, disk);
		blockdev_close(device);
	}
	return 0;
}
