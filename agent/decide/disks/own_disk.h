/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Disks that this very instance began to write: its serial and the PV UUID to be are in state.json
 * since before the first write, and what the disk holds agrees (law 1: neither alone is enough).
 */

#include "decide/planner.h"

/* EC2 puts an empty ext3 on the instance store of some Xen types, which has no serial number. */
bool disk_may_be_preformatted(const struct disk *disk);

struct own_disk {
	enum plan_disk_holds holds; /* PLAN_DISK_BEGUN, _BEGUN_EXT3 or _OUR_PV */
	const char *pv_uuid;        /* as it was written down; in the state */
};

/*
 * True when `disk` is one, and in no group that LVM can read.
 *
 * A PV is made anew where none of the disk's targets came as far as `registering`, and either
 * nothing is on it but what LVM writes before any data (PLAN_DISK_BEGUN), or what else is on it may
 * be the ext3 that EC2 left and that there is consent to overwrite (PLAN_DISK_BEGUN_EXT3). Any
 * other PV of ours may hold data.
 */
bool own_disk_find(const struct planner_input *input, const struct disk *disk,
		   struct own_disk *ret);
