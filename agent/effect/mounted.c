/* SPDX-License-Identifier: Apache-2.0 */
#include "effect/mounted.h"

#include "base/cleanup.h"
#include "base/errno_text.h"
#include "base/text.h"
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

/* What the target is told by is for a person to do, with all of the file system unmounted. */
static void describe_another_mgs(const struct mounted_asked *asked, const char *target,
				 const struct words *mgs, const struct words *at,
				 char text[ERROR_TEXT_MAX])
{
	char is[256], shall_be[256];

	words_list(at, is, sizeof(is));
	words_list(mgs, shall_be, sizeof(shall_be));
	text_sentence(
		text, ERROR_TEXT_MAX,
		"%s asks for its MGS at %s, which it was formatted with, and the key mgs says "
		"%s: correct the key, or, where the MGS has moved, unmount the whole file "
		"system, and tell each of its targets by tunefs.lustre --erase-params "
		"--mgsnode=NID --writeconf DEVICE, here %s, with every --servicenode and "
		"parameter that it had (Lustre manual, \"Changing a Server NID\")",
		target, is, shall_be, asked->source);
}

bool mounted_asks_another_mgs(const char *table, const struct mounted_asked *asked,
			      const char *target, const struct words *mgs,
			      char text[ERROR_TEXT_MAX])
{
	cleanup(words_done) struct words at = { 0 };
	struct libmnt_table *mounts = mnt_new_table();
	const char *options = NULL;
	struct libmnt_fs *fs = NULL;
	bool is_another;

	if (mounts && mnt_table_parse_file(mounts, table) == 0)
		fs = mnt_table_find_target(mounts, asked->where, MNT_ITER_BACKWARD);
	if (fs)
		options = mnt_fs_get_fs_options(fs);
	is_another = options && mount_asks_another_mgs(options, mgs, &at);
	mnt_unref_table(mounts);
	if (is_another)
		describe_another_mgs(asked, target, mgs, &at, text);
	return is_another;
}
