/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "decide/disks/judge.h"

/*
 * state.json has room for so many targets, of all instances that its disk ever was part of. Where
 * what is to be recorded needs more, puts the oldest of those that prove nothing here into
 * plan->forgets: of another instance, with neither their group nor a disk of theirs here. Where
 * that is not enough, refuses the targets that would be recorded. `judged` has a row for each
 * target of the plan. -ENOMEM is the only failure.
 */
int forgets_choose(const struct planner_input *input, const struct judged *judged,
		   struct plan *plan);
