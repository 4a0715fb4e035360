/* SPDX-License-Identifier: Apache-2.0 */
#include "decide/verdict.h"

#include "base/text.h"
#include "decide/passing.h"
#include "model/mount_error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define PASSING_TRIES 4 /* of a failure that may pass: what hangs for ever has had its time */

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

/* A mount may fail and pass by itself; of the rest, only what was not the action's own failure. */
static enum mount_fate fate_of(const struct outcome *outcome)
{
	if (outcome->kind == OUTCOME_FAILED && outcome->passing)
		return MOUNT_RETRIED;
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

#define DISK_NEXT                                                                             \
	"dmesg tells of errors of its disks; systemctl restart lustre-init goes on where it " \
	"stopped"
#define LNET_NEXT                                                                                \
	"lustre-init doctor and dmesg tell what LNET lacks; systemctl restart lustre-init goes " \
	"on where it stopped"
#define TARGET_NEXT                                                                             \
	"journalctl -u lustre-init has what the tool said; systemctl restart lustre-init goes " \
	"on where it stopped"

#define MODULE_NEXT                                                                          \
	"lustre-init doctor looks for the modules of this kernel, dmesg tells why one does " \
	"not load; then systemctl restart lustre-init"

/* What a person does about a failure that does not say so itself. */
static const char *const nexts[ACTION_KIND_MAX] = {
	[ACTION_RECORD] =
		"look at the space and the state of /var/lib/lustre-init (df, dmesg), then "
		"systemctl restart lustre-init",
	[ACTION_CHECK_DISKS] = DISK_NEXT,
	[ACTION_CREATE_PV] = DISK_NEXT,
	[ACTION_REPAIR_PV] = DISK_NEXT,
	[ACTION_CREATE_GROUP] = DISK_NEXT,
	[ACTION_CREATE_VOLUME] = DISK_NEXT,
	[ACTION_ADOPT_GROUP] = DISK_NEXT,
	[ACTION_ACTIVATE_GROUP] = DISK_NEXT,
	[ACTION_REPLAY_JOURNAL] = TARGET_NEXT,
	[ACTION_FORMAT] = TARGET_NEXT,
	[ACTION_VERIFY_FORMAT] = TARGET_NEXT,
	[ACTION_TAG] = DISK_NEXT,
	[ACTION_REPAIR_LABEL] = TARGET_NEXT,
	[ACTION_LOAD_LNET] = MODULE_NEXT,
	[ACTION_LOAD_MODULE] = MODULE_NEXT,
	[ACTION_CONFIGURE_LNET] = LNET_NEXT,
	[ACTION_ADD_NET] = LNET_NEXT,
	[ACTION_PREFER_EFA] = LNET_NEXT,
	[ACTION_CHECK_NIDS] = LNET_NEXT,
	[ACTION_LOAD_LUSTRE] = MODULE_NEXT,
	[ACTION_WAIT_MGS] =
		"lustre-init doctor looks at the MGS; then systemctl restart lustre-init",
	[ACTION_WRITE_UNITS] =
		"systemctl daemon-reload shows what systemd lacks; then systemctl restart "
		"lustre-init",
	[ACTION_MOUNT] = "journalctl -u lustre-init and dmesg tell more; then systemctl restart "
			 "lustre-init",
	[ACTION_TUNE_CLIENT] = TARGET_NEXT,
	[ACTION_SETTLE] = DISK_NEXT,
};

void verdict_fail(struct status *status, const struct outcome *outcome)
{
	bool says = strstr(outcome->text, "Next: ") != NULL;

	verdict_set(status, outcome->kind == OUTCOME_REFUSED ? VERDICT_REFUSED : VERDICT_FAILED,
		    "%s: %s: %s%s%s", outcome_kind_name(outcome->kind), outcome->what,
		    outcome->text, says ? "" : ". Next: ", says ? "" : nexts[outcome->action]);
}

bool verdict_tries_again(const struct outcome *transient, bool overdue)
{
	bool tries_left = transient->passing && transient->retries + 1 < PASSING_TRIES;

	bool waits_for_mount =
		transient->action == ACTION_MOUNT ||
		(transient->action == ACTION_REPLAY_JOURNAL && transient->code == EBUSY);

	if (transient->passing && !waits_for_mount)
		return tries_left;
	return !overdue || tries_left;
}

enum next verdict_of_round(struct status *status, const struct plan *plan, const char *takeover,
			   const struct outcome **ret_transient)
{
	struct tally tally = tally_round(status);

	if (tally.failed) {
		verdict_fail(status, tally.failed);
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
	return passing_find(plan) ? NEXT_WAIT : NEXT_REFUSED;
}
