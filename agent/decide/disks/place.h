/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Disks, and the targets that are to be made on them; and all that may speak against it. */

#include "decide/disks/candidates.h"

#define SHARING_MAX 3 /* an MGT, an MDT and an OST */

struct place {
	const struct candidate *disks[CANDIDATES_MAX];
	size_t disk_count;
	struct plan_target *targets[SHARING_MAX];
	size_t target_count;
};

/* Each of these refuses all targets of the place or none; -ENOMEM is the only failure. */

/* For one and the same reason. */
int place_refuse(const struct place *place, struct plan *plan, enum refusal_code code,
		 const char *fix, const char *format, ...) __attribute__((format(printf, 5, 6)));

/* A disk that may not be written (S2, S3). */
int place_check_disks(const struct place *place, struct plan *plan, bool *ret_refused);

/* Disks of which LVM makes PVs, and then no group, since their logical sectors differ in size. */
int place_check_sectors(const struct place *place, struct plan *plan, bool *ret_refused);

/*
 * Data loss (S6): this instance had one of the targets on its way into service, or in service, and
 * it is gone; or it served one of the same file system that is gone, and not asked for. `how` says
 * where it should have been ("the disks here are blank").
 */
int place_check_loss(const struct planner_input *input, const struct place *place, const char *how,
		     struct plan *plan, bool *ret_refused);

/* What there is to be cut into volumes, each striped over all of the disks; in bytes. */
struct room {
	uint64_t total; /* the group, of which percentages are */
	uint64_t free;  /* the most that volumes can take: on each disk no more than on the smallest
			 */
	uint64_t step;  /* an extent on each disk: a volume is a multiple of it */
	bool is_new;    /* nothing is cut from it yet */
};

/*
 * The room of a group over `count` disks of these sizes. Where the group is there already, its size
 * and what is free of it are LVM's; `used` is 0 for a new one.
 */
struct room room_over(const uint64_t *sizes, size_t count, uint64_t used);

/*
 * Gives each target its size, which LVM then makes as it is or not at all: asked for a share that
 * does not fit it would cut it down without a word (measured). Sizes that do not fit are refused.
 */
int place_cut(const struct place *place, const struct room *room, struct plan *plan,
	      bool *ret_refused);

/* A target of the place is refused for a reason of its own: then so are those it shares disks with.
 */
int place_share_refusals(const struct place *place, struct plan *plan, bool *ret_refused);
