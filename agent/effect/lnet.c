/* SPDX-License-Identifier: Apache-2.0 */
#include "effect/lnet.h"

#include "effect/efa.h"
#include "effect/lnet_early.h"
#include "model/spec/nid.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LIST_TIMEOUT_USEC (60 * 1000000ULL)

/* Against for ever, not against slow: 29 s were seen on a busy node, and more than 60 (measured).
 */
#define LNETCTL_TIMEOUT_USEC (600 * 1000000ULL)

/* Without --all: that would add tcp on the first interface that is up. */
void lnet_configure(struct step *step)
{
	struct words argv = { 0 };

	step->tool_usec += lnet_early_take_usec(step->options->lnet_early);
	words_add(&argv, "lnetctl");
	words_add(&argv, "lnet");
	words_add(&argv, "configure");
	step_run(step, &argv, LNETCTL_TIMEOUT_USEC, /* next= */ NULL);
	words_done(&argv);
}

/* What is kept of one `net add`. */
struct adding {
	size_t left_out; /* of the optional ones, the first so many */
	enum process_end end;
	int code; /* a positive errno where one is known, else 0 */
	char sentence[512];
};

static const struct plan_net *net_of(const struct step *step)
{
	return &step->options->plan->nets[step->action->item];
}

static void remind(struct step *step, unsigned seconds)
{
	step_tell(step, "lnetctl has been adding net %s on %s for %u s", net_of(step)->net,
		  net_of(step)->interface, seconds);
}

/*
 * lnetctl exits with 234 whatever went wrong; the errno stands in its YAML on standard error, and
 * standard output may hold a stray line of `ip route` (measured).
 */
int lnet_errno(const struct process_result *result)
{
	const char *line = strstr(result->errors, "errno:");
	long code = line ? strtol(line + strlen("errno:"), NULL, 10) : 0;

	return code < 0 && code > -4096 ? (int)-code : 0;
}

/*
 * The script that sets up routes takes 6 of the 6.5 s that it all takes, or 29 (measured). They are
 * of use for several interfaces in one net; EFA devices have none.
 */
static bool skips_routes(const struct step *step)
{
	const struct plan *plan = step->options->plan;

	for (size_t i = 0; i < plan->net_count; i++)
		if (&plan->nets[i] != net_of(step) &&
		    strcmp(plan->nets[i].net, net_of(step)->net) == 0)
			return net_is_efa(net_of(step)->net);
	return true;
}

static void add_skipping(const struct step *step, struct words *argv)
{
	(void)step;
	words_add(argv, "--skip-mr-route-setup");
}

static bool gives_conns(const struct step *step)
{
	return net_of(step)->gives_conns;
}

static void add_conns(const struct step *step, struct words *argv)
{
	words_add(argv, "--conns-per-peer");
	words_addf(argv, "%u", net_of(step)->conns);
}

/* Options that an lnetctl may not know, the newest first. */
static const struct {
	bool (*wanted)(const struct step *step);
	void (*add)(const struct step *step, struct words *argv);
	const char *without; /* what to say where it is left out; NULL for nothing */
} optional[] = {
	{ skips_routes, add_skipping, NULL },
	{ gives_conns, add_conns,
	  "lnetctl takes no --conns-per-peer, as before Lustre 2.15: LNET opens what options "
	  "ksocklnd conns_per_peer= says, or one connection to each peer" },
};
#define OPTIONAL_COUNT (sizeof(optional) / sizeof(optional[0]))

static void add_net(struct step *step);

/* One less with each try: which one an old lnetctl does not know it says in its own words. */
static bool ask_for_less(const struct step *step)
{
	struct adding *adding = step->work;

	while (adding->left_out < OPTIONAL_COUNT)
		if (optional[adding->left_out++].wanted(step))
			return true;
	return false;
}

/* The last word on it is the kernel's: the NID is there before lnetctl is done (measured). */
static void on_looked(struct step *step, const struct process_result *result)
{
	struct adding *adding = step->work;
	struct words nids = { 0 };
	bool there = result->end == PROCESS_EXITED && result->code == 0 &&
		     nids_read(result->output, &nids) == 0 &&
		     words_contain(&nids, net_of(step)->nid);

	words_done(&nids);
	if (there) {
		step_done_without(step, "%s, but LNET has %s all the same", adding->sentence,
				  net_of(step)->nid);
	} else if (adding->end == PROCESS_EXITED && ask_for_less(step)) {
		add_net(step);
	} else if (adding->end == PROCESS_EXITED || adding->end == PROCESS_ABANDONED) {
		step_fail(step, adding->code, "%s", adding->sentence);
	} else {
		step_fail_passing(step, adding->code, "%s", adding->sentence);
	}
}

static void look(struct step *step)
{
	struct words argv = { 0 };

	words_add(&argv, "lctl");
	words_add(&argv, "list_nids");
	step_run_any(step, &argv, LIST_TIMEOUT_USEC, on_looked);
	words_done(&argv);
}

static void end_added(struct step *step)
{
	const struct adding *adding = step->work;
	const char *without = NULL;

	for (size_t i = 0; i < adding->left_out; i++)
		if (optional[i].without && optional[i].wanted(step))
			without = optional[i].without;
	if (without)
		step_done_without(step, "%s", without);
	else
		step_done(step);
}

/*
 * An lnetctl that does not know an option prints its usage, adds nothing and exits with 0 (source:
 * lnet/utils/lnetctl.c, jt_add_ni): what is not silent on standard error is looked at.
 */
static void on_net_added(struct step *step, const struct process_result *result)
{
	struct adding *adding = step->work;

	adding->end = result->end;
	adding->code = lnet_errno(result);
	if (adding->end == PROCESS_EXITED && result->code == 0 && result->errors[0] == '\0') {
		end_added(step);
	} else if (adding->code == ENETDOWN && !net_is_efa(net_of(step)->net)) {
		step_fail(step, ENETDOWN,
			  "LNET cannot use %s: the interface is down or has no IPv4 address",
			  net_of(step)->interface);
	} else {
		step_describe(step, "lnetctl net add", result, adding->sentence,
			      sizeof(adding->sentence));
		look(step);
	}
}

static void add_net(struct step *step)
{
	const struct adding *adding = step->work;
	struct words argv = { 0 };

	words_add(&argv, "lnetctl");
	words_add(&argv, "net");
	words_add(&argv, "add");
	if (net_of(step)->by_nid) {
		words_add(&argv, "--nid");
		words_add(&argv, net_of(step)->nid);
	} else {
		words_add(&argv, "--net");
		words_add(&argv, net_of(step)->net);
		words_add(&argv, "--if");
		words_add(&argv, net_of(step)->interface);
	}
	for (size_t i = adding->left_out; i < OPTIONAL_COUNT; i++)
		if (optional[i].wanted(step))
			optional[i].add(step, &argv);
	efa_add_credits(net_of(step), &argv);
	step_run_any(step, &argv, LNETCTL_TIMEOUT_USEC, on_net_added);
	words_done(&argv);
}

void lnet_add_net(struct step *step)
{
	struct adding *adding = calloc(1, sizeof(*adding));

	step->work = adding;
	if (!adding) {
		step_fail_passing(step, ENOMEM, "out of memory");
		return;
	}
	step_remind(step, remind);
	add_net(step);
}

/* The first that LNET has and nobody configured; where there is none, "none". */
static const char *other_nid(const struct plan *plan, const struct words *nids)
{
	for (size_t i = 0; i < nids->count; i++) {
		bool planned = false;

		for (size_t k = 0; k < plan->net_count; k++)
			planned = planned || strcmp(plan->nets[k].nid, nids->items[i]) == 0;
		if (!planned)
			return nids->items[i];
	}
	return "none";
}

/* The first that was configured and is not there; where all are, all. */
static const char *missing_nid(const struct plan *plan, const struct words *nids)
{
	for (size_t i = 0; i < plan->net_count; i++)
		if (!words_contain(nids, plan->nets[i].nid))
			return plan->nets[i].nid;
	return "no other";
}

static void on_nids(struct step *step, const struct process_result *result)
{
	const struct plan *plan = step->options->plan;
	struct words nids = { 0 };
	int r = nids_read(result->output, &nids);
	bool same = r == 0 && nids.count == plan->net_count;

	for (size_t i = 0; i < plan->net_count; i++)
		same = same && words_contain(&nids, plan->nets[i].nid);
	if (same)
		step_done(step);
	else if (r == -ENOMEM)
		step_fail_passing(step, ENOMEM, "out of memory");
	else
		step_fail(step, EADDRNOTAVAIL,
			  "LNET came up with NID %s, where %s was configured; see the kernel's log",
			  other_nid(plan, &nids), missing_nid(plan, &nids));
	words_done(&nids);
}

/* A target that mounts under a wrong NID, or none, registers so, and is not found by anybody. */
void lnet_check_nids(struct step *step)
{
	struct words argv = { 0 };

	words_add(&argv, "lctl");
	words_add(&argv, "list_nids");
	step_run(step, &argv, LIST_TIMEOUT_USEC, on_nids);
	words_done(&argv);
}
