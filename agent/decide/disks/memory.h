/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "decide/disks/judge.h"

/*
 * Refuses the targets that are to be formatted where the node has not the memory for it:
 * mkfs.lustre says so after a minute ("Cannot allocate memory", measured: 60 TiB with 1 GiB), when
 * the group is made. `judged` has a row for each target of the plan. -ENOMEM is the only failure.
 */
int memory_check(const struct planner_input *input, const struct judged *judged, struct plan *plan);
