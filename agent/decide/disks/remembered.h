/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What state.json remembers, beside what is here. */

#include "decide/planner.h"

/* Whether what it was on is here: its group, or one of its disks. */
bool remembered_is_here(const struct facts *facts, const struct remembered_target *t);

/*
 * Refuses where a disk that this instance served the target from is here and was not looked into,
 * since `disks` names others: what is on it is not lost. Time may cure it where none is here that
 * `disks` names.
 */
int remembered_check_unseen(const struct planner_input *input, const struct plan_target *target,
			    struct plan *plan, bool *ret_refused);

/*
 * Whether a PV of the group is on another EBS volume than this instance made it on, as one of a
 * snapshot: it is older than what was served.
 */
bool remembered_is_copied(const struct planner_input *input, const struct volume_group *group);

/* Refuses the target for it, unless there is consent. */
int remembered_check_copied(const struct planner_input *input, const struct volume_group *group,
			    const char *target, struct plan *plan, bool *ret_refused);

/*
 * A target of this file system that this instance served on instance store, of which nothing is
 * here any more, and that nobody asks for; NULL for none.
 */
const struct remembered_target *remembered_find_gone(const struct planner_input *input,
						     const struct plan *plan);

/*
 * Notes what this instance served and nobody asks for any more, where no refusal speaks of it: its
 * disks are blank now, or not here.
 */
int remembered_note_left(const struct planner_input *input, struct plan *plan);
