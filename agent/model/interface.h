/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A network interface with its addresses, and a host name with those that it resolves to: what
 * tells whose address is whose. And how far LNET is over them.
 */

#include "base/words.h"

struct interface {
	char name[16];
	char mac[18]; /* lower case */
	bool up;      /* administratively up and with a carrier */
	/* IPv4: what the metadata gives, else the first that others reach; "" for none. */
	char ipv4[16];
	unsigned prefix_length;
	bool tentative;         /* that address may still go away */
	struct words addresses; /* all of them, in the kernel's order */
};

/* A host name of the key `mgs`, as this node's resolver has it. */
struct host {
	char name[256];         /* in lower case */
	struct words addresses; /* IPv4, in the resolver's order; none: it does not resolve */
};

enum lnet_state {
	LNET_UNKNOWN, /* lctl is missing */
	LNET_NO_MODULE,
	LNET_DOWN, /* module loaded, not configured */
	LNET_UP,   /* configured; nids may still be empty */
	LNET_STATE_MAX,
};
