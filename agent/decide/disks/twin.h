/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "decide/planner.h"

/*
 * Refuses `target` where another disk carries the label of one that LVM has in the group: a copy of
 * it, byte for byte. LVM takes either for the PV, and without the other in its view it would serve
 * whichever it was. -ENOMEM is the only failure.
 */
int twin_check(const struct planner_input *input, const struct volume_group *group,
	       const char *target, struct plan *plan, bool *ret_refused);
