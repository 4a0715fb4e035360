/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* IPv4 addresses of the interfaces, by rtnetlink: getifaddrs() does not tell how long they last. */

#include "base/error.h"
#include "model/facts.h"

/* Asks the kernel, and fills ipv4, prefix_length, tentative, addresses and taken of each interface
 * that has an address. The one that counts is facts_assigned(). */
int addresses_find(struct facts *facts, struct error *err);

/*
 * The same from one datagram of an RTM_GETADDR dump (rtnetlink(7)). *ret_end is true at the end of
 * the dump, *ret_interrupted when the kernel says that addresses changed meanwhile.
 */
struct addresses_end {
	bool end, interrupted;
	int code; /* negative errno of the dump, or of the name of an interface in it, or 0 */
};
void addresses_parse(const void *datagram, size_t size, struct facts *facts,
		     struct addresses_end *ret);
