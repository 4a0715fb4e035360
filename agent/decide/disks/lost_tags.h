/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "decide/planner.h"

/*
 * Refuses `target`, of which no volume is found, or one of no phase, where a group of ours holds
 * one that is its own by its name or its tag, and that lost tags: it may be full of data, and is
 * neither to be made anew nor to be removed. Says what gives the tags back. -ENOMEM is the only
 * failure.
 */
int lost_tags_check(const struct planner_input *input, const struct plan_target *target,
		    struct plan *plan, bool *ret_refused);
