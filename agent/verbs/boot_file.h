/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Reading back what apply wrote about this boot. */

#include "model/status.h"

/*
 * Fills *status, which must be empty, from boot.json. -ENOENT: apply has not run since this node
 * booted,
 * or could not write it. The caller calls status_done() after success.
 */
int boot_file_read(struct status *status, struct error *err);

/* For one that is not understood, which is mostly another version's: the package was replaced. */
#define BOOT_FILE_FIX "systemctl restart lustre-init writes it anew, and unmounts nothing"

/*
 * The sentence of a failure of boot_file_read(), with what to do, in *err, whose code stays. Of a
 * file that is not there: that apply has not run, or that it could not write it, or that this
 * cannot be told.
 */
void boot_file_tell_failure(struct error *err);

/*
 * Takes into the standings what is mounted now: boot.json knows only how the boot ended. Mounted is
 * what has the device (of a client, the file system) and the type as well as the place; a note says
 * what else is there. Where `table` (MOUNT_TABLE) cannot be read they stay as they were, and the
 * result is negative.
 */
int boot_file_look_at_mounts(const char *table, struct status *status, struct error *err);
