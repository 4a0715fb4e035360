/* SPDX-License-Identifier: Apache-2.0 */
#include "model/status.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *name;
	int exit_code;
} verdicts[VERDICT_MAX] = {
	[VERDICT_WORKING] = { "working", 1 }, [VERDICT_READY] = { "ready", 0 },
	[VERDICT_FAILED] = { "failed", 1 },   [VERDICT_SPEC_ERROR] = { "spec-error", 2 },
	[VERDICT_REFUSED] = { "refused", 3 }, [VERDICT_NOT_OURS] = { "not-ours", 4 },
};

static const char *const outcome_kinds[OUTCOME_KIND_MAX] = {
	[OUTCOME_DONE] = "done",
	[OUTCOME_FAILED] = "failed",
	[OUTCOME_REFUSED] = "refused",
	[OUTCOME_SKIPPED] = "skipped",
};

void status_done(struct status *status)
{
	free(status->outcomes);
	free(status->refusals);
	words_done(&status->notes);
	*status = (struct status){ 0 };
}

struct outcome *status_add_outcome(struct status *status)
{
	struct outcome *outcomes =
		reallocarray(status->outcomes, status->outcome_count + 1, sizeof(*outcomes));

	if (!outcomes)
		return NULL;
	status->outcomes = outcomes;
	outcomes[status->outcome_count] = (struct outcome){ 0 };
	return &outcomes[status->outcome_count++];
}

static void add_standing(struct status *status, const char *name, const char *device,
			 const char *mount_point, bool mounted)
{
	struct standing *standing;

	if (status->standing_count == STANDINGS_MAX)
		return;
	standing = &status->standings[status->standing_count++];
	snprintf(standing->name, sizeof(standing->name), "%s", name);
	snprintf(standing->device, sizeof(standing->device), "%s", device);
	snprintf(standing->mount_point, sizeof(standing->mount_point), "%s", mount_point);
	standing->mounted = mounted;
}

int status_take_plan(struct status *status, const struct plan *plan)
{
	struct refusal *refusals = NULL;
	char name[32];

	if (plan->refusal_count > 0) {
		refusals = calloc(plan->refusal_count, sizeof(*refusals));
		if (!refusals)
			return -ENOMEM;
		memcpy(refusals, plan->refusals, plan->refusal_count * sizeof(*refusals));
	}
	free(status->refusals);
	status->refusals = refusals;
	status->refusal_count = plan->refusal_count;
	status->standing_count = 0;
	for (size_t i = 0; i < plan->target_count; i++)
		add_standing(status, plan->targets[i].name, plan->targets[i].device,
			     plan->targets[i].mount_point, plan->targets[i].in_service);
	if (plan->client.wanted) {
		snprintf(name, sizeof(name), "client %s", status->fsname);
		add_standing(status, name, plan->client.source, plan->client.mount_point,
			     plan->client.mounted);
	}
	return 0;
}

static const struct outcome *newest(const struct status *status, enum action_kind action,
				    const char *target)
{
	for (size_t i = status->outcome_count; i > 0; i--) {
		const struct outcome *outcome = &status->outcomes[i - 1];

		if (outcome->action == action && strcmp(outcome->target, target) == 0)
			return outcome;
	}
	return NULL;
}

const struct outcome *status_failure(const struct status *status, enum action_kind action,
				     const char *target)
{
	const struct outcome *outcome = newest(status, action, target);

	return outcome && outcome->kind == OUTCOME_FAILED ? outcome : NULL;
}

bool status_did(const struct status *status, enum action_kind action, const char *target)
{
	const struct outcome *outcome = newest(status, action, target);

	return outcome && outcome->kind == OUTCOME_DONE;
}

int verdict_exit_code(enum verdict verdict)
{
	return verdicts[verdict].exit_code;
}

const char *verdict_name(enum verdict verdict)
{
	return verdicts[verdict].name;
}

const char *outcome_kind_name(enum outcome_kind kind)
{
	return outcome_kinds[kind];
}

void status_take_mounts(struct status *status, const struct plan *plan)
{
	for (size_t i = 0; i < status->outcome_count; i++) {
		const struct outcome *outcome = &status->outcomes[i];

		if (outcome->action != ACTION_MOUNT || outcome->kind != OUTCOME_DONE)
			continue;
		for (size_t s = 0; s < status->standing_count; s++) {
			struct standing *standing = &status->standings[s];
			bool client = s >= plan->target_count;

			if (client ? outcome->target[0] == '\0'
				   : strcmp(outcome->target, standing->name) == 0)
				standing->mounted = true;
		}
	}
}
