/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a run comes to: after each round whether there is another, and at the end the verdict, with
 * the sentence that STATUS= says.
 */

#include "model/plan.h"
#include "model/status.h"

enum next {
	NEXT_LOOK_AGAIN, /* the plan went as far as could be seen, or the MGS gave an answer */
	NEXT_RETRY,      /* what failed may pass by itself */
	NEXT_WAIT,       /* what is missing may still come (decide/passing.h) */
	NEXT_REFUSED,    /* by the plan, and not by what an action met: it stands if nothing came */
	NEXT_END,
};

/* Gives *status its verdict and sentence. */
void verdict_set(struct status *status, enum verdict verdict, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The verdict of refusals, by those that *status has. */
void verdict_refuse(struct status *status);

/* The verdict that this outcome, a failure or a refusal of an action, is; its sentence says what to
 * do next. */
void verdict_fail(struct status *status, const struct outcome *outcome);

/*
 * Whether what failed, and may pass, is tried once more. `overdue`: the time that the MGS has is
 * over. A mount that waits for other nodes has that time, and so has what met one (EBUSY); a
 * passing failure has at least some tries.
 */
bool verdict_tries_again(const struct outcome *transient, bool overdue);

/*
 * Judges a round by its plan and by the outcomes that are of status->round. `takeover` is what it
 * leaves to a person, "" for nothing. NEXT_RETRY: *ret_transient is what failed. NEXT_END: the
 * verdict is set, and with NEXT_WAIT and NEXT_REFUSED it is what stands if nothing comes.
 */
enum next verdict_of_round(struct status *status, const struct plan *plan, const char *takeover,
			   const struct outcome **ret_transient);
