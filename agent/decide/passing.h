/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Refusals that time may cure: a disk that was named or counted, an interface, an address. What is
 * there and wrong (a foreign signature, another instance's volume) stays so until a person comes.
 */

#include "model/plan.h"

/* Time may cure the refusals of this code that name `target`, or those of the whole node for "". */
void passing_mark(struct plan *plan, enum refusal_code code, const char *target);

/*
 * The first refusal that is worth waiting for: it stops a target, or the client, that nothing else
 * stops for good. NULL where there is none.
 */
const struct refusal *passing_find(const struct plan *plan);

/* Whether one that is worth waiting for passes in silence: only a look tells. */
bool passing_is_silent(const struct plan *plan);
