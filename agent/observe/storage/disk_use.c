/* SPDX-License-Identifier: Apache-2.0 */
#include "observe/storage/disk_use.h"

#include "observe/storage/mounts.h"

#include <string.h>

static bool carries(const struct disk *disk, const char *device)
{
	return strcmp(disk->name, device) == 0 || words_contain(&disk->partitions, device) ||
	       words_contain(&disk->holders, device);
}

static int find_mounts(const struct facts *facts, struct disk *disk)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < facts->mount_count; i++) {
		const struct mount_point *mount = &facts->mounts[i];

		if (mount->device[0] != '\0' && carries(disk, mount->device) &&
		    !words_contain(&disk->mounts, mount->target))
			r = words_add(&disk->mounts, mount->target);
	}
	return r;
}

int disk_use_find(const char *root, struct facts *facts, struct error *err)
{
	struct words swaps = { 0 };
	int r = swaps_read(root, &swaps, err);

	if (r < 0)
		return r;
	for (size_t i = 0; r >= 0 && i < facts->disk_count; i++) {
		struct disk *disk = &facts->disks[i];

		r = find_mounts(facts, disk);
		for (size_t j = 0; j < swaps.count; j++)
			if (carries(disk, swaps.items[j]))
				disk->swap = true;
	}
	words_done(&swaps);
	return r < 0 ? error_errno(err, r, "cannot look for mounts") : 0;
}

bool disk_use_any(const struct disk *disk)
{
	return disk->holders.count > 0 || disk->partitions.count > 0 || disk->mounts.count > 0 ||
	       disk->swap;
}
