/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* For the blockdev_*.c alone. */

#include "base/blockdev.h"

struct blockdev {
	char path[256];
	int fd;           /* through the page cache */
	int exclusive_fd; /* holds O_EXCL, or -1 */
	int direct_fd;    /* past it (O_DIRECT), or -1 where a file system cannot do that */
	uint64_t size;
};

/* Places that are read at once, `count` of them up to BLOCKDEV_SAMPLES_MAX, each aligned to 4 KiB.
 */
#define BLOCKDEV_SAMPLE_SIZE 4096
#define BLOCKDEV_SAMPLES_MAX 64

/* Fails where the kernel, or the file system of a test, has no such thing; reading one by one
 * always works. */
int blockdev_samples_start(struct blockdev *device, uint64_t *ret_context);
int blockdev_samples_read(struct blockdev *device, uint64_t context, const uint64_t offsets[],
			  size_t count, uint8_t *buffer, struct error *err);
void blockdev_samples_end(uint64_t context);
