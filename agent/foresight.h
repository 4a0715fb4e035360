/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the next look will ask of tools is put before it begins, as far as it is known, and LNET's
 * module is loaded meanwhile: a boot waits for the metadata service and for the network anyway.
 */

#include "node.h"

struct foresight {
	struct inquiries *inquiries; /* of the next look; NULL after it */
	uint64_t lnet_load_usec;     /* what LNET's module took, where it was loaded early */
};

/*
 * By what is known of the node so far. Returns how to look: *options with the inquiries, and with
 * its await_lnet only where LNET is loaded early. What cannot be put is asked then.
 */
struct node_options foresight_put(struct foresight *foresight, const struct node_options *options,
				  const struct node *node);

/* Until LNET's module is loaded, where it is loaded early. */
void foresight_await_lnet(struct foresight *foresight);

/* After the look. */
void foresight_end(struct foresight *foresight);
