/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "model/spec/spec.h"

/*
 * What reading may cost at most, whatever was written, counted from cost_begin(), which a target
 * calls before it parses: a dozen allocations for each node of BOUND_NODES and each third byte of
 * BOUND_TEXT, and the unpacked text beside what is just being unpacked.
 */
#define COST_ALLOCATIONS_MAX 200000
#define COST_PEAK_MAX        (4 * 1024 * 1024)

/*
 * Merges what a parser left behind and checks what must hold of every specification and every
 * sentence, whatever was written. Frees the settings.
 */
void outcome_check(struct settings *settings, struct problems *problems);
