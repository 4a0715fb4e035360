/* SPDX-License-Identifier: Apache-2.0 */
#include "node_wait.h"

#include "base/clock.h"
#include "observe/network/hosts.h"
#include "observe/network/network.h"

#include <string.h>

#define A_MOMENT_USEC (5 * 1000000ULL)

static uint64_t patience_left(const struct node_options *options, const struct node *node)
{
	uint64_t patience = options->patience_sec > 0 ? options->patience_sec * UINT64_C(1000000)
						      : A_MOMENT_USEC;

	return node->waited_usec < patience ? patience - node->waited_usec : 0;
}

static void spend_since(struct node *node, uint64_t started)
{
	node->waited_usec += clock_now_usec() - started;
}

int node_wait_for_disks(const struct node_options *options, const struct storage_options *storage,
			struct node *node, struct error *err)
{
	const uint64_t started = clock_now_usec();
	char note[STORAGE_SENTENCE_MAX];
	int r = storage_wait(storage, patience_left(options, node), options->progress,
			     options->userdata, note, err);

	spend_since(node, started);
	if (r == 0 && note[0] != '\0' && strcmp(note, node->noted) != 0 && options->note)
		options->note(options->userdata, note);
	if (r == 0)
		memcpy(node->noted, note, sizeof(node->noted));
	return r;
}

int node_wait_for_network(const struct node_options *options, struct node *node, struct error *err)
{
	const uint64_t started = clock_now_usec();
	int r = network_wait(&node->spec, node->metadata.mac, node->metadata.local_ipv4,
			     patience_left(options, node), options->progress, options->userdata,
			     err);

	spend_since(node, started);
	return r;
}

int node_wait_for_hosts(const struct node_options *options, struct node *node, struct error *err)
{
	const uint64_t started = clock_now_usec();
	uint64_t timeout = node->spec.roles & ROLE_MGS ? patience_left(options, node) : 0;
	int r = hosts_observe(&node->spec.mgs, timeout, options->progress, options->userdata,
			      options->inquiries, &node->facts, err);

	spend_since(node, started);
	return r;
}
