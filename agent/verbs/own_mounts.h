/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What of this node's is mounted now: by the mount table, the tags of the volume groups under it
 * and the mount units, whatever the report of the boot says, which may be of an apply that ended
 * early, or not be readable. A place alone makes nothing ours: the device, or a client's file
 * system, and the type have to agree with the tag or the unit.
 */

#include "base/error.h"
#include "model/facts.h"

enum own_mount_kind {
	OWN_MOUNT_CLIENT,
	OWN_MOUNT_OST, /* also a target of ours whose kind is not known */
	OWN_MOUNT_MDT,
	OWN_MOUNT_MGT,
	OWN_MOUNT_STRANGE, /* Lustre, or a volume of ours, but not as we mount it: it stays */
};

struct own_mount {
	enum own_mount_kind kind;
	const char *name;   /* of the target, by its tag; else what is mounted */
	const char *target; /* the mount point */
	const char *cover;  /* what else is mounted over it, and would be unmounted in its place;
			       NULL for nothing */
};

struct own_mounts {
	struct facts facts;      /* what the names point into */
	struct own_mount *items; /* in the order of unmounting, the strange ones last */
	size_t count;
};

void own_mounts_done(struct own_mounts *mounts);

/*
 * Looks at the machine below `root`, and at the mount units in `unit_directory` (with the root).
 * What cannot be looked at is an error: nothing is taken for unmounted because of it. *ret is freed
 * by own_mounts_done() in any case.
 */
int own_mounts_find(const char *root, const char *unit_directory, struct own_mounts *ret,
		    struct error *err);

/*
 * 0 where nothing of Lustre is mounted; -EBUSY, naming the first, where something is: then nothing
 * is forgotten.
 */
int own_mounts_refuse_any(const struct own_mounts *mounts, struct error *err);
