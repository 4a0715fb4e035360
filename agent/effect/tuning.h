/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What makes large instances quick. None of it decides whether a node serves. */

#include "effect/step.h"

/* A module of the plan with its options, before another module brings it in without them. */
void tuning_load_module(struct step *step);

/* Part of a client's mount, before it: where what follows it is cut off, the next start finds the
 * mark. */
void tuning_mark_client(struct step *step);

/* The parameters of a client that was mounted. A kernel that knows one otherwise is told of,
 * and no reason to fail. */
void tuning_set_client(struct step *step);
