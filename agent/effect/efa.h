/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What an efa net wants beside its being added. */

#include "effect/step.h"

/* --peer-credits, as the guide of Amazon FSx has it; nothing for another net. */
void efa_add_credits(const struct plan_net *net, struct words *argv);

/*
 * Peers tell each other of all of their nets (discovery), and where both have efa, it carries the
 * traffic (udsp). Without that tcp carries it: told of, and no reason to fail.
 */
void efa_prefer(struct step *step);
