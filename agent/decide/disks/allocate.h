/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Which group and volume each target lives on: those that are there, and new ones on blank disks.
 *
 * What shares disks and has no volume yet is made together or not at all, since the size of each
 * part depends on the others.
 */

#include "decide/disks/candidates.h"
#include "decide/disks/judge.h"
#include "decide/disks/layout.h"

#define GROUPS_MAX (2 * TARGETS_MAX)

enum allocated {
	ALLOCATED_EXISTING,
	ALLOCATED_NEW,    /* the group is to be made */
	ALLOCATED_REPAIR, /* it is there, and LVM cannot read it */
};

struct allocation {
	enum allocated what[GROUPS_MAX]; /* of the plan's groups */
};

/* Puts a target on the volume that it was judged by. -ENOMEM is the only failure. */
int allocate_existing(const struct planner_input *input, const struct judged *judged,
		      struct plan_target *target, struct plan *plan);

/*
 * Gives every absent target a volume: in our half-made group where there is one on its place, else
 * in a new group over blank disks. What stands in the way becomes a refusal. `judged` has one row
 * for each target of the plan. -ENOMEM is the only failure.
 */
int allocate_new(const struct planner_input *input, const struct candidates *candidates,
		 const struct judged *judged, struct plan *plan, struct allocation *ret);
