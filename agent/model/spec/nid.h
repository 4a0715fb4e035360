/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * NIDs and nets of LNET as text, in the one form in which Lustre prints them: what people write and
 * what tools print is brought into it where it is read, and compared as text from there on.
 */

#include "base/words.h"

#define NET_TEXT_MAX 16
#define NID_TEXT_MAX 280 /* a host name, @ and a net */

/*
 * "tcp0", "TCP" and "tcp00" are "tcp", "o2ib01" is "o2ib1". -EINVAL: the `length` bytes are no kind
 * of net with a number of sixteen bits behind it. Source: Lustre manual, "Configuring LNet", and
 * libcfs_str2net(), which reads the number as a decimal one.
 */
int net_normalise(const char *text, size_t length, char ret[NET_TEXT_MAX])
	__attribute__((warn_unused_result));

/* Whether a net, in its normal form, is one of EFA: its interfaces are RDMA devices. */
bool net_is_efa(const char *net);

/*
 * A host, or a host, @ and a net: addresses as inet_ntop(3) writes them, names in lower case.
 * -EINVAL: no address and no name of a host (RFC 1123) stands before the @, and text that ends in a
 * number is an address or nothing. -EDOM: what stands behind the @ is no net.
 */
int nid_normalise(const char *text, char ret[NID_TEXT_MAX]) __attribute__((warn_unused_result));

/* Whether its host is written as an IPv4 address. */
bool nid_is_ipv4(const char *nid);

/*
 * Why no other node reaches the host of a NID, "a loopback address"; NULL for a name, and for an
 * address that may be anybody's.
 */
const char *nid_unreachable(const char *nid);

/*
 * Appends the NIDs that `lctl list_nids` printed, but for 0@lo: those of nets that are known here
 * in their normal form, others as they are. -E2BIG: more than any node has; -ENOMEM.
 */
int nids_read(const char *printed, struct words *nids);

/*
 * Whether two sources of a client's mount, "10.0.0.10@tcp:10.0.0.11@tcp0:/lustrewt", name one MGS:
 * the same NIDs, whatever their form and order are, and whatever follows them.
 */
bool nid_sources_name_one_mgs(const char *one, const char *other);
