/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Reading back what apply wrote about this boot. */

#include "model/status.h"

/*
 * Fills *status, which must be empty, from boot.json. -ENOENT: apply has not run since this node
 * booted. The caller calls status_done() after success.
 */
int boot_file_read(struct status *status, struct error *err);

/*
 * Takes into the standings what is mounted now: boot.json knows only how the boot ended. Where the
 * mount table cannot be read they stay as they were, and the result is negative.
 */
int boot_file_look_at_mounts(struct status *status, struct error *err);
