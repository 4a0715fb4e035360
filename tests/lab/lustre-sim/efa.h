/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "simd.h"

/* kefalnd, the LND of nets over EFA devices (the project's facts on the network, 3). */

bool efa_is_net(const char *net);

/*
 * The NID of this RDMA device: of the low half of an IPv4 address of this node, and of where the
 * device is on the PCI bus. The address is that of the interface, or label, that kefalnd was loaded
 * with, else the first one. -ENODEV: no such address, or no such device of the driver efa.
 */
int efa_nid(const struct lnet *lnet, const char *net, const char *device, struct nid *ret_nid);
