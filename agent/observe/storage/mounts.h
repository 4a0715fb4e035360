/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What is mounted, by libmount, and what is swapped to. */

#include "base/error.h"
#include "model/facts.h"

/*
 * The mounts of /proc/self/mountinfo, in its order. Those of the kernel's own interfaces (proc,
 * sysfs, cgroup …) are left out; file systems without a device that could hide a mount point of
 * ours (tmpfs, overlay, FUSE) are not. Freed with free().
 */
int mounts_read(const char *root, struct mount_point **ret, size_t *ret_count, struct error *err);

/* The kernel names of all devices that are swapped to ("dm-1"); swap files lie on a mount. */
int swaps_read(const char *root, struct words *ret, struct error *err);
