/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the network of an EC2 instance wants and Lustre does not do by itself: more than one flow to
 * each peer, since EC2 caps each flow; and the settings of Amazon FSx's guide for large instances.
 * Pure.
 */

#include "decide/planner.h"

/*
 * For each net in plan->nets: how many connections to each peer, and who says so. What somebody
 * else has set stays. -ENOMEM is the only failure, of this and of the next.
 */
int tuning_plan_nets(const struct planner_input *input, struct plan *plan);

/* Fills plan->modules, plan->client.settings and plan->tuning, each by its own condition. */
int tuning_plan_large(const struct planner_input *input, struct plan *plan);
