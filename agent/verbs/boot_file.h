/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Reading back what apply wrote about this boot. */

#include "model/status.h"
#include "verbs/boot_unit.h"

/*
 * Fills *status, which must be empty, from boot.json. -ENOENT: apply has not run since this node
 * booted,
 * or could not write it. The caller calls status_done() after success.
 */
int boot_file_read(struct status *status, struct error *err);

/*
 * The sentence of a boot.json that is not there, in *err, whose code stays: that apply has not run,
 * or that it could not write it, or that this cannot be told.
 */
void boot_file_tell_absent(enum boot_unit_past past, struct error *err);

/*
 * Takes into the standings what is mounted now: boot.json knows only how the boot ended. Mounted is
 * what has the device (of a client, the file system) and the type as well as the place; a note says
 * what else is there. Where `table` (MOUNT_TABLE) cannot be read they stay as they were, and the
 * result is negative.
 */
int boot_file_look_at_mounts(const char *table, struct status *status, struct error *err);
