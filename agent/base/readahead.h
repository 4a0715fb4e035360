/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Files that will be read soon: the kernel is told, reads them in the background into its page
 * cache, and whoever reads them then need not wait for the disk one after another. On a volume made
 * from a snapshot that first touch of each block is what a first boot waits for (AWS: EBS,
 * "Initialize Amazon EBS volumes").
 */

#include <stdint.h>

/* How many bytes may still be asked for: what nobody needs would push others out. */
#define READAHEAD_BYTES_MAX (96ULL * 1024 * 1024)

/*
 * Tells of one regular file, and takes its size from *budget; one that is larger than what is left
 * is passed over. Where it cannot be done nothing is lost.
 */
void readahead_file(const char *path, uint64_t *budget);
