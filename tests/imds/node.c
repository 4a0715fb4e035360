// SPDX-License-Identifier: Apache-2.0
#include "node.h"

#include "facts.h"
#include "metadata.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

/* Brings an address into the one form that client addresses are compared in. */
static int add_source(struct node *node, const char *address, struct problem *problem)
{
	unsigned char binary[sizeof(struct in6_addr)];
	int family = strchr(address, ':') ? AF_INET6 : AF_INET;

	if (inet_pton(family, address, binary) != 1)
		return problem_set(problem, "\"%s\" is no address", address);
	if (node->source_count == NODE_SOURCES_MAX)
		return problem_set(problem, "more than %d addresses", NODE_SOURCES_MAX);
	inet_ntop(family, binary, node->sources[node->source_count++], INET6_ADDRSTRLEN);
	return 0;
}

static int add_sources(struct node *node, json_t *list, struct problem *problem)
{
	size_t i;
	json_t *address;

	json_array_foreach(list, i, address)
	{
		if (add_source(node, json_string_value(address), problem) < 0)
			return -1;
	}
	return 0;
}

static int collect_sources(struct node *node, const struct facts *facts, struct problem *problem)
{
	if (facts->local_ipv4 && add_source(node, facts->local_ipv4, problem) < 0)
		return -1;
	for (size_t i = 0; i < facts->interface_count; i++) {
		if (add_sources(node, facts->interfaces[i].local_ipv4s, problem) < 0 ||
		    add_sources(node, facts->interfaces[i].ipv6s, problem) < 0)
			return -1;
	}
	return add_sources(node, facts->sources, problem);
}

static enum connection_mode connection_from(const char *text)
{
	if (!strcmp(text, "keep-alive"))
		return CONNECTION_KEEP_ALIVE;
	return strcmp(text, "close") ? CONNECTION_HTTP_1_0 : CONNECTION_CLOSE;
}

static int node_fill(struct node *node, json_t *document, struct problem *problem)
{
	struct facts facts;

	if (facts_parse(document, &facts, problem) < 0 ||
	    metadata_build(&facts, &node->tree, problem) < 0 ||
	    collect_sources(node, &facts, problem) < 0)
		return -1;
	node->connection = connection_from(facts.connection);
	return faults_parse(facts.faults, &node->faults, problem);
}

struct node *node_parse(const char *bytes, size_t size, struct problem *problem)
{
	json_auto_t *document = NULL;
	struct node *node;
	json_error_t error;

	document = json_loadb(bytes, size, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);
	if (!document) {
		problem_set(problem, "line %d: %s", error.line, error.text);
		return NULL;
	}
	node = calloc(1, sizeof(*node));
	if (!node) {
		problem_set(problem, "out of memory");
		return NULL;
	}
	if (node_fill(node, document, problem) < 0)
		return node_free(node);
	return node;
}

bool node_has_source(const struct node *node, const char *address)
{
	for (size_t i = 0; i < node->source_count; i++) {
		if (!strcmp(node->sources[i], address))
			return true;
	}
	return false;
}

struct node *node_free(struct node *node)
{
	if (!node)
		return NULL;
	tree_done(&node->tree);
	faults_done(&node->faults);
	free(node);
	return NULL;
}
