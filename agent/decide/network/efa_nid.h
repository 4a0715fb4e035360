/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The NID that kefalnd gives an EFA device. Pure. */

#include "model/spec/nid.h"

/*
 * Of the device at a PCI address ("0000:24:00.0") on a node with this IPv4 address: the last two
 * numbers of the address, the bus, and device times 8 plus function (source:
 * kefalnd_create_efa_nid()). The PCI domain is in none of them. -EINVAL: no such addresses.
 */
int efa_nid(const char *pci_address, const char *ipv4, const char *net, char ret[NID_TEXT_MAX])
	__attribute__((warn_unused_result));
