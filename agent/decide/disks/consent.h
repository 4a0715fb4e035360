/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What nobody may decide but the operator: to make a lost target anew (S6), and to take over an
 * index that the MGS says is taken. Memory and keys give consent; neither alone makes anything be
 * written.
 */

#include "decide/planner.h"

/* To make it takes consent: this instance had it on its way into service, or in service. */
bool consent_is_needed(const struct planner_input *input, const struct plan_target *target);

/*
 * `on-data-loss: recreate` covers it: an OST, or an MGT that is lost without an MDT. Never an MDT:
 * a new one over surviving OSTs is no file system.
 */
bool consent_to_recreate(const struct planner_input *input, const struct plan_target *target);

/*
 * The MGS refused its index with EADDRINUSE, and it may be formatted with --replace: an OST, with
 * `replace: true`, or with `recreate` for this instance's own lost one; and once, since what did
 * not help will not help again.
 */
bool consent_to_replace(const struct planner_input *input, const struct plan_target *target);

/* Refuses a target whose index is taken, where there is no consent. -ENOMEM is the only failure. */
int consent_refuse(const struct planner_input *input, const struct plan_target *target,
		   struct plan *plan);

/*
 * Whether `target`, which is to take its index over, may have had a holder at another address: then
 * what a person does afterwards goes to `text`. By address (index: subnet), or after a loss of its
 * own, the remembered NID is the right one.
 */
bool consent_describe_takeover(const struct planner_input *input, const struct plan *plan,
			       const struct plan_target *target, char *text, size_t size);
