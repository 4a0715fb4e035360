/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Which names stand in the directories of a target's ldiskfs, and which do not: what was put there
 * by somebody else is told apart by its name. From what debugfs(8) prints for "ls -p DIRECTORY".
 */

#include "base/error.h"

#include <stddef.h>

enum listing {
	LISTING_FORMAT,  /* the root, as mkfs.lustre leaves it */
	LISTING_CONFIGS, /* its CONFIGS, likewise */
	LISTING_LOST,    /* its lost+found, which is empty */
	LISTING_TARGET, /* the root of a target that was mounted, or that somebody tried to mount */
};

/*
 * The first name in the listing that does not belong there, "" for none; whatever is not printable
 * in it becomes '?'. -EBADMSG: that is no listing of a directory.
 */
#define LISTING_NAME_MAX 64
int target_listing_stranger(const char *text, enum listing listing, char name[LISTING_NAME_MAX],
			    struct error *err);
