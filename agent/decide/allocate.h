/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Which group and volume each target lives on: those that are there, and new ones on blank disks.
 */

#include "decide/judge.h"

#define TARGETS_MAX 64
#define GROUPS_MAX  64
#define DISKS_MAX   64

struct allocation {
	bool create[GROUPS_MAX]; /* the group is to be made */
	/* A PV of ours is there already, from a boot cut off. */
	bool pv_exists[GROUPS_MAX][DISKS_MAX];
};

/* Puts a target on the volume that carries its tag. -ENOMEM is the only failure. */
int allocate_existing(const struct facts *facts, const struct volume_group *group,
		      const struct volume *volume, struct plan_target *target, struct plan *plan);

/*
 * Gives every absent target a volume on the candidate disks: in our half-made group where there is
 * one, else in a new group over blank disks (one group per OST with `osts: per-disk`). What stands
 * in the way becomes a refusal.
 */
int allocate_new(const struct planner_input *input, const struct disk *const *disks,
		 size_t disk_count, const enum judgement *judgements, struct plan *plan,
		 struct allocation *ret, struct error *err);
