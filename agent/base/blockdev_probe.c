/* SPDX-License-Identifier: Apache-2.0 */

/* Signatures by libblkid, all of them: each is a reason not to touch a disk. */

#include "base/blockdev_private.h"

#include <blkid/blkid.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>

/* More results than a disk can have; a bound for the loop. */
#define RESULTS_MAX 64

static void copy_value(blkid_probe probe, const char *name, char *text)
{
	const char *value = NULL;

	if (blkid_probe_lookup_value(probe, name, &value, NULL) == 0 && value)
		snprintf(text, BLOCKDEV_TEXT_MAX, "%s", value);
}

static bool read_result(blkid_probe probe, struct blockdev_signature *signature)
{
	*signature = (struct blockdev_signature){ 0 };
	copy_value(probe, "TYPE", signature->type);
	copy_value(probe, "LABEL", signature->label);
	copy_value(probe, "UUID", signature->uuid);
	if (signature->type[0] == '\0') {
		copy_value(probe, "PTTYPE", signature->type);
		copy_value(probe, "PTUUID", signature->uuid);
	}
	return signature->type[0] != '\0';
}

static int set_up(blkid_probe probe, struct blockdev *device, struct error *err)
{
	int r = blkid_probe_set_device(probe, device->fd, 0, 0);

	if (r == 0)
		r = blkid_probe_enable_superblocks(probe, 1);
	/* A damaged file system is somebody's file system. */
	if (r == 0)
		r = blkid_probe_set_superblocks_flags(
			probe, BLKID_SUBLKS_TYPE | BLKID_SUBLKS_LABEL | BLKID_SUBLKS_UUID |
				       BLKID_SUBLKS_BADCSUM);
	if (r == 0)
		r = blkid_probe_enable_partitions(probe, 1);
	if (r != 0)
		return error_set(err, -EIO, "libblkid cannot look at %s", device->path);
	return 0;
}

static int probe_all(blkid_probe probe, struct blockdev *device,
		     struct blockdev_signature *signatures, size_t capacity, size_t *ret_count,
		     struct error *err)
{
	size_t count = 0;
	int r = set_up(probe, device, err);

	if (r < 0)
		return r;
	for (int i = 0; i < RESULTS_MAX && count < capacity; i++) {
		errno = 0;
		r = blkid_do_probe(probe);
		if (r < 0)
			return error_errno(err, errno > 0 ? -errno : -EIO,
					   "cannot look for signatures on %s", device->path);
		if (r > 0)
			break;
		if (read_result(probe, &signatures[count]))
			count++;
	}
	*ret_count = count;
	return 0;
}

int blockdev_probe(struct blockdev *device, struct blockdev_signature *signatures, size_t capacity,
		   size_t *ret_count, struct error *err)
{
	blkid_probe probe = blkid_new_probe();
	int r;

	if (!probe)
		return error_set(err, -ENOMEM, "out of memory looking at %s", device->path);
	r = probe_all(probe, device, signatures, capacity, ret_count, err);
	blkid_free_probe(probe);
	return r;
}
