/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The way to the link-local addresses, as the kernel's routing says it without a packet. systemd
 * (from 261) can lock the metadata service behind a "prohibit" route that only a firewall mark
 * passes (src/imds/85-imds-early.network); that has to be told from a network that is not up yet.
 */

#include <net/if.h>
#include <stdbool.h>

#define IMDS_IPV4 "169.254.169.254"
#define IMDS_IPV6 "fd00:ec2::254"

/* The mark that systemd's own client sets. Setting one needs CAP_NET_ADMIN. */
#define IMDS_MARK 0x7FFF0815u

/*
 * 0 when the kernel has a route to `address` (of either family) for a socket with this mark (0:
 * none), else the negative errno that connect(2) would give; -EPERM when the mark may not be set.
 */
int imds_route_check(const char *address, unsigned mark);

/* This socket goes through `interface` ("": any) with this mark (0: none). */
int imds_route_bind(int fd, const char *interface, unsigned mark);

/*
 * Whether port 80 of `address` takes a connection within `limit_ms`, which is closed again: a few
 * packets, and no request.
 */
bool imds_route_connects(const char *address, const char *interface, unsigned mark, int limit_ms);

/* Whether that errno means a route put up to keep us out: prohibit, unreachable or blackhole. */
bool imds_route_is_barrier(int code);

/*
 * The next interface to try, in the order of their numbers, after the one in `name` ("" is the
 * routing's own choice, which comes first and again after the last). Only devices of the machine
 * (ROOT/sys/class/net/NAME/device) that are up: behind a bridge or tunnel anybody may play the
 * metadata service. With fewer than two it stays "".
 */
void imds_route_next_interface(const char *root, char name[IF_NAMESIZE]);
