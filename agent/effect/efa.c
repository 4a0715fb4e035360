/* SPDX-License-Identifier: Apache-2.0 */
#include "effect/efa.h"

#include "effect/lnet.h"
#include "model/spec/nid.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* As of all of lnetctl: against for ever, not against slow. */
#define LNETCTL_TIMEOUT_USEC (600 * 1000000ULL)

/* And no --cpt: LNET itself prefers the device that is near (source: lnet_get_best_ni()). */
void efa_add_credits(const struct plan_net *net, struct words *argv)
{
	if (!net_is_efa(net->net))
		return;
	words_add(argv, "--peer-credits");
	words_add(argv, "32");
}

/* Where the rules have got to. */
struct preferring {
	size_t net; /* of the plan, the next to be looked at */
	char sentence[512];
};

static void add_rule(struct step *step);

/* A rule that is there is no failure: it may be from a start that was cut off after it. */
static void on_rule(struct step *step, const struct process_result *result)
{
	struct preferring *preferring = step->work;

	if (result->end != PROCESS_EXITED || (result->code != 0 && lnet_errno(result) != EALREADY))
		step_describe(step, "lnetctl udsp add", result, preferring->sentence,
			      sizeof(preferring->sentence));
	preferring->net++;
	add_rule(step);
}

/* One rule for each efa net, however many devices it has. */
static bool wants_rule(const struct plan *plan, size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (strcmp(plan->nets[i].net, plan->nets[index].net) == 0)
			return false;
	return net_is_efa(plan->nets[index].net);
}

static void add_rule(struct step *step)
{
	const struct plan *plan = step->options->plan;
	struct preferring *preferring = step->work;
	struct words argv = { 0 };

	while (preferring->net < plan->net_count && !wants_rule(plan, preferring->net))
		preferring->net++;
	if (preferring->net == plan->net_count && preferring->sentence[0] == '\0') {
		step_done(step);
		return;
	}
	if (preferring->net == plan->net_count) {
		step_done_without(step, "tcp may carry what efa could: %s", preferring->sentence);
		return;
	}
	words_add(&argv, "lnetctl");
	words_add(&argv, "udsp");
	words_add(&argv, "add");
	words_add(&argv, "--src");
	words_add(&argv, plan->nets[preferring->net].net);
	words_add(&argv, "--priority");
	words_add(&argv, "0");
	step_run_any(step, &argv, LNETCTL_TIMEOUT_USEC, on_rule);
	words_done(&argv);
}

static void on_discovery(struct step *step, const struct process_result *result)
{
	struct preferring *preferring = step->work;

	if (result->end != PROCESS_EXITED || result->code != 0)
		step_describe(step, "lnetctl set discovery", result, preferring->sentence,
			      sizeof(preferring->sentence));
	add_rule(step);
}

void efa_prefer(struct step *step)
{
	struct words argv = { 0 };

	step->work = calloc(1, sizeof(struct preferring));
	if (!step->work) {
		step_fail_passing(step, ENOMEM, "out of memory");
		return;
	}
	words_add(&argv, "lnetctl");
	words_add(&argv, "set");
	words_add(&argv, "discovery");
	words_add(&argv, "1");
	step_run_any(step, &argv, LNETCTL_TIMEOUT_USEC, on_discovery);
	words_done(&argv);
}
