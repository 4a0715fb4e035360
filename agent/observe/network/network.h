/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Network interfaces with their addresses, and how far LNET is. Read-only; nothing is sent.
 */

#include "base/error.h"
#include "base/inquiry.h"
#include "model/facts.h"

/*
 * Fills facts->interfaces (all but lo), facts->lnet and facts->nids, which must be empty. Addresses
 * come from rtnetlink, which has no root: in a recorded tree interfaces have none. `inquiries`:
 * what was put before, or NULL.
 */
int network_observe(const char *root, struct inquiries *inquiries, struct facts *facts,
		    struct error *err);

/* The first part of it: the interfaces, without their addresses. */
int network_interfaces(const char *root, struct facts *facts, struct error *err);

/*
 * What LNET would still miss, as a sentence, "" for nothing: an interface that is not there, has no
 * address, or one that may go away again. What the metadata do not tell of the primary interface,
 * its MAC or its IPv4 address, does not come, and is not missed.
 */
#define NETWORK_SENTENCE_MAX 192
void network_missing(const struct spec *spec, const struct facts *facts,
		     char sentence[NETWORK_SENTENCE_MAX]);

/* Tells what is being waited for, on each change. */
typedef void (*network_progress_fn)(void *userdata, const char *sentence);

/*
 * Waits until nothing is missing: usually not at all, since the metadata came over that network.
 * But a lease may be given back when another program takes the interface over, and a DHCP server
 * may be silent for a minute. 0 also when the bound is reached: the plan says then what is missing.
 * `mac` and `local_ipv4` are the metadata's.
 */
int network_wait(const struct spec *spec, const char *mac, const char *local_ipv4,
		 uint64_t timeout_usec, network_progress_fn progress, void *userdata,
		 struct error *err);
