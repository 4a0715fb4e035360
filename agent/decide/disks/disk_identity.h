/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What a disk is known by, whatever name the kernel gave it at this boot. */

#include "model/facts.h"

/*
 * Its serial number; where it has none, as on Xen, the name that it is mapped as
 * ("ephemeral0:sdb").
 * "" for a disk that nothing tells from another.
 */
const char *disk_identity(const struct disk *disk);

/* Whether the disk is known by `identity`. Of what has none nothing is known: never of "". */
bool disk_is(const struct disk *disk, const char *identity);

/*
 * Whether it is a volume's: "vol0123…", its NVMe serial number, or on Xen the name that it is
 * attached as, "sdf" or "xvdf". (AWS: "Map Amazon EBS volumes to NVMe device names".)
 */
bool disk_identity_is_of_ebs(const char *identity);

/*
 * The order of disks that does not depend on enumeration: by ephemeralN, then PCI address, then
 * identity. Negative, zero or positive, as strcmp().
 */
int disk_compare(const struct disk *a, const struct disk *b);

/* "disk /dev/nvme1n1 (serial AWS1)", "disk /dev/xvdb (mapped as ephemeral0:sdb)" */
#define DISK_DESCRIPTION_MAX (PATH_TEXT_MAX + 128)
void disk_describe(const struct disk *disk, char text[DISK_DESCRIPTION_MAX]);
