/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Disks of Xen instances. The mapping of EC2 speaks of sdb; the kernel may call it xvdb, or, on
 * some RHEL kernels, which shift letters by four, xvdf, where another disk may well be the one that
 * was asked for as sdf. What does not lie is the number that Xen gives each virtual block device:
 * it encodes the name that was asked for (xen, vbd-interface(7)). Source: AWS user guide, "Device
 * names for volumes" (device_naming).
 */

#include "base/words.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * Whether the disk with kernel name `disk` is the one that was mapped as `mapped` ("sdb",
 * "/dev/xvdb"). By its number, or where sysfs tells none, by the same letters.
 */
bool xen_is_mapped_as(const char *root, const char *disk, const char *mapped);

/* The word ("ephemeral0=sdb") of `ephemerals` that is for `disk`; NULL when there is none. */
const char *xen_find_ephemeral(const char *root, const char *disk, const struct words *ephemerals);
