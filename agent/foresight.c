/* SPDX-License-Identifier: Apache-2.0 */
#include "foresight.h"

#include "base/text.h"
#include "observe/platform.h"

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

/* As soon as it is known that the node is ours. */
static bool is_lnet_early(const struct node *node)
{
	return (node->facts.lnet == LNET_UNKNOWN || node->facts.lnet == LNET_NO_MODULE) &&
	       (node->spec.roles != 0 || has_served(node));
}

struct node_options foresight_put(struct foresight *foresight, const struct node_options *options,
				  const struct node *node)
{
	struct node_options put = *options;
	struct error why;

	if (!foresight->inquiries)
		lnet_early_forget(&foresight->lnet_early);
	if (is_lnet_early(node))
		lnet_early_begin(&foresight->lnet_early, foresight->processes, options->marks);
	if (foresight->inquiries ||
	    inquiries_new(foresight->processes, &foresight->inquiries, &why) == 0) {
		put.inquiries = foresight->inquiries;
		node_foresee(&put, node);
	}
	return put;
}

void foresight_end(struct foresight *foresight, struct facts *facts)
{
	foresight->inquiries = inquiries_free(foresight->inquiries);
	lnet_early_correct(&foresight->lnet_early, facts);
}
