/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Which disks belong together: one place with all disks for all targets of the node; or, with
 * `osts: per-disk`, one with a single disk for each OST, the first of which the MGT and the MDT
 * share.
 */

#include "decide/disks/judge.h"
#include "decide/disks/layout.h"
#include "decide/disks/place.h"

struct places {
	struct place items[TARGETS_MAX];
	size_t count;
};

/*
 * All disks of the node by place, with those targets that have no volume yet (`judged` has a row
 * for each target of the plan); a place may have none of either. *ret points into candidates and
 * plan.
 */
void places_find(const struct spec *spec, const struct candidates *candidates,
		 const struct judged *judged, struct plan *plan, struct places *ret);
