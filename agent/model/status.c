/* SPDX-License-Identifier: Apache-2.0 */
#include "model/status.h"

#include "base/text.h"

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

static void drop_standings(struct status *status)
{
	for (size_t i = 0; i < status->standing_count; i++)
		free(status->standings[i].device);
	status->standing_count = 0;
}

void status_done(struct status *status)
{
	drop_standings(status);
	free(status->outcomes);
	free(status->refusals);
	words_done(&status->tags);
	words_done(&status->network);
	words_done(&status->nids);
	words_done(&status->mgs_nids);
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

/* The newest outcome of the same action in an earlier round, unless its target was formatted since.
 */
static struct outcome *find_tried(struct status *status, const struct outcome *outcome)
{
	for (size_t i = status->outcome_count; i > 0; i--) {
		struct outcome *earlier = &status->outcomes[i - 1];

		if (earlier->action == outcome->action && earlier->round != status->round &&
		    strcmp(earlier->what, outcome->what) == 0 &&
		    strcmp(earlier->target, outcome->target) == 0)
			return earlier;
		if (earlier->action == ACTION_FORMAT && outcome->target[0] != '\0' &&
		    strcmp(earlier->target, outcome->target) == 0)
			break;
	}
	return NULL;
}

const struct outcome *status_take_outcome(struct status *status, const struct outcome *outcome)
{
	struct outcome *earlier = find_tried(status, outcome), *added;
	struct outcome first = { .started_usec = outcome->started_usec };

	if (earlier) {
		first = *earlier;
		first.retries++;
		memmove(earlier, earlier + 1,
			(size_t)(&status->outcomes[--status->outcome_count] - earlier) *
				sizeof(*earlier));
	}
	added = status_add_outcome(status);
	if (!added)
		return NULL;
	*added = *outcome;
	added->round = status->round;
	added->retries = first.retries;
	added->started_usec = first.started_usec;
	added->tool_usec += first.tool_usec;
	return added;
}

static int add_standing(struct status *status, const char *name, const char *device,
			const char *mount_point, bool mounted)
{
	struct standing *standing;

	if (status->standing_count == STANDINGS_MAX)
		return -E2BIG;
	standing = &status->standings[status->standing_count];
	*standing = (struct standing){ .device = strdup(device), .mounted = mounted };
	if (!standing->device)
		return -ENOMEM;
	status->standing_count++;
	text_set(standing->name, sizeof(standing->name), "%s", name);
	text_set(standing->mount_point, sizeof(standing->mount_point), "%s", mount_point);
	return 0;
}

static int take_network(struct status *status, const struct plan *plan)
{
	char text[PLAN_NET_TEXT_MAX];
	int r = 0;

	words_done(&status->network);
	for (size_t i = 0; r == 0 && i < plan->net_count; i++) {
		plan_net_describe(&plan->nets[i], text, sizeof(text));
		r = words_add(&status->network, text);
	}
	for (size_t i = 0; r == 0 && i < plan->tuning.count; i++)
		r = words_add(&status->network, plan->tuning.items[i]);
	for (size_t i = 0; r == 0 && i < plan->notes.count; i++)
		r = words_add(&status->network, plan->notes.items[i]);
	return r;
}

static int take_nids(struct status *status, const struct plan *plan)
{
	int r = 0;

	words_done(&status->nids);
	for (size_t i = 0; r == 0 && i < plan->net_count; i++)
		r = words_add(&status->nids, plan->nets[i].nid);
	return r < 0 ? r : words_copy(&status->mgs_nids, &plan->mgs_nids);
}

int status_take_plan(struct status *status, const struct plan *plan)
{
	struct refusal *refusals = NULL;
	char name[32];
	int r = 0;

	if (plan->refusal_count > 0) {
		refusals = calloc(plan->refusal_count, sizeof(*refusals));
		if (!refusals)
			return -ENOMEM;
		memcpy(refusals, plan->refusals, plan->refusal_count * sizeof(*refusals));
	}
	free(status->refusals);
	status->refusals = refusals;
	status->refusal_count = plan->refusal_count;
	drop_standings(status);
	for (size_t i = 0; r == 0 && i < plan->target_count; i++)
		r = add_standing(status, plan->targets[i].name, plan->targets[i].device,
				 plan->targets[i].mount_point, plan->targets[i].in_service);
	if (r == 0 && plan->client.wanted) {
		snprintf(name, sizeof(name), "client %s", status->fsname);
		r = add_standing(status, name, plan->client.source, plan->client.mount_point,
				 plan->client.mounted);
	}
	if (r == 0)
		r = take_network(status, plan);
	if (r == 0)
		r = take_nids(status, plan);
	return r < 0 ? r : words_copy(&status->notes, &plan->notes);
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
