/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A network interface with its addresses, and a host name with those that it resolves to: what
 * tells whose address is whose. And how far LNET is over them.
 */

#include "base/words.h"

#include <stdbool.h>

#define INTERFACE_NAME_MAX 16

struct interface {
	char name[INTERFACE_NAME_MAX];
	char mac[18]; /* lower case */
	bool up;      /* administratively up and with a carrier */
	/* IPv4: what the metadata gives, else the first that others reach; "" for none. */
	char ipv4[16];
	unsigned prefix_length;
	bool tentative;      /* that address may still go away */
	char driver[32];     /* "ena"; "" where no device is behind it, or it was not looked at */
	unsigned speed;      /* Mbit/s, as ethtool(8) has it; 0: not known */
	bool gives_no_speed; /* it was asked while it was up, and has none to give */
	struct words addresses; /* all of them, in the kernel's order */
	/*
	 * "ens5=10.0.0.99": what LNET takes by each name, the first address with that label of all
	 * scopes. The labels are the interface's name, but where somebody gave others. None where
	 * it is not known, as in older recordings.
	 */
	struct words taken;
};

/*
 * The name by which LNET takes interface->ipv4: the interface's own, as far as is known, else the
 * label of that address (source: lnet/lnet/lib-socket.c, lnet_inet_enumerate(), since 2.14). False
 * where another address hides it: `name` is the interface's then.
 */
bool interface_lnet_name(const struct interface *interface, char name[INTERFACE_NAME_MAX]);

/* An RDMA device, as EFA's: what an efa net has in the place of an interface. */
#define RDMA_NAME_MAX 64 /* of the kernel, IB_DEVICE_NAME_MAX */
struct rdma_device {
	char name[RDMA_NAME_MAX]; /* "rdmap36s0" */
	char driver[32];          /* "efa" */
	char driver_version[32];  /* "2.13.0"; "" where it tells none, as the kernel's own */
	char pci_address[32];     /* "0000:24:00.0" */
	int numa_node;            /* -1: the kernel names none */
	char port_state[32];      /* of its first port, "ACTIVE"; "" where it says none */
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
