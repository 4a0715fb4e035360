/* SPDX-License-Identifier: Apache-2.0 */
#include "effect/mounted.h"

#include "model/spec/nid.h"

#include <errno.h>
#include <libmount/libmount.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

/*
 * Lustre's own; ldiskfs is ext4 with another name, and a stand-in without Lustre's kernel modules
 * has ext4 itself, and fuse for a client.
 */
static bool is_right_type(const char *type, bool is_client)
{
	static const char *const of_targets[] = { "lustre", "lustre_tgt", "ext4" };
	static const char *const of_clients[] = { "lustre", "fuse.lustre" };
	const char *const *types = is_client ? of_clients : of_targets;
	size_t count = is_client ? sizeof(of_clients) / sizeof(of_clients[0])
				 : sizeof(of_targets) / sizeof(of_targets[0]);

	for (size_t i = 0; type && i < count; i++)
		if (strcmp(type, types[i]) == 0)
			return true;
	return false;
}

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

static bool is_filesystem(const char *mounted, const struct mounted_asked *asked)
{
	const char *is = strstr(mounted, ":/"), *shall_be = strstr(asked->source, ":/");

	if (nid_sources_are_same(mounted, asked->source))
		return true;
	return asked->by_name && is && shall_be && strcmp(is, shall_be) == 0;
}

static int check(struct libmnt_fs *fs, const struct mounted_asked *asked, struct error *err)
{
	const char *type = mnt_fs_get_fstype(fs), *mounted = mnt_fs_get_srcpath(fs);

	if (!mounted)
		mounted = mnt_fs_get_source(fs);
	if (!mounted)
		mounted = "";
	if (is_right_type(type, asked->is_client) &&
	    (asked->is_client ? is_filesystem(mounted, asked)
			      : is_on_device(fs, mounted, asked->source)))
		return 0;
	return error_set(err, -EBUSY, "%.200s of type %.32s is mounted at %s, not %s", mounted,
			 type ? type : "?", asked->where, asked->source);
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
		r = error_errno(err, r < 0 ? r : -EIO, "cannot read %s", table);
	} else {
		fs = mnt_table_find_target(mounts, asked->where, MNT_ITER_BACKWARD);
		r = fs ? check(fs, asked, err)
		       : error_set(err, -ENOENT, "nothing is mounted at %s", asked->where);
	}
	mnt_unref_table(mounts);
	return r;
}
