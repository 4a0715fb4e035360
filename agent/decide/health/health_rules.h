/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What of one look at a node is amiss, rule by rule, without a memory. */

#include "model/health.h"
#include "model/watch_event.h"

enum health_finding {
	FINDING_IS,
	/* Between two limits, or not to be seen now: it is still there if it was before. */
	FINDING_STAYS,
};

typedef void (*health_finding_fn)(const struct watch_event *found, enum health_finding how,
				  void *userdata);

/* Calls `found` for each; counters that grew are told by the look before, or zero. */
void health_rules(const struct applied *applied, const struct health *before,
		  const struct health *now, health_finding_fn found, void *userdata);
