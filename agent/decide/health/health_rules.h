/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What of one look at a node is amiss, rule by rule, without a memory. */

#include "model/health.h"
#include "model/watch_event.h"

enum health_finding {
	FINDING_IS,
	FINDING_STAYS,   /* between two limits: it is still there if it was before */
	FINDING_UNKNOWN, /* not to be seen now: likewise, but for what has not been told yet */
};

typedef void (*health_finding_fn)(const struct watch_event *found, enum health_finding how,
				  void *userdata);

/* Calls `found` for each; counters that grew are told by the look before, or zero. */
void health_rules(const struct applied *applied, const struct health *before,
		  const struct health *now, health_finding_fn found, void *userdata);
