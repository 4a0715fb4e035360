/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * LNET's module, loaded before a plan asks for it: while the metadata service is asked on a node
 * that has served, while it is looked at on any other that has a role. It takes seconds, all else
 * of LNET waits for it, and alone it configures nothing (measured).
 *
 * Nobody waits for it but ACTION_LOAD_LNET, for which it is done, or all but done. So what a look
 * finds of LNET meanwhile may be half of it: lnet_early_correct().
 */

#include "base/mark.h"
#include "base/process.h"
#include "effect/step.h"
#include "model/facts.h"

enum lnet_early_state {
	LNET_EARLY_NOT_BEGUN,
	LNET_EARLY_RUNS,
	LNET_EARLY_LOADED, /* since the look began, or in the time of the plan */
	LNET_EARLY_FAILED, /* likewise */
	LNET_EARLY_OVER,   /* used, or long ago: it is begun once in a run */
};

struct lnet_early {
	enum lnet_early_state state;
	uint64_t usec;           /* how long it took, until a chain of tools has that */
	struct process *process; /* while it runs */
	struct step *waiting;    /* for its end; NULL: nobody */
	struct mark *mark;
};

/* Begins it; where that cannot be, the plan loads what is not there. `early` must stay where it is
 * until the processes have ended. */
void lnet_early_begin(struct lnet_early *early, struct processes *processes, struct marks *marks);

/* How it ended counts no more: a plan has used it, or a look begins behind it. */
void lnet_early_forget(struct lnet_early *early);

/* Of what is found while it is loaded, or was found before its end, only "up" is believed. */
void lnet_early_correct(const struct lnet_early *early, struct facts *facts);

/* What still runs of it, or NULL. NULL is accepted. */
const struct process *lnet_early_process(const struct lnet_early *early);

/* How long it took, for the chain of tools that begins behind it: once. NULL is accepted. */
uint64_t lnet_early_take_usec(struct lnet_early *early);

/* ACTION_LOAD_LNET: by what was begun, else by modprobe(8). */
void lnet_load(struct step *step);
