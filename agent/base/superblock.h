/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The superblock of ext2, ext3 and ext4, read from the medium: what a boot after a power cut would
 * find. Offsets are those of Documentation/filesystems/ext4/super.rst in the Linux sources.
 */

#include "base/blockdev.h"

#include <stdbool.h>

#define SUPERBLOCK_SIZE 1024
struct superblock {
	unsigned char bytes[SUPERBLOCK_SIZE];
};

/* Reads it; all zeros where the device is too small to have one. */
int superblock_read(struct blockdev *device, struct superblock *ret, struct error *err);

/*
 * The same of its first copy, in block group 1 with blocks of 4 KiB, as mke2fs makes them on disks
 * of EC2's sizes. mke2fs writes it, and the kernel leaves it alone.
 */
int superblock_read_copy(struct blockdev *device, struct superblock *ret, struct error *err);

bool superblock_is_ext(const struct superblock *superblock);

bool superblock_has_journal(const struct superblock *superblock);

/* Its journal has to be replayed before anything can be told. False where there is no ext. */
bool superblock_needs_recovery(const struct superblock *superblock);

/* It was left in order, and no error was noted on it. False where there is no ext. */
bool superblock_is_clean(const struct superblock *superblock);

/* The first 16 bytes of the label, all that there are. */
#define SUPERBLOCK_LABEL_SIZE 16
void superblock_label(const struct superblock *superblock, char label[SUPERBLOCK_LABEL_SIZE + 1]);

/*
 * Nothing is on it but the root and lost+found, and both are empty: it was unmounted cleanly, so
 * its counts are right, and no inode is in use beyond the reserved ones and lost+found. A new ext4
 * may have one more, for orphans (e2fsprogs 1.47), and then is not empty.
 */
bool superblock_is_empty(const struct superblock *superblock);
