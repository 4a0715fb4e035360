/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What is amiss on a node after its boot, by two looks at it and what apply had set up. Each kind
 * of event has a time that it must last before it is told, and one that it must be gone before its
 * end is; where a value wavers around a limit, a second limit is its end. So nothing flaps, and
 * each is told once, as is its end. What could not be seen neither begins nor ends anything.
 */

#include "model/health.h"
#include "model/watch_event.h"

/*
 * `before` is the look before `now`, or zero; `known` the list that the last call gave, or empty.
 * *ret is the list as it is now, those with a `change` to be told; it is freed by
 * watch_events_done() after success. Events of other origin (after EVENT_HEALTH_LAST) pass through
 * as they are. -ENOMEM is the only failure.
 */
int health_events(const struct applied *applied, const struct health *before,
		  const struct health *now, const struct watch_events *known,
		  struct watch_events *ret, struct error *err);
