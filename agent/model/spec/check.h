/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What only the keys together can show: is something missing, do two contradict each other? */

#include "model/spec/spec.h"

/*
 * Adds a problem for each. `written` says which keys were written at all, good or bad, so that a
 * value that could not be read is not reported as missing besides. Fills what depends on other keys
 * (the index of a lone MDT).
 */
void spec_check(struct spec *spec, const bool written[KEY_MAX], struct problems *problems);
