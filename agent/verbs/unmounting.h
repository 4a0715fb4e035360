/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Unmounts what is ours, in order: the clients, the OSTs, the MDTs, the MGT; those of one kind at
 * once. Each is tried, whatever became of the others: where an instance ends, one that stays is no
 * reason to let the rest be cut off.
 */

#include "verbs/own_mounts.h"

/* Clients and targets were measured to take up to 15 s, where who they ask is away. */
#define UNMOUNTING_PATIENCE_USEC (30 * 1000000ULL)

/*
 * A unit that takes longer than `patience_usec` is told, and holds back no other; systemd goes on
 * with it. Adds to *ret_failures a sentence for each that stays. An error is of ourselves: out of
 * memory, or told to stop.
 */
int unmount_all(const struct own_mounts *mounts, uint64_t patience_usec, struct words *ret_failures,
		struct error *err);
