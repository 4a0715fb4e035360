/* SPDX-License-Identifier: Apache-2.0 */
#include "decide/verdict.h"

#include "base/text.h"
#include "decide/passing.h"
#include "model/mount_error.h"

#include <stdarg.h>
#include <stdio.h>

void verdict_set(struct status *status, enum verdict verdict, const char *format, ...)
{
	va_list args;

	status->verdict = verdict;
	va_start(args, format);
	text_vsentence(status->sentence, sizeof(status->sentence), format, args);
	va_end(args);
}

/* What a round's outcomes come to. */
struct tally {
	const struct outcome *failed; /* the first that needs more than another try */
	const struct outcome *transient;
	bool taken; /* a mount was refused with EADDRINUSE: the planner knows what to do next */
};

/* Only a mount may fail and pass by itself: what else fails is told at once. */
static enum mount_fate fate_of(const struct outcome *outcome)
{
	if (outcome->action != ACTION_MOUNT)
		return MOUNT_ENDS;
	return mount_error_find(outcome->code, /* is_client= */ outcome->target[0] == '\0')->fate;
}

static struct tally tally_round(const struct status *status)
{
	struct tally tally = { 0 };
	enum mount_fate fate;

	for (size_t i = 0; i < status->outcome_count; i++) {
		const struct outcome *outcome = &status->outcomes[i];

		if (outcome->round != status->round)
			continue;
		if (outcome->kind != OUTCOME_FAILED && outcome->kind != OUTCOME_REFUSED)
			continue;
		fate = fate_of(outcome);
		if (fate == MOUNT_DECIDED)
			tally.taken = true;
		else if (fate == MOUNT_RETRIED)
			tally.transient = tally.transient ? tally.transient : outcome;
		else if (!tally.failed)
			tally.failed = outcome;
	}
	return tally;
}

/* `takeover`: what is left to a person, "" for nothing. */
static void set_ready(struct status *status, const char *takeover)
{
	char list[ERROR_TEXT_MAX - 600] = "";
	size_t used = 0;

	for (size_t i = 0; i < status->standing_count && used < sizeof(list); i++)
		used += (size_t)snprintf(list + used, sizeof(list) - used, "%s%s at %s",
					 i > 0 ? ", " : "", status->standings[i].name,
					 status->standings[i].mount_point);
	verdict_set(status, VERDICT_READY, "ready: %s%s%s", list, takeover[0] ? ". Note: " : "",
		    takeover);
}

void verdict_refuse(struct status *status)
{
	const struct refusal *first = &status->refusals[0];
	char more[48] = "";

	if (status->refusal_count > 1)
		snprintf(more, sizeof(more), " (and %zu more)", status->refusal_count - 1);
	verdict_set(status, VERDICT_REFUSED, "refused: %s%s%s. %s%s", first->target,
		    first->target[0] ? ": " : "", first->text, first->fix, more);
}

enum next verdict_of_round(struct status *status, const struct plan *plan, const char *takeover,
			   const struct outcome **ret_transient)
{
	struct tally tally = tally_round(status);

	if (tally.failed) {
		verdict_set(status,
			    tally.failed->kind == OUTCOME_REFUSED ? VERDICT_REFUSED
								  : VERDICT_FAILED,
			    "%s: %s: %s", outcome_kind_name(tally.failed->kind), tally.failed->what,
			    tally.failed->text);
		return NEXT_END;
	}
	if (tally.transient) {
		*ret_transient = tally.transient;
		return NEXT_RETRY;
	}
	if (tally.taken || plan->observe_again)
		return NEXT_LOOK_AGAIN;
	if (plan->refusal_count == 0) {
		set_ready(status, takeover);
		return NEXT_END;
	}
	verdict_refuse(status);
	return passing_find(plan) ? NEXT_WAIT : NEXT_END;
}
