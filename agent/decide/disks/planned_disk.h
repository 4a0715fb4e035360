/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "model/plan.h"

/* Adds `disk` to the group as it is now: what the plan's actions may rely on. -ENOMEM is the only
 * failure. */
int planned_disk_add(struct plan_group *group, const struct disk *disk, enum plan_disk_holds holds,
		     const char *pv_uuid);
