/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "answer.h"
#include "fault.h"
#include "problem.h"
#include "tree.h"

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>

enum { NODE_SOURCES_MAX = 64 };

/* A node, as its file describes it. */
struct node {
	struct tree tree; /* everything below the version */
	struct fault_list faults;
	enum connection_mode connection;
	char sources[NODE_SOURCES_MAX]
		    [INET6_ADDRSTRLEN]; /* its addresses, as inet_ntop() has them */
	size_t source_count;
};

/* Reads a node from the bytes of its file. Returns NULL, and says why, if they describe none. */
struct node *node_parse(const char *bytes, size_t size, struct problem *problem);

/* Is the client with this address (as inet_ntop() has it) this node? */
bool node_has_source(const struct node *node, const char *address);

/* Accepts NULL, and returns it. */
struct node *node_free(struct node *node);
