/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "simd.h"

/*
 * Whom the MGS holds an export of: targets and clients of other nodes, from their first word to
 * their unmount, to their eviction, or to that of the MGT (facts 12). All take the lock themselves,
 * but exports_clear(), whose caller has it.
 */

void exports_add(struct simd *simd, struct in_addr peer, const char *name);
void exports_remove(struct simd *simd, struct in_addr peer, const char *name);
void exports_clear(struct simd *simd);

/* Appends mgs.MGS.exports.<nid>.uuid, as pairs of strings. */
void exports_list(struct simd *simd, struct message *message);

/* True, and logged, where any stands against replace_nids, or a target beside the MGT does. */
bool exports_in_the_way(struct simd *simd);

/*
 * Before it writes down a new target the MGS takes its locks back from every node but `peer`; one
 * that does not answer is waited for, and evicted.
 */
void exports_revoke_locks(struct simd *simd, struct in_addr peer);
