/* SPDX-License-Identifier: Apache-2.0 */
#include "effect/mounted.h"

#include "base/errno_text.h"
#include "model/mount_look.h"

#include <errno.h>
#include <libmount/libmount.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

/* A file system of Lustre's has a number of its own: its source leads to the device. */
static bool is_on_device(struct libmnt_fs *fs, const char *source, const char *device)
{
	const dev_t number = mnt_fs_get_devno(fs);
	struct stat asked, mounted;

	if (stat(device, &asked) < 0 || !S_ISBLK(asked.st_mode))
		return strcmp(source, device) == 0;
	if (major(number) != 0)
		return number == asked.st_rdev;
	return stat(source, &mounted) == 0 && S_ISBLK(mounted.st_mode) &&
	       mounted.st_rdev == asked.st_rdev;
}

static int check(struct libmnt_fs *fs, const struct mounted_asked *asked, struct error *err)
{
	const char *type = mnt_fs_get_fstype(fs), *mounted = mnt_fs_get_srcpath(fs);
	bool right;

	if (!mounted)
		mounted = mnt_fs_get_source(fs);
	if (!mounted)
		mounted = "";
	if (!type)
		type = "";
	right = asked->is_client
			? mount_is_client_type(type) && mount_is_source(mounted, asked->source)
			: mount_is_target_type(type) && is_on_device(fs, mounted, asked->source);
	if (right)
		return 0;
	return error_set(err, -EBUSY, "%.200s of type %.32s is mounted at %s, not %s", mounted,
			 type, asked->where, asked->source);
}

int mounted_check(const char *table, const struct mounted_asked *asked, struct error *err)
{
	struct libmnt_table *mounts = mnt_new_table();
	struct libmnt_fs *fs;
	int r;

	if (!mounts)
		return error_set(err, -ENOMEM, "out of memory reading mounts");
	r = mnt_table_parse_file(mounts, table);
	if (r != 0) {
		r = error_set(err, -EIO, "cannot read %s%s%s", table, r < 0 ? ": " : "",
			      r < 0 ? errno_text(-r) : "");
	} else {
		fs = mnt_table_find_target(mounts, asked->where, MNT_ITER_BACKWARD);
		r = fs ? check(fs, asked, err)
		       : error_set(err, -ENOENT, "nothing is mounted at %s", asked->where);
	}
	mnt_unref_table(mounts);
	return r;
}

bool mounted_is_any(const char *table, const char *where)
{
	struct libmnt_table *mounts = mnt_new_table();
	bool is_any = mounts && mnt_table_parse_file(mounts, table) == 0 &&
		      mnt_table_find_target(mounts, where, MNT_ITER_BACKWARD) != NULL;

	mnt_unref_table(mounts);
	return is_any;
}
