/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "problem.h"

#include <jansson.h>
#include <stddef.h>

enum { INTERFACES_MAX = 16 };

struct interface {
	const char *mac, *subnet_cidr, *vpc_cidr, *subnet_ipv6_cidr;
	const char *interface_id; /* NULL: made up from the MAC */
	const char *subnet_id, *vpc_id, *security_group_ids;
	json_t *local_ipv4s, *ipv6s; /* arrays of text, or NULL */
	int device_number;
	int network_card; /* -1: not told */
};

/*
 * What a node file says, checked for type and with the defaults filled in.
 * Everything is borrowed from the JSON document. The keys are explained in
 * README.md.
 */
struct facts {
	const char *instance_id, *instance_type, *life_cycle, *architecture;
	const char *ami_id, *availability_zone, *account_id, *reservation_id, *security_group;
	const char *local_ipv4; /* NULL on an IPv6-only node */
	const char *mac;
	const char *pending_time; /* when the instance was started last, ISO 8601 */
	int ami_launch_index;
	struct interface interfaces[INTERFACES_MAX];
	size_t interface_count;

	json_t *block_devices, *public_keys, *tags, *keys; /* objects, or NULL */
	json_t *sources, *faults;                          /* arrays, or NULL */
	const char *tags_off;                              /* "404" or "empty" */
	const char *user_data, *user_data_base64;          /* NULL where absent */
	size_t user_data_size; /* of user_data, which may hold NUL bytes */
	const char *connection;
};

/*
 * Reads the facts out of a node's document. The document may be changed (the
 * single interface is written into it) and must outlive the facts.
 */
int facts_parse(json_t *document, struct facts *facts, struct problem *problem);
