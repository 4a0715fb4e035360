/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Reading back what apply wrote about this boot. */

#include "model/status.h"

/*
 * Fills *status, which must be empty, from boot.json. -ENOENT: apply has not run since this node
 * booted. The caller calls status_done() after success.
 */
int boot_file_read(struct status *status, struct error *err);

/* Is the mount point mounted now? boot.json knows only how the boot ended. */
bool boot_file_is_mounted(const char *mount_point);
