/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the next look will ask of tools is put before it begins, as far as it is known, and LNET's
 * module is loaded meanwhile: a boot waits for the metadata service and for the network anyway.
 */

#include "effect/lnet_early.h"
#include "node.h"

struct foresight {
	struct processes *processes; /* of the run; whose loop it is sees to them */
	struct inquiries *inquiries; /* of the next look; NULL after it */
	struct lnet_early lnet_early;
};

/*
 * By what is known of the node so far. Returns how to look: *options with the inquiries. What
 * cannot be put is asked then.
 */
struct node_options foresight_put(struct foresight *foresight, const struct node_options *options,
				  const struct node *node);

/* After the look, whose facts are put right by what was done beside it. */
void foresight_end(struct foresight *foresight, struct facts *facts);
