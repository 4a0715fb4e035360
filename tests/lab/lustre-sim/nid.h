/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>

/* A NID of LNET's network types tcp and efa: ADDRESS@tcpN, IPv4 only. */
struct nid {
	struct in_addr address;
	char net[16];
	char text[48];
};

enum { NIDS_MAX = 16 };

void nid_set(struct nid *nid, struct in_addr address, const char *net);

/*
 * Reads `text`: an address or a host name, with or without @tcpN, or @efaN (facts 1.2: a bare
 * address becomes
 * @tcp, a host name is resolved at once). 0 or -EINVAL.
 */
int nid_parse(const char *text, struct nid *ret_nid);

/* Reads a list separated by ',' or ':'. Returns how many, or -EINVAL; then `text` of the first slot
 * past the good ones holds what could not be read. */
int nid_list_parse(const char *list, struct nid *nids, size_t max);

/* Writes them separated by commas. */
void nid_list_format(const struct nid *nids, size_t count, char *list, size_t size);

/*
 * Connects to the LNET acceptor of `nid`, of a tcp net: nobody listens at an address of another
 * (-EHOSTUNREACH). The socket then times out sends and receives after
 * `answer_seconds`. Returns the socket or a negative errno (-ETIMEDOUT after `seconds`).
 */
int nid_connect(const struct nid *nid, double seconds, double answer_seconds);
