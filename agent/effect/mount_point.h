/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The directories that are mounted on. One that lustre-init makes is immutable (chattr +i), so that
 * nobody, root included, writes to the root disk what was meant for Lustre while nothing is mounted
 * there. On file systems without that flag it is as any other. A directory that was there before is
 * its owner's, and is left as it is. Those that were made are listed in a file, for lustre-init
 * clean to take away.
 */

#include "base/error.h"

#include <stddef.h>

#define MOUNT_POINTS_MAX 65536 /* bytes of the list */

/*
 * Makes ROOT/WHERE with its parents, and puts what it made on the list before. What is listed,
 * empty and not mounted on is made immutable again; a listed one that WHERE is below is opened for
 * it. `root` is "" but for tests.
 */
int mount_point_make(const char *root, const char *list, const char *where, struct error *err);

/* What became of one directory of the list; `left` is why it stays, NULL when it is gone. */
typedef void (*mount_point_told_fn)(const char *where, const char *left);

/* Takes away all that is on the list, and then the list. What is in use or holds something stays,
 * and stays on it. */
int mount_point_remove_all(const char *root, const char *list, mount_point_told_fn told,
			   struct error *err);
