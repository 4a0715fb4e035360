/* SPDX-License-Identifier: Apache-2.0 */
#include "observe/storage/disk_probe.h"

#include "base/superblock.h"
#include "base/text.h"
#include "observe/storage/disk_use.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What one thread works on; it writes to its own disk's row alone. */
struct probe {
	const char *root;
	struct disk *disk;
	pthread_t thread;
	bool started;
	int code; /* of its end, with the sentence in the row */
};

static void open_path(const char *root, const struct disk *disk, char path[PATH_MAX])
{
	snprintf(path, PATH_MAX, "%s%s", root, disk->path);
}

/*
 * The kernel refuses O_EXCL while a disk is mounted, mapped or opened so by another. Only tried
 * where nothing is known to lie on the disk: for its moment, the try is a claim itself.
 */
static int find_busy(const char *root, struct disk *disk, struct error *err)
{
	struct blockdev *device;
	char path[PATH_MAX];
	int r;

	open_path(root, disk, path);
	r = blockdev_open(path, BLOCKDEV_TRY, &device, err);
	disk->busy = r == -EBUSY;
	if (r >= 0)
		blockdev_close(device);
	return disk->busy ? 0 : r;
}

static void store_signature(struct disk *disk, const struct blockdev_signature *found)
{
	struct signature *signature = &disk->signatures[disk->signature_count++];

	text_copy(signature->type, sizeof(signature->type), found->type);
	text_copy(signature->label, sizeof(signature->label), found->label);
	text_copy(signature->uuid, sizeof(signature->uuid), found->uuid);
}

static int find_signatures(struct blockdev *device, struct disk *disk, struct error *err)
{
	struct blockdev_signature found[SIGNATURES_MAX];
	size_t count;
	int r = blockdev_probe(device, found, SIGNATURES_MAX, &count, err);

	for (size_t i = 0; r >= 0 && i < count; i++)
		store_signature(disk, &found[i]);
	return r;
}

/* What EC2 leaves on the disks of some Xen types (accept-preformatted). */
static int find_empty_ext3(struct blockdev *device, struct disk *disk, struct error *err)
{
	struct superblock superblock;
	int r;

	if (disk->signature_count != 1 || strcmp(disk->signatures[0].type, "ext3") != 0)
		return 0;
	r = superblock_read(device, &superblock, err);
	disk->empty_ext3 = r >= 0 && superblock_is_empty(&superblock);
	return r;
}

static int find_blank(struct blockdev *device, struct disk *disk, struct error *err)
{
	uint64_t offset = UINT64_MAX;
	int r = 0;

	if (disk->signature_count > 0) {
		disk->blank = BLANK_NO;
		snprintf(disk->not_blank_because, sizeof(disk->not_blank_because), "%s signature",
			 disk->signatures[0].type);
		return 0;
	}
	r = blockdev_find_data(device, 0, &offset, err);
	if (r < 0)
		return r;
	disk->blank = offset == UINT64_MAX ? BLANK_YES : BLANK_NO;
	if (disk->blank == BLANK_NO)
		snprintf(disk->not_blank_because, sizeof(disk->not_blank_because),
			 "data at byte %" PRIu64, offset);
	return 0;
}

static void *probe_disk(void *argument)
{
	struct probe *probe = argument;
	struct blockdev *device = NULL;
	char path[PATH_MAX];
	struct error err;
	int r;

	open_path(probe->root, probe->disk, path);
	r = blockdev_open(path, BLOCKDEV_READ, &device, &err);
	if (r >= 0)
		r = find_signatures(device, probe->disk, &err);
	if (r >= 0)
		r = find_empty_ext3(device, probe->disk, &err);
	if (r >= 0)
		r = find_blank(device, probe->disk, &err);
	blockdev_close(device);
	if (r >= 0 && !disk_use_any(probe->disk))
		r = find_busy(probe->root, probe->disk, &err);
	if (r < 0) {
		probe->disk->blank = BLANK_UNKNOWN;
		text_copy(probe->disk->not_blank_because, sizeof(probe->disk->not_blank_because),
			  err.text);
	}
	probe->code = r;
	return NULL;
}

int disk_probe_all(const char *root, struct facts *facts,
		   bool (*wanted)(const struct disk *, void *), void *userdata, struct error *err)
{
	struct probe *probes = calloc(facts->disk_count + 1, sizeof(*probes));
	int r = 0;

	if (!probes)
		return error_set(err, -ENOMEM, "out of memory looking at the disks");
	for (size_t i = 0; i < facts->disk_count; i++) {
		struct probe *probe = &probes[i];

		if (!wanted(&facts->disks[i], userdata))
			continue;
		*probe = (struct probe){ .root = root, .disk = &facts->disks[i] };
		probe->started = pthread_create(&probe->thread, NULL, probe_disk, probe) == 0;
		if (!probe->started) /* no thread to be had: slower, not wrong */
			probe_disk(probe);
	}
	for (size_t i = 0; i < facts->disk_count; i++)
		if (probes[i].started)
			pthread_join(probes[i].thread, NULL);
	for (size_t i = 0; i < facts->disk_count && r == 0; i++)
		if (error_is_shortage(probes[i].code))
			r = error_set(err, probes[i].code, "%s", facts->disks[i].not_blank_because);
	free(probes);
	return r;
}
