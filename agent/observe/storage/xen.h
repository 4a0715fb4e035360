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
 * "/dev/xvdb"), by its number: a disk that sysfs tells no number of is nobody's.
 */
bool xen_is_mapped_as(const char *root, const char *disk, const char *mapped);

/* What speaks for, and against, a disk of Xen being instance store. */
struct xen_mapping {
	const struct words *ephemerals; /* "ephemeral0=sdb"; NULL for none */
	const struct words *others;     /* "root=/dev/sda1", "ebs1=sdf"; NULL for none */
	unsigned disks; /* of instance store that the type has; ephemeral0 up to one less */
	bool nvme;      /* the store of this instance is NVMe */
};

/*
 * The word ("ephemeral0=sdb") that proves `disk` to be instance store (S1); NULL without proof. The
 * mapping is what was asked for at launch, by an AMI that knew nothing of the type: a disk that it
 * names may be an EBS volume that was attached since. So it proves nothing where the store is NVMe,
 * where the type has no such disk, or where it gives the device another name as well; `why` then
 * says which, and is "" for a disk that is not mapped at all.
 */
#define XEN_WHY_MAX 128
const char *xen_prove_ephemeral(const char *root, const char *disk,
				const struct xen_mapping *mapping, char why[XEN_WHY_MAX]);
