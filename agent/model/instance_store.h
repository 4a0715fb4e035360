/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>

/*
 * How many instance-store disks the instance types have. As virtual disks of Xen: the types that do
 * are all there will ever be. As NVMe, which proves itself: only those that were looked up, since
 * new types come every year. Sources: AWS user guide, "Instance store volumes" (InstanceStorage),
 * June 2023; the guide "Amazon EC2 instance types", storage optimized and accelerated computing,
 * 2025.
 */

/*
 * How many such disks `type` ("d2.xlarge") has: ephemeral0 up to one less. 0 for a type without, or
 * with NVMe, and for one that is not known.
 */
unsigned instance_store_xen_disks(const char *type);

/*
 * How many NVMe disks `type` ("i4i.8xlarge") has, each of which is there at every boot: unlike
 * those of Xen they need not be mapped. 0 for a type without, and for one that is not known.
 */
unsigned instance_store_nvme_disks(const char *type);

/*
 * Whether the name of `type` says that it has none ("c6i.4xlarge"): of the general families those
 * with instance store have a "d" behind the generation ("c6id"), since the fourth. A type that is
 * not known may do so, too; of all other families the name says nothing. Source: the guide "Amazon
 * EC2 instance types", naming conventions.
 */
bool instance_store_is_ruled_out(const char *type);
