/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Which EFA devices a net of the key `lnet` names, and what is wrong with one. Pure. */

#include "decide/planner.h"

/* One more than there can be nets: who has so many is told. */
#define EFA_DEVICES_MAX (PLAN_NETS_MAX + 1)

struct efa_devices {
	const struct rdma_device *items[EFA_DEVICES_MAX]; /* of the facts */
	size_t count;
};

/*
 * Those of efa(all), efa(auto) or efa(NAME), in the order of the facts. A device that is not there,
 * or not fit, is a refusal of the node, and left out. -ENOMEM is the only failure.
 */
int efa_devices_choose(const struct facts *facts, const struct lnet_net *net,
		       struct efa_devices *ret, struct plan *plan);
