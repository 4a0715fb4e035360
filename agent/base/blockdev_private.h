/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* For the blockdev_*.c alone. */

#include "base/blockdev.h"

struct blockdev {
	char path[256];
	int fd;        /* through the page cache */
	int exclusive_fd; /* holds O_EXCL, or -1 */
	int direct_fd; /* past it (O_DIRECT), or -1 where a file system cannot do that */
	uint64_t size;
};
