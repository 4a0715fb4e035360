/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Reading back what the watch knows, for status. */

#include "model/watch.h"

/*
 * Fills *ret, which must be empty; watch_done() frees it after success. -ENOENT: no watch is at
 * work, whatever an earlier one has left; -EBADMSG, -EINVAL: what it wrote is not understood.
 */
int watch_file_read(struct watch *ret, struct error *err);
