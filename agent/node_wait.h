/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a look at the node waits for: what is on its way when it begins. All waits of a run, over
 * all of its looks, share one patience (node_options.patience_sec), and what they took of it stands
 * in node->waited_usec. Each returns 0 also when the patience is over: the plan says what is
 * missing.
 */

#include "node.h"
#include "observe/storage/storage.h"

/* Disks that the kernel shows to be coming. What a person should know of those that are not waited
 * for is noted, once. */
int node_wait_for_disks(const struct node_options *options, const struct storage_options *storage,
			struct node *node, struct error *err);

/* The interfaces of `lnet`, each with an address that stays. */
int node_wait_for_network(const struct node_options *options, struct node *node, struct error *err);

/*
 * Names of `mgs` that are to resolve; fills node->facts.hosts. Only the MGS must know whether a
 * name is its own: other nodes look once, and wait for it later.
 */
int node_wait_for_hosts(const struct node_options *options, struct node *node, struct error *err);
