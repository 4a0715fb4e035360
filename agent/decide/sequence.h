/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The order of actions, and nothing else: which action needs which. A chain of a target begins
 * where its judgement says and always ends in service.
 */

#include "decide/disks/judge.h"
#include "decide/network/lnet_config.h"

/* What the chains of all targets share; each is an action's index, -1 where nothing has to be done.
 */
struct sequence {
	struct plan *plan;
	int stack;      /* LNET is configured; its nets may still be missing */
	int lnet;       /* LNET stands as asked, and answers */
	int modules;    /* Lustre's modules are loaded */
	int units;      /* the mount units are written */
	int mgs;        /* an MGS elsewhere answers */
	int mgs_served; /* likewise, or it was waited for long enough by who can do without */
	int mgt;        /* this node's own MGT is mounted */
	bool mgs_is_elsewhere;
	bool mgt_unseen; /* this node's own MGT has to be looked at again, and mounted then */
	bool nets_wait;  /* the nets are still to be added: after the MGT's mount */
};

/* -ENOMEM is the only failure of all of these. */

/* `mgs_is_elsewhere`: what is mounted waits for the MGS at plan->mgs_nids. */
void sequence_begin(struct sequence *sequence, struct plan *plan, bool mgs_is_elsewhere);

/*
 * What every mount needs: LNET, the modules, the units. Call it when something is to be mounted.
 * `lnet_is_loaded`: its module, whatever is configured.
 *
 * On the MGS's node the nets come after the mount of the MGT, which needs none (measured): port 988
 * opens with the first net, other nodes mount when it answers, and a mount that comes before the
 * MGS serves waits in the kernel for half a minute and more (measured). So who sees it open is
 * served.
 */
int sequence_prepare(struct sequence *sequence, enum lnet_match lnet, bool lnet_is_loaded);

/*
 * The nets alone, for what is mounted already: cut off between the MGT's mount and its nets, or
 * with a net that somebody took away. Nothing where a mount has asked for them.
 */
int sequence_nets(struct sequence *sequence);

/*
 * Makes a new group: all of its disks are looked at once more before anything is written for it,
 * then everything about it is recorded, then its PVs are made, then the group. Its last action
 * goes to *ret.
 */
int sequence_create_group(struct sequence *sequence, int group, int *ret);

/* A group that LVM cannot read: each of its PVs is repaired. */
int sequence_repair_group(struct sequence *sequence, int group);

/* A group that is there: adopts it where it was another instance's, activates it where asked for.
 */
int sequence_open_group(struct sequence *sequence, int group, bool activate, int *ret);

/* The chain of one target; `after` is what its volume needs (its group made or opened), or -1. */
int sequence_target(struct sequence *sequence, int target, const struct judged *judged, int after);

/* The client's mount, after all others of this node. */
int sequence_client(struct sequence *sequence);

/* Its parameters alone, where that was cut off after the mount; nothing where it has none to set.
 */
int sequence_tune_client(struct sequence *sequence, int after);
