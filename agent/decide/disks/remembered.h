/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What state.json remembers, beside what is here. */

#include "decide/planner.h"

/* Whether what it was on is here: its group, or one of its disks. */
bool remembered_is_here(const struct facts *facts, const struct remembered_target *t);

/*
 * A disk of it that is here and was not looked into, since `disks` names others: what is on it is
 * not lost. NULL for none.
 */
const struct disk *remembered_find_unseen(const struct planner_input *input,
					  const struct remembered_target *t);

/*
 * A target of this file system that this instance served on instance store, of which nothing is
 * here any more, and that nobody asks for; NULL for none.
 */
const struct remembered_target *remembered_find_gone(const struct planner_input *input,
						     const struct plan *plan);
