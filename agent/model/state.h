/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * /var/lib/lustre-init/state.json: what cannot be seen on blank disks, namely that they once held a
 * target of this instance, and the PV UUIDs that were chosen before the first write. It never alone
 * justifies a write (law 1).
 */

#include "model/plan.h"

struct remembered_disk {
	char serial[64];
	char pv_uuid[UUID_TEXT_MAX];
};
#define REMEMBERED_DISKS_MAX 64

struct remembered_target {
	char name[TARGET_NAME_MAX];
	char instance_id[64];
	enum phase phase;
	bool lost; /* on its way into service, or in it, and then its disks were gone */
	/* No signature may tell what its volume holds: a format of ours that was begun, or an ext3
	 * that the group was made over. */
	bool remains;
	char group[VG_NAME_MAX];
	struct remembered_disk disks[REMEMBERED_DISKS_MAX];
	size_t disk_count;
};
#define REMEMBERED_TARGETS_MAX 64

struct state {
	struct remembered_target targets[REMEMBERED_TARGETS_MAX];
	size_t target_count;
};

/* The target as this instance remembers it; NULL when it does not. */
const struct remembered_target *state_find(const struct state *state, const char *instance_id,
					   const char *target);

/*
 * How many targets the instance has served, any instance where it is "", and which, to a person:
 * "lustrewt-OST0017 and 3 more", "" for none.
 */
#define STATE_SERVED_MAX (TARGET_NAME_MAX + 32)
size_t state_served(const struct state *state, const char *instance_id,
		    char text[STATE_SERVED_MAX]);

/* "lustrewt-OST0017 of i-0a11ce": as a plan names it that lets it be forgotten. */
#define REMEMBERED_TEXT_MAX (TARGET_NAME_MAX + 64 + 8)
void remembered_describe(const struct remembered_target *t, char text[REMEMBERED_TEXT_MAX]);

/*
 * Puts the target, its group and its disks into *state under `instance_id`, replacing what was
 * there; where there is no room, in place of one of another instance's that the plan lets be
 * forgotten. What was on its way into service, or in it, and is recorded as `creating` again has
 * been lost; that is kept until it serves again, since consent to the loss is consent to take its
 * own index back.
 */
int state_remember(struct state *state, const char *instance_id, const struct plan *plan,
		   const struct plan_target *target, enum phase phase, struct error *err);

/* The same, before a format is begun: `remains` is set, and the phase stays as it is. */
int state_remember_format(struct state *state, const char *instance_id, const struct plan *plan,
			  const struct plan_target *target, struct error *err);

/* Whether `remains` holds for the target in this very group. */
bool state_has_remains(const struct state *state, const char *instance_id, const char *target,
		       const char *group);

/* NULL when out of memory. */
json_t *state_to_json(const struct state *state);

/*
 * -EINVAL for anything that is not understood to the last member: a phase, a type or a key that is
 * unknown here, a target or a disk that stands there twice.
 */
int state_from_json(const json_t *json, struct state *ret, struct error *err);
