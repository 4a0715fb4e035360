/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "simd.h"

/* The LNET stack of lustre-simd (facts 4). Callers hold the lock. Errors are what the kernel gives.
 */

/* Brings the stack up: with the NIs of `networks=` or the first UP interface if `all`, else with
 * none. -ENETDOWN if one of them cannot be started; the stack is then down. */
int lnet_configure(struct simd *simd, bool all);

/* -EBUSY while a target or a client is mounted. */
int lnet_unconfigure(struct simd *simd);

/* -ESHUTDOWN: stack down; -EEXIST: there already; -ENETDOWN: no UP interface of that name with
 * IPv4. An interface is taken by the label of its address, and that is its first one of that label;
 * "ADDRESS@NET" in its place is that very address. `conns`: connections to each peer, 0 for the
 * kernel's choice. */
int lnet_add(struct simd *simd, const char *net, const char *interface, unsigned conns);

/* `interface` empty: all NIs of the net. -EINVAL if there is none. */
int lnet_delete(struct simd *simd, const char *net, const char *interface);

/* Closes every NI and its connections. */
void lnet_shutdown(struct simd *simd);
