/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Who holds a lock (flock(2)) that we could not get. The kernel names the process that took it,
 * which may be gone; those that have the locked file open hold it now.
 */

#include <stdbool.h>
#include <sys/types.h>

#define LOCK_HOLDER_TEXT_MAX 320

struct lock_holder {
	pid_t pid;                       /* 0 where none was found, as in another pid namespace */
	char name[32];                   /* the program's, as in ps(1); "" where it is not shown */
	char text[LOCK_HOLDER_TEXT_MAX]; /* "mke2fs (process 1234: mke2fs -q /dev/dm-0)", or
					    "another program" */
};

/*
 * One holder of the lock on the file that `fd` is open to (with O_PATH, too), other than this
 * process. A program named `preferred` is told before any other; NULL: any. Without the right to
 * see other users' descriptors it is the process that took the lock, as long as that lives; its
 * name is then not shown where /proc hides it.
 */
void lock_holder_find(int fd, const char *preferred, struct lock_holder *ret);
