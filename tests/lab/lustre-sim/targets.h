/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "simd.h"

/* The targets mounted on this node. The first group is called with the lock held. */

/* Reserves the name for a mount that is under way. -EALREADY if it is taken (facts 3.2). */
int targets_claim(struct simd *simd, int connection, const char *name);
/* Starts serving what `connection` claimed; `directory` is mounted by now. */
int targets_start(struct simd *simd, int connection, const struct target *what);
/* Forgets the claims of a connection that has ended. */
void targets_release(struct simd *simd, int connection);
/* Forgets targets that are not mounted any more. */
void targets_sweep(struct simd *simd);
/* Is a target, or a client, mounted here? */
bool targets_busy(struct simd *simd);
/* Stops (or, with `closing` false, again allows) requests to what is mounted there; waits for those
 * under way. -ENOENT if nothing of ours is mounted there. */
int targets_quiesce(struct simd *simd, const char *directory, bool closing);

/*
 * The second group takes the lock itself. Opens the root of the target `name` (NULL: whichever is
 * the MGS) for one request; give it back with targets_put. Returns a descriptor (O_PATH), -ENODEV
 * if it is not served here.
 */
int targets_get(struct simd *simd, const char *name, struct target **ret_target);
void targets_put(struct simd *simd, struct target *target, int root);
