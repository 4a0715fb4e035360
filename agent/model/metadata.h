/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the instance metadata service said: only the keys that the agent uses, as a plain value.
 */

#include "base/error.h"
#include "base/words.h"

#include <stdint.h>

struct metadata_tag {
	char key[129];    /* at most 128 characters (AWS: Using_Tags) */
	char value[1025]; /* at most 256 characters of UTF-8 */
	bool is_no_text;  /* key or value is none, or too long: the key may be cut, the value is ""
			   */
};
#define TAGS_MAX 64 /* AWS allows 50 */

struct metadata {
	char instance_id[64];
	char instance_type[64];
	char local_ipv4[16];  /* primary private address; "" in an IPv6-only subnet */
	char subnet_cidr[20]; /* IPv4 block of the primary interface's subnet, "10.0.0.0/24" */
	char mac[18];         /* of the interface with device number 0, lower case */
	/* "0a:…:99=10.0.8.23": the first private address of each other one; asked for where `lnet`
	 * names an interface. */
	struct words interfaces;
	char region[32];
	char availability_zone[32];
	int launch_index; /* -1 when it was not asked for */
	bool tags_enabled;
	struct metadata_tag tags[TAGS_MAX]; /* "lustre:…"; of near misses the key alone */
	size_t tag_count;
	char *user_data; /* raw bytes, NULL when there is none */
	size_t user_data_size;
	struct words ephemerals; /* Xen only: "ephemeral0=sdb" of block-device-mapping */
	/* Its other names, "root=/dev/sda1", "ebs1=sdf"; asked for where there are ephemerals. */
	struct words other_devices;
	unsigned requests; /* how many requests it took */
};

void metadata_done(struct metadata *metadata);

/*
 * Whether an instance could have this ID: what state.json remembers is an instance's by it, so one
 * that is written otherwise would be another's, and what that lost nobody's of ours.
 */
bool metadata_is_instance_id(const char *text);

/* Everything but the user-data's bytes, which may hold secrets: only their number. */
json_t *metadata_to_json(const struct metadata *metadata);

/* -EINVAL for anything that is not understood to the last member; -ENOMEM. */
int metadata_from_json(const json_t *json, struct metadata *ret, struct error *err);
