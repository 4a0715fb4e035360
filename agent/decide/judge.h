/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a target is, judged from what the disks hold: the table "What each boot finds, and does" of
 * the design, one target at a time.
 */

#include "decide/planner.h"

enum judgement {
	JUDGED_REFUSED,     /* a refusal was added to the plan */
	JUDGED_ABSENT,      /* no volume: it is to be created */
	JUDGED_INACTIVE,    /* its volume must be active before it can be looked at */
	JUDGED_UNREPLAYED,  /* its journal must be replayed before it can be judged */
	JUDGED_UNFORMATTED, /* nothing complete on the volume */
	JUDGED_FORMATTED,   /* complete, never in service */
	JUDGED_REGISTERING, /* cut off right after its first mount */
	JUDGED_MISLABELLED, /* the MGS knows it, its own label does not: repair, never format */
	JUDGED_SERVED,      /* a reboot */
	JUDGED_MOUNTED,     /* in service now */
};

/* The volume that carries this target's tag, and its group. */
struct found_volume {
	const struct volume_group *group;
	const struct volume *volume;
};
struct found_volume judge_find_volume(const struct facts *facts, const char *target);

/* Judges `target`; what it learns on the way (its group, whether to reformat) it writes into
 * *target. */
int judge_target(const struct planner_input *input, const struct found_volume *found,
		 struct plan_target *target, struct plan *plan, enum judgement *ret,
		 struct error *err);
