/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What of this node's is mounted now: by the mount table, the mount units, and where none tells,
 * the tags of the volume groups under it, whatever the report of the boot says, which may be of an
 * apply that ended early, or not be readable. A place alone makes nothing ours: the device, or a
 * client's file system, and the type have to agree with the tag or the unit.
 */

#include "base/error.h"
#include "model/facts.h"

enum own_mount_kind {
	OWN_MOUNT_CLIENT,
	OWN_MOUNT_OST, /* also a target of ours whose kind is not known */
	OWN_MOUNT_MDT,
	OWN_MOUNT_MGT,
	OWN_MOUNT_DOUBTED, /* perhaps ours, and what would tell cannot be seen: it stays */
	OWN_MOUNT_STRANGE, /* Lustre, or a volume of ours, but not as we mount it: it stays */
};

struct own_mount {
	enum own_mount_kind kind;
	const char *name;   /* of the target, by its tag or its unit; else what is mounted */
	const char *target; /* the mount point */
	const char *cover;  /* what else is mounted over it, and would be unmounted in its place;
			       NULL for nothing */
	const char *doubt;  /* why whose it is cannot be told; NULL where it can */
};

struct own_mounts {
	struct facts facts;      /* what the names point into */
	struct own_mount *items; /* in the order of unmounting, the strange ones last */
	size_t count;
	struct words unseen; /* what could not be looked at, a sentence each */
	struct words names;  /* those that no tag says */
};

void own_mounts_done(struct own_mounts *mounts);

/*
 * Looks at the machine below `root`, and at the mount units in `unit_directory` (with the root).
 * A disk that cannot be read, or LVM, or a unit, keeps nothing else from being found: it stands in
 * `unseen`, and what only it could tell of is doubted. Without the mount table nothing is known,
 * which is an error. *ret is freed by own_mounts_done() in any case.
 */
int own_mounts_find(const char *root, const char *unit_directory, struct own_mounts *ret,
		    struct error *err);

/*
 * 0 where nothing of Lustre is mounted; -EBUSY, naming the first, where something is, and -EIO
 * where that cannot be seen to the last: then nothing is forgotten.
 */
int own_mounts_refuse_any(const struct own_mounts *mounts, struct error *err);
