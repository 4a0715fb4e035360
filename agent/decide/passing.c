/* SPDX-License-Identifier: Apache-2.0 */
#include "decide/passing.h"

#include "decide/client.h"

static bool stops(const struct refusal *refusal, const char *target)
{
	return refusal->target[0] == '\0' || refusal_names(refusal, target);
}

void passing_mark(struct plan *plan, enum refusal_code code, const char *target)
{
	for (size_t i = 0; i < plan->refusal_count; i++) {
		struct refusal *refusal = &plan->refusals[i];

		if (refusal->code == code && (target[0] == '\0' ? refusal->target[0] == '\0'
								: refusal_names(refusal, target)))
			refusal->may_pass = true;
	}
}

/* By a refusal that no time cures. */
static bool is_stopped_for_good(const struct plan *plan, const char *target)
{
	for (size_t i = 0; i < plan->refusal_count; i++)
		if (!plan->refusals[i].may_pass && stops(&plan->refusals[i], target))
			return true;
	return false;
}

static bool is_worth_waiting_for(const struct plan *plan, const struct refusal *refusal)
{
	if (!refusal->may_pass)
		return false;
	for (size_t i = 0; i < plan->target_count; i++)
		if (stops(refusal, plan->targets[i].name) &&
		    !is_stopped_for_good(plan, plan->targets[i].name))
			return true;
	return plan->client.wanted && stops(refusal, CLIENT_NAME) &&
	       !is_stopped_for_good(plan, CLIENT_NAME);
}

const struct refusal *passing_find(const struct plan *plan)
{
	for (size_t i = 0; i < plan->refusal_count; i++)
		if (is_worth_waiting_for(plan, &plan->refusals[i]))
			return &plan->refusals[i];
	return NULL;
}

bool passing_is_silent(const struct plan *plan)
{
	for (size_t i = 0; i < plan->refusal_count; i++)
		if (plan->refusals[i].is_silent && is_worth_waiting_for(plan, &plan->refusals[i]))
			return true;
	return false;
}
