/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The disks that `disks` names, and whether they may be written: by proof (S1), unused (S2), and
 * blank (S3). A disk that may not be is a refusal of the targets that need it, never left out in
 * silence.
 */

#include "decide/planner.h"

#define CANDIDATES_MAX DISKS_MOST

struct candidate {
	const struct disk *disk;
	bool named;                         /* by `disks`, itself and no other */
	const struct volume_group *group;   /* the group of ours that it is in; NULL for none */
	const struct volume_group *foreign; /* a group that is not ours; NULL for none */
	bool untagged;                      /* that group was made by lustre-init all the same */
	const struct disk *double_of;       /* another disk of the same identity; NULL for none */
	bool may_be_written;                /* it holds nothing, or what is named next */
	enum plan_disk_holds holds;
	const char *pv_uuid; /* the one that this instance chose for it before; NULL for none */
};

struct candidates {
	struct candidate items[CANDIDATES_MAX]; /* by disk_compare() */
	size_t count;
};

/* -E2BIG: more than CANDIDATES_MAX. *ret points into the facts. */
int candidates_find(const struct planner_input *input, struct candidates *ret, struct error *err);

/*
 * Refuses `target` unless the disk may be written now. Also for a disk in a group of ours: that is
 * used, never created on. -ENOMEM is the only failure.
 */
int candidate_check(const struct candidate *candidate, const char *target, struct plan *plan,
		    bool *ret_refused);
