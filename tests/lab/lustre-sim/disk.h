/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "mountdata.h"

/* What the tools look at and change on a target's device (or plain file) with e2fsprogs. */

enum { LABEL_SIZE = 17 };

/* Size in KiB, 0 if it cannot be told. */
uint64_t disk_size_kb(const char *device);

/* Where the block device (or, by name, the file) is mounted. False if it is not. */
bool disk_mounted(const char *device, char directory[static PATH_MAX]);

/* The ext4 label through the page cache: a mounted file system's newest label, even before it is on
 * the medium (facts, surprise 4). -ENODEV if there is no ext superblock. */
int disk_label(const char *device, char label[static LABEL_SIZE]);
int disk_set_label(const char *device, const char *label);

/* True if libext2fs finds the path; the journal is not replayed. */
bool disk_has(const char *device, const char *path);

/* CONFIGS/mountdata as it is in the file (through the mount, if mounted). -ENODEV if not there. */
int disk_read_mountdata(const char *device, struct mountdata *ret_data);

/* Puts it there with debugfs; only for a file system that is not mounted. */
int disk_write_mountdata(const char *device, const struct mountdata *data);
