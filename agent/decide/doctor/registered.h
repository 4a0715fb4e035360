/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The file systems that an MGS knows, against the one that its node is of. Pure. */

#include "base/words.h"

/*
 * Whether `filesystem` is none of this node's: fsname is another. An MGS alone, without a file
 * system of its own (fsname ""), serves any.
 */
bool registered_is_foreign(const char *fsname, const char *filesystem);

/* "lustrwt (lustrwt-OST000b)": a file system with its targets, as far as `members` has them. */
void registered_describe(const char *filesystem, const struct words *members, char *text,
			 size_t size);

/* What a person does about one that is foreign. */
extern const char registered_fix[];
