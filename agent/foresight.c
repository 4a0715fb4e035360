/* SPDX-License-Identifier: Apache-2.0 */
#include "foresight.h"

#include "base/text.h"
#include "effect/lnet.h"
#include "observe/platform.h"

#include <string.h>

/*
 * An instance that has served will serve. What another one remembered, of whose root an AMI was
 * made, is no reason to think so.
 */
static bool has_served(const struct node *node)
{
	char id[PLATFORM_INSTANCE_MAX], which[STATE_SERVED_MAX];

	text_set(id, sizeof(id), "%s", node->metadata.instance_id);
	if (id[0] == '\0')
		platform_board_instance("", id);
	return state_served(&node->state, id, which) > 0;
}

/*
 * LNET's module is loaded before the plan asks for it where nothing takes longer: by who has
 * served, and by who is a client and nothing else. A target's first boot has its disks to see to,
 * and a look that waited for the module would hold them up.
 */
static bool is_lnet_early(const struct node *node)
{
	return (node->facts.lnet == LNET_UNKNOWN || node->facts.lnet == LNET_NO_MODULE) &&
	       (node->spec.roles == ROLE_CLIENT || has_served(node));
}

struct node_options foresight_put(struct foresight *foresight, const struct node_options *options,
				  const struct node *node)
{
	struct node_options put = *options;
	struct error why;

	put.await_lnet = NULL;
	if (!foresight->inquiries && inquiries_new(&foresight->inquiries, &why) < 0)
		return put;
	put.inquiries = foresight->inquiries;
	if (is_lnet_early(node)) {
		lnet_load_early(foresight->inquiries);
		put.await_lnet = options->await_lnet;
	}
	node_foresee(&put, node);
	return put;
}

void foresight_await_lnet(struct foresight *foresight)
{
	foresight->lnet_load_usec += lnet_await_early(foresight->inquiries);
}

void foresight_end(struct foresight *foresight)
{
	foresight->inquiries = inquiries_free(foresight->inquiries);
}
