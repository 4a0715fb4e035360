/* SPDX-License-Identifier: Apache-2.0 */
#include "base/superblock.h"

#include <string.h>

#define SUPERBLOCK_AT      1024 /* of the device, whatever the block size */
#define SUPERBLOCK_COPY_AT (32768ULL * 4096)

/* Offsets in the superblock, in bytes; all numbers are little-endian. */
#define INODES_COUNT_AT      0x00
#define FREE_INODES_COUNT_AT 0x10
#define MAGIC_AT             0x38
#define STATE_AT             0x3a
#define REV_LEVEL_AT         0x4c
#define FIRST_INODE_AT       0x54
#define FEATURE_COMPAT_AT    0x5c
#define FEATURE_INCOMPAT_AT  0x60
#define LABEL_AT             0x78
#define LAST_ORPHAN_AT       0xe8

#define MAGIC                   0xef53
#define STATE_CLEAN             0x0001 /* and neither errors nor orphans being recovered */
#define STATE_ERRORS            0x0002
#define FEATURE_HAS_JOURNAL     0x04 /* compatible */
#define FEATURE_NEEDS_REPLAY    0x04 /* incompatible */
#define REV_DYNAMIC             1
#define FIRST_INODE_OF_OLD_REVS 11

static uint32_t number(const struct superblock *superblock, size_t at, size_t bytes)
{
	uint32_t value = 0;

	for (size_t i = bytes; i > 0; i--)
		value = value << 8 | superblock->bytes[at + i - 1];
	return value;
}

static int read_at(struct blockdev *device, uint64_t offset, struct superblock *ret,
		   struct error *err)
{
	*ret = (struct superblock){ 0 };
	if (blockdev_size(device) < offset + SUPERBLOCK_SIZE)
		return 0;
	return blockdev_read_medium(device, offset, ret->bytes, SUPERBLOCK_SIZE, err);
}

int superblock_read(struct blockdev *device, struct superblock *ret, struct error *err)
{
	return read_at(device, SUPERBLOCK_AT, ret, err);
}

int superblock_read_copy(struct blockdev *device, struct superblock *ret, struct error *err)
{
	return read_at(device, SUPERBLOCK_COPY_AT, ret, err);
}

bool superblock_is_ext(const struct superblock *superblock)
{
	return number(superblock, MAGIC_AT, 2) == MAGIC;
}

bool superblock_has_journal(const struct superblock *superblock)
{
	return superblock_is_ext(superblock) &&
	       number(superblock, FEATURE_COMPAT_AT, 4) & FEATURE_HAS_JOURNAL;
}

bool superblock_needs_recovery(const struct superblock *superblock)
{
	return superblock_is_ext(superblock) &&
	       number(superblock, FEATURE_INCOMPAT_AT, 4) & FEATURE_NEEDS_REPLAY;
}

bool superblock_is_clean(const struct superblock *superblock)
{
	return superblock_is_ext(superblock) &&
	       (number(superblock, STATE_AT, 2) & (STATE_CLEAN | STATE_ERRORS)) == STATE_CLEAN;
}

void superblock_label(const struct superblock *superblock, char label[SUPERBLOCK_LABEL_SIZE + 1])
{
	memcpy(label, superblock->bytes + LABEL_AT, SUPERBLOCK_LABEL_SIZE);
	label[SUPERBLOCK_LABEL_SIZE] = '\0';
}

bool superblock_is_empty(const struct superblock *superblock)
{
	uint32_t inodes = number(superblock, INODES_COUNT_AT, 4);
	uint32_t free = number(superblock, FREE_INODES_COUNT_AT, 4);
	uint32_t first = number(superblock, REV_LEVEL_AT, 4) >= REV_DYNAMIC
				 ? number(superblock, FIRST_INODE_AT, 4)
				 : FIRST_INODE_OF_OLD_REVS;

	/* Inodes count from 1: those before the first usable one are reserved, and lost+found has
	 * that. */
	return superblock_is_ext(superblock) && !superblock_needs_recovery(superblock) &&
	       number(superblock, STATE_AT, 2) == STATE_CLEAN &&
	       number(superblock, LAST_ORPHAN_AT, 4) == 0 && free <= inodes &&
	       inodes - free == first;
}
