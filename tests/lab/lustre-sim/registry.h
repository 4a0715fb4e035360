/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "simd.h"

/*
 * The MGS: which indexes of which file systems are taken, and under which NIDs, in one small file
 * per target, MGT:/CONFIGS/<target>. Its rules are those of facts, surprises 2, 3 and 12, and
 * section 5. Nothing is flushed here: like the real llogs, an entry is durable with the next
 * journal commit.
 */

int registry_handle(struct simd *simd, const struct connection *connection,
		    enum operation operation, struct message *message);

/* The NIDs of a target, from `lctl replace_nids`. -ENOENT if it is not registered, -EINPROGRESS
 * while anybody is connected to the MGS (facts 12). */
int registry_replace_nids(struct simd *simd, struct message *message);

struct registry_entry {
	char name[NAME_SIZE];
	char nids[NIDS_SIZE];
	bool poisoned; /* a --replace of an index never seen: taken, but without configuration */
};

/* All entries, by name, of one file system or (fsname NULL) of all. Returns how many, or -ENODEV.
 */
int registry_list(struct simd *simd, const char *fsname, struct registry_entry *entries,
		  size_t max);
