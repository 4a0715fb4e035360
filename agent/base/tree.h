/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The file tree of a machine, this one's (root "") or a recorded one's: directories and links. What
 * is absent is empty, since sysfs has nothing else to say "there is none" with; what could not be
 * looked at is a negative errno, and nothing is known of it.
 */

#include "base/error.h"
#include "base/words.h"

#include <stddef.h>

/*
 * The names in a directory, without those that begin with '.', digits in them compared as numbers
 * (nvme2n1 before nvme10n1). An absent directory has no names; one that cannot be read is a
 * negative errno, and so are more than 4096 names (-E2BIG): some of them are never taken for all.
 */
int tree_list(const char *root, const char *directory, struct words *ret);

/* 1 for yes, 0 for no. */
int tree_exists(const char *root, const char *path);

/* The last component of where a link points ("../../devices/…/vbd-51728": "vbd-51728"); "" for
 * none, and for one that is longer than `size` allows. */
int tree_link_name(const char *root, const char *path, char *name, size_t size);

/* The path with all links followed, without the root; "" for none, and for one that is too long. */
int tree_real_path(const char *root, const char *path, char *real, size_t size);

/*
 * Where `path`, absolute, is in truth: all links on the way to it are followed, and at its end;
 * what is not there yet is kept as it is written. What `is_left_alone` is on the way is not looked
 * at: to look at the root of a file system that does not answer, as one of NFS or Lustre whose
 * server is away, has no end, and it is no link. NULL: all is looked at. -ELOOP: links in a ring,
 * or more than 40 of them; -ENOTDIR: it, or something on the way, is there and no directory;
 * -ENAMETOOLONG: longer than `size`; or another errno of lstat(2). The sentence names the
 * component.
 */
int tree_resolve(const char *root, const char *path,
		 bool (*is_left_alone)(const char *path, const void *userdata),
		 const void *userdata, char *real, size_t size, struct error *err);

/*
 * The kernel name of the block device that `path` under /dev leads to ("dm-0", "nvme0n1p1"), "" for
 * none. For /dev/mapper the kernel is asked, as its links may be late.
 */
int tree_device_name(const char *root, const char *path, char *name, size_t size);
