/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The only opener of block devices, and the only user of libblkid. Nothing here writes but
 * blockdev_flush(). A device that is about to be written is held open by the caller, locked
 * (flock LOCK_EX on the whole disk keeps udev away: systemd, BLOCK_DEVICE_LOCKING).
 */

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct blockdev;

enum blockdev_mode {
	BLOCKDEV_READ, /* read-only, shared */
	BLOCKDEV_TRY, /* read-only, O_EXCL: only to see whether somebody has it mounted or mapped */
	BLOCKDEV_CLAIM, /* as TRY, and flock(LOCK_EX), which udev is given a minute to let go of */
};

/*
 * -EBUSY when somebody holds it and more than BLOCKDEV_READ is asked for; -ENOTBLK when it is
 * neither a block device nor a regular file (regular files serve tests).
 */
int blockdev_open(const char *path, enum blockdev_mode mode, struct blockdev **ret,
		  struct error *err);

/*
 * Gives O_EXCL up but keeps the lock, for a tool that is about to be run on the device and wants
 * O_EXCL for itself (LVM and mke2fs do). udev still stays away.
 */
void blockdev_hand_over(struct blockdev *device);

struct blockdev *blockdev_close(struct blockdev *device); /* returns NULL */

/*
 * The descriptor that holds the lock, for a child that shall hold it as well: flock(2) ends with
 * the last descriptor of one open file.
 */
int blockdev_lock_fd(const struct blockdev *device);

/* In place of blockdev_close(), where somebody who cannot be ended may still write: the device
 * stays open and locked until this program ends. Returns NULL. */
struct blockdev *blockdev_leave_locked(struct blockdev *device);

uint64_t blockdev_size(const struct blockdev *device); /* bytes */

#define BLOCKDEV_TEXT_MAX 64
struct blockdev_signature {
	char type[BLOCKDEV_TEXT_MAX];
	char label[BLOCKDEV_TEXT_MAX];
	char uuid[BLOCKDEV_TEXT_MAX];
};

/*
 * All signatures at their places, file systems, RAID members and partition tables alike, those with
 * a bad checksum too; the first `capacity` of them, their number in *ret_count. A read error is an
 * error, never "nothing found".
 */
int blockdev_probe(struct blockdev *device, struct blockdev_signature *signatures, size_t capacity,
		   size_t *ret_count, struct error *err);

/*
 * Reads the first 4 MiB, the last MiB, and between them where file systems have copies of their
 * superblocks and 1024 samples of 4 KiB, past the page cache where possible; leaves out what lies
 * before `from`. *ret_offset is the place of the first byte that
 * is not zero, or UINT64_MAX.
 */
int blockdev_find_data(struct blockdev *device, uint64_t from, uint64_t *ret_offset,
		       struct error *err);

/* The same without what is between, which take seconds on a disk that moves its heads. */
int blockdev_find_data_at_ends(struct blockdev *device, uint64_t from, uint64_t *ret_offset,
			       struct error *err);

/*
 * Reads `size` bytes (up to 1 MiB) at `offset` past the page cache (O_DIRECT), so from the medium
 * itself. -ERANGE beyond its end.
 */
int blockdev_read_medium(struct blockdev *device, uint64_t offset, void *data, size_t size,
			 struct error *err);

/* Writes out all that the kernel holds for the device (fsync). */
int blockdev_flush(const char *path, struct error *err);

/*
 * NVMe Identify Controller data (NVM Express base specification, figure "Identify Controller").
 * -ENOTTY when the device is no NVMe namespace.
 */
#define NVME_IDENTIFY_SIZE 4096
int blockdev_nvme_identify(struct blockdev *device, uint8_t identify[NVME_IDENTIFY_SIZE],
			   struct error *err);

/*
 * NVMe's SMART / Health Information log (likewise, figure "SMART / Health Information Log Page").
 * It needs CAP_SYS_ADMIN before Linux 6.2. Errors as above.
 */
#define NVME_HEALTH_SIZE 512
int blockdev_nvme_health(struct blockdev *device, uint8_t log[NVME_HEALTH_SIZE], struct error *err);
