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
 * "ADDRESS@NET" in its place is that very address. That of an efa net is an EFA device (efa.h):
 * -ENODEV without one, -EINVAL for one that has a net already. */
struct tunables {
	unsigned conns, peer_credits; /* 0: the kernel's choice */
};

int lnet_add(struct simd *simd, const char *net, const char *interface,
	     const struct tunables *tunables);

/* Traffic leaves by this net first. -EALREADY: there is such a rule; -ENOSPC: there are too many.
 */
int lnet_prefer(struct simd *simd, const char *net);

/* `interface` empty: all NIs of the net. -EINVAL if there is none. */
int lnet_delete(struct simd *simd, const char *net, const char *interface);

/* Closes every NI and its connections. */
void lnet_shutdown(struct simd *simd);
