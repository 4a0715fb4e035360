/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "model/spec/spec.h"

/*
 * Merges what a parser left behind and checks what must hold of every specification and every
 * sentence, whatever was written. Frees the settings.
 */
void outcome_check(struct settings *settings, struct problems *problems);
