/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The client's mount: what from, where, and whether it is there. */

#include "decide/planner.h"

/* What a refusal of the mount names, where one of a target has its name. */
#define CLIENT_NAME "client"

/*
 * Fills plan->client where the role asks for one, with the MGS at `nids`. What else is mounted
 * there refuses the mount. -EINVAL: the NIDs are longer than a mount's source can be; -ENOMEM.
 */
int client_plan(const struct planner_input *input, const struct words *nids, struct plan *plan,
		struct error *err);

/*
 * Asked for, not there yet, and not refused; nor is a target of this node. A client's mount does
 * not return before some OST serves (measured): it would wait for the one refused, and hide that.
 */
bool client_is_due(const struct plan *plan);
