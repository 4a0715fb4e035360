/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Unmounts what is ours, in order: the clients, the OSTs, the MDTs, the MGT; those of one kind at
 * once. Each is tried, whatever became of the others: where an instance ends, one that stays is no
 * reason to let the rest be cut off.
 */

#include "verbs/own_mounts.h"

/* More than an unmount lasts that ends at all, but for one that has very much to write. */
#define UNMOUNTING_PATIENCE_SEC 300

/*
 * Follows each to its end, for `patience_usec` in all, and says on standard output what is waited
 * for. One that lasts holds those of the next kinds back for half a minute at most, and less where
 * the time is short. What has not ended by then is told, and systemd goes on with it. Adds to
 * *ret_failures a sentence for each that stays. An error is of ourselves: out of memory, or told to
 * stop.
 */
int unmount_all(const struct own_mounts *mounts, uint64_t patience_usec, struct words *ret_failures,
		struct error *err);
