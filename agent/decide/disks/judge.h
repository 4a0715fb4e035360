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
	JUDGED_UNREADABLE,  /* its group must be repaired before it can be looked at */
	JUDGED_INACTIVE,    /* its volume must be active before it can be looked at */
	JUDGED_UNREPLAYED,  /* its journal must be replayed before it can be judged */
	JUDGED_UNFORMATTED, /* nothing complete on the volume */
	JUDGED_FORMATTED,   /* complete, and the MGS has not heard of it */
	JUDGED_REGISTERING, /* complete, and on its way into service: only a mount can tell */
	JUDGED_MISLABELLED, /* the MGS knows it, its own label does not: repair, never format */
	JUDGED_SERVED,      /* a reboot */
	JUDGED_UNSETTLED,   /* in service now, but cut off before that was written down */
	JUDGED_MOUNTED,     /* in service now */
};

struct judged {
	enum judgement what;
	const struct volume_group *group; /* where its volume is; NULL with JUDGED_ABSENT */
	const struct volume *volume;
	enum phase phase; /* the volume's tag */
	bool remembered;  /* state.json knows it, in this group and as far as this phase */
};

/*
 * Judges `target`, adds the refusals, and writes into *target whether it is in service and how it
 * is to be formatted. -ENOMEM is the only failure.
 */
int judge_target(const struct planner_input *input, struct plan_target *target, struct plan *plan,
		 struct judged *ret);
