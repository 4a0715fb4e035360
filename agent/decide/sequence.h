/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The order of actions, and nothing else: which action needs which. A chain of a target begins
 * where its judgement says and always ends in service.
 */

#include "decide/judge.h"
#include "decide/lnet_config.h"

/* What the chains of all targets share; each is an action's index, -1 where nothing has to be done.
 */
struct sequence {
	struct plan *plan;
	int lnet;        /* LNET stands as asked */
	int modules;     /* Lustre's modules are loaded */
	int units;       /* the mount units are written */
	int mgs;         /* an MGS elsewhere answers */
	int last_mount;  /* mounts of one node go one after another: MGT, MDT, OST, client */
	int last_volume; /* volumes of one group are cut one after another */
};

/* -ENOMEM is the only failure of these. */
int sequence_begin(struct sequence *sequence, struct plan *plan, enum lnet_match lnet);

/* Adds the wait for the MGS at plan->mgs_nids; call it when something here needs an MGS elsewhere.
 */
int sequence_wait_mgs(struct sequence *sequence);

/*
 * Makes a new group: everything about it is recorded first, then its PVs, then the group.
 * `existing` tells for each disk whether the PV is there already. Its last action goes to *ret.
 */
int sequence_create_group(struct sequence *sequence, int group, const bool *existing, int *ret);

/* Activates a group that is there. */
int sequence_activate_group(struct sequence *sequence, int group, int *ret);

/* The chain of one target; `after` is what its volume needs (its group made or activated), or -1.
 */
int sequence_target(struct sequence *sequence, int target, enum judgement judgement, int after);

/* The client's mount. */
int sequence_client(struct sequence *sequence);
