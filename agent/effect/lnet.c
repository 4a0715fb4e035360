/* SPDX-License-Identifier: Apache-2.0 */
#include "effect/lnet.h"

#include "model/spec/nid.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MODPROBE_TIMEOUT_USEC (120 * 1000000ULL)
#define LNETCTL_TIMEOUT_USEC  (60 * 1000000ULL)

void lnet_load(struct step *step)
{
	struct words argv = { 0 };

	words_add(&argv, "modprobe");
	words_add(&argv, "lnet");
	step_run(step, &argv, MODPROBE_TIMEOUT_USEC, /* next= */ NULL);
	words_done(&argv);
}

/* Without --all: that would add tcp on the first interface that is up. */
void lnet_configure(struct step *step)
{
	struct words argv = { 0 };

	words_add(&argv, "lnetctl");
	words_add(&argv, "lnet");
	words_add(&argv, "configure");
	step_run(step, &argv, LNETCTL_TIMEOUT_USEC, /* next= */ NULL);
	words_done(&argv);
}

/*
 * lnetctl exits with 234 whatever went wrong; the errno stands in its YAML on standard error, and
 * standard output may hold a stray line of `ip route` (measured).
 */
static void on_net_added(struct step *step, const struct process_result *result)
{
	const struct plan_net *net = &step->options->plan->nets[step->action->item];
	const char *line = strstr(result->errors, "errno:");
	char sentence[512];
	long code = 0;

	if (result->end == PROCESS_EXITED && result->code == 0) {
		step_done(step);
		return;
	}
	if (line)
		code = strtol(line + strlen("errno:"), NULL, 10);
	if (code == -ENETDOWN) {
		step_fail(step, ENETDOWN,
			  "LNET cannot use %s: the interface is down or has no IPv4 address",
			  net->interface);
		return;
	}
	step_describe(step, "lnetctl net add", result, sentence, sizeof(sentence));
	step_fail(step, code < 0 ? (int)-code : 0, "%s", sentence);
}

void lnet_add_net(struct step *step)
{
	const struct plan_net *net = &step->options->plan->nets[step->action->item];
	struct words argv = { 0 };

	words_add(&argv, "lnetctl");
	words_add(&argv, "net");
	words_add(&argv, "add");
	words_add(&argv, "--net");
	words_add(&argv, net->net);
	words_add(&argv, "--if");
	words_add(&argv, net->interface);
	step_run_any(step, &argv, LNETCTL_TIMEOUT_USEC, on_net_added);
	words_done(&argv);
}

static void on_nids(struct step *step, const struct process_result *result)
{
	const struct plan *plan = step->options->plan;
	struct words nids = { 0 };
	bool same;

	same = nids_read(result->output, &nids) == 0 && nids.count == plan->net_count;
	for (size_t i = 0; i < plan->net_count; i++)
		same = same && words_contain(&nids, plan->nets[i].nid);
	if (same)
		step_done(step);
	else
		step_fail(step, EADDRNOTAVAIL,
			  "LNET came up with NID %s, where %s was configured; see the kernel's log",
			  nids.count > 0 ? nids.items[0] : "none", plan->nets[0].nid);
	words_done(&nids);
}

/* A target that mounts under a wrong NID, or none, registers so, and is not found by anybody. */
void lnet_check_nids(struct step *step)
{
	struct words argv = { 0 };

	words_add(&argv, "lctl");
	words_add(&argv, "list_nids");
	step_run(step, &argv, LNETCTL_TIMEOUT_USEC, on_nids);
	words_done(&argv);
}
