/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What this node's resolver has for the host names of the key `mgs`, by getent(1): /etc/hosts and
 * name servers, as mkfs.lustre asks them. A child with a deadline, since getaddrinfo(3) blocks for
 * as long as its name servers please.
 */

#include "base/error.h"
#include "base/inquiry.h"
#include "model/facts.h"
#include "observe/network/network.h"

/*
 * Fills facts->hosts, which must be empty, with each name in `mgs` (words of addresses, names and
 * NIDs in their normal form). A name that does not resolve, or not in time, has no address, and is
 * no error; but it is looked up again for `timeout_usec`, since a record may be made only when its
 * instance runs. `inquiries`: what was put before, or NULL.
 */
int hosts_observe(const struct words *mgs, uint64_t timeout_usec, network_progress_fn progress,
		  void *userdata, struct inquiries *inquiries, struct facts *facts,
		  struct error *err);

/* Puts what it will ask first. */
void hosts_foresee(const struct words *mgs, struct inquiries *inquiries);

/* Appends the addresses in what `getent ahostsv4` printed, each once. -ENOMEM is the only failure.
 */
int hosts_parse(const char *printed, struct words *addresses);
