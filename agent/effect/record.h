/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What earlier boots left in state.json, and writing it. */

#include "effect/step.h"

/* ACTION_RECORD: the target's phase, serials and PV UUIDs, on the root volume's medium when it
 * returns. */
void record_phase(struct step *step);

/*
 * Part of ACTION_FORMAT, before its first write: what is found on the volume without a signature
 * from now on may be the remains of this format. Negative errno.
 */
int record_format(const struct step *step, struct error *err);
