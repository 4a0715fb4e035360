/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Which instance types have instance store as virtual disks of Xen. They are all there will ever
 * be: newer types are on Nitro, and theirs is NVMe, which proves itself. Source: AWS user guide,
 * "Instance store volumes" (InstanceStorage), the rows that are not NVMe.
 */

/*
 * How many such disks `type` ("d2.xlarge") has: ephemeral0 up to one less. 0 for a type without, or
 * with NVMe, and for one that is not known.
 */
unsigned instance_store_xen_disks(const char *type);
