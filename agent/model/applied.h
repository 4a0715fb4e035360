/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What apply set up on this boot and what the watch expects to stay: the targets and the client
 * with what they lie on, the NIDs of this node, and the MGS. Made of boot.json and state.json.
 */

#include "model/state.h"
#include "model/status.h"

struct applied_disk {
	char serial[64];
	char pv_uuid[UUID_TEXT_MAX]; /* what LVM's label on it says */
};

enum applied_role {
	APPLIED_MGT,
	APPLIED_MDT,
	APPLIED_OST,
	APPLIED_CLIENT,
	APPLIED_ROLE_MAX,
};

struct applied_target {
	char name[TARGET_NAME_MAX + FSNAME_MAX]; /* as of struct standing */
	enum applied_role role;
	enum phase phase;  /* of its volume, as it is remembered */
	bool mounted;      /* when apply ended */
	char *mount_point; /* allocated, as is what is mounted there: a device, a client's source */
	char *source;
	struct applied_disk
		*disks; /* of its group that have a serial, allocated; none of a client */
	size_t disk_count;
};

struct applied {
	char boot_id[40];
	struct applied_target *targets;
	size_t target_count;
	struct words nids;     /* what LNET has here since, "10.0.8.23@tcp"; none before it has */
	struct words mgs_nids; /* where the MGS is asked for; none on its own node */
};

const char *applied_role_name(enum applied_role role); /* "OST", "client" */

void applied_done(struct applied *applied);

/* Of an apply that is over. -ENOMEM is the only failure. *ret is freed by applied_done() after
 * success. */
int applied_from(const struct status *status, const struct state *state, struct applied *ret,
		 struct error *err);

/* For stories of tests. */
json_t *applied_to_json(const struct applied *applied);
int applied_from_json(const json_t *json, struct applied *ret, struct error *err);
