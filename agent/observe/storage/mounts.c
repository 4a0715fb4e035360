/* SPDX-License-Identifier: Apache-2.0 */
#include "observe/storage/mounts.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "base/text.h"
#include "base/tree.h"
#include "model/mount_look.h"

#include <errno.h>
#include <libmount/libmount.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

#define MOUNTS_MAX     100000 /* the kernel's own (fs.mount-max); containers come to thousands */
#define SWAPS_SIZE_MAX 65536

/* The mark holds the client's mount point. */
static bool is_untuned(const char *root, const struct mount_point *mount)
{
	char marked[PATH_MAX];

	return mount_is_client_type(mount->fstype) &&
	       file_read_line(root, CLIENT_UNTUNED_PATH, marked, sizeof(marked)) &&
	       strcmp(mount->target, marked) == 0;
}

/*
 * Whether it lies on a device, and has a number of its own all the same. Of any other type (tmpfs,
 * FUSE) the source is a text that whoever mounts it chooses.
 */
static bool is_on_its_source(const char *type)
{
	static const char *const types[] = { "lustre", "lustre_tgt", "btrfs", "bcachefs" };

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (strcmp(types[i], type) == 0)
			return true;
	return false;
}

static int find_device(const char *root, struct libmnt_fs *fs, struct mount_point *mount)
{
	dev_t number = mnt_fs_get_devno(fs);
	char path[64];

	if (major(number) != 0) {
		snprintf(path, sizeof(path), "/sys/dev/block/%u:%u", major(number), minor(number));
		return tree_link_name(root, path, mount->device, sizeof(mount->device));
	}
	if (is_on_its_source(mount->fstype))
		return tree_device_name(root, mount->source, mount->device, sizeof(mount->device));
	return 0;
}

static bool is_kernel_interface(struct libmnt_fs *fs)
{
	static const char *const hiding[] = { "tmpfs", "ramfs",    "overlay", "autofs",
					      "fuse",  "virtiofs", "vboxsf" };
	const char *type = mnt_fs_get_fstype(fs);

	if (type && strncmp(type, "fuse.", 5) == 0)
		return false;
	for (size_t i = 0; type && i < sizeof(hiding) / sizeof(hiding[0]); i++)
		if (strcmp(type, hiding[i]) == 0)
			return false;
	return mnt_fs_is_pseudofs(fs);
}

/* A new text, with '?' for whatever is none; NULL when out of memory. */
static char *make_text(const char *from)
{
	char *text = strdup(from ? from : "");

	if (text)
		text_copy(text, strlen(text) + 1, from ? from : "");
	return text;
}

static int read_mount(const char *root, struct libmnt_fs *fs, struct mount_point *mount)
{
	const char *source = mnt_fs_get_srcpath(fs);
	const char *options = mnt_fs_get_vfs_options(fs);
	const char *super_options = mnt_fs_get_fs_options(fs);

	if (!source)
		source = mnt_fs_get_source(fs);
	mount->source = make_text(source);
	mount->target = make_text(mnt_fs_get_target(fs));
	if (!mount->source || !mount->target)
		return -ENOMEM;
	text_copy(mount->fstype, sizeof(mount->fstype),
		  mnt_fs_get_fstype(fs) ? mnt_fs_get_fstype(fs) : "");
	/* Either the mount alone is read-only, or (after an error) the file system. */
	mount->read_only =
		(options && mnt_optstr_get_option(options, "ro", NULL, NULL) == 0) ||
		(super_options && mnt_optstr_get_option(super_options, "ro", NULL, NULL) == 0);
	mount->untuned = is_untuned(root, mount);
	return find_device(root, fs, mount);
}

static int read_rows(const char *root, struct libmnt_table *table, struct facts *rows)
{
	struct libmnt_iter *iterator = mnt_new_iter(MNT_ITER_FORWARD);
	struct libmnt_fs *fs;
	int r = iterator && rows->mounts ? 0 : -ENOMEM;

	while (r == 0 && mnt_table_next_fs(table, iterator, &fs) == 0)
		if (!is_kernel_interface(fs))
			r = read_mount(root, fs, &rows->mounts[rows->mount_count++]);
	mnt_free_iter(iterator);
	return r;
}

static int read_table(const char *root, struct libmnt_table *table, struct mount_point **ret,
		      size_t *ret_count, struct error *err)
{
	int number = mnt_table_get_nents(table);
	struct facts rows = { 0 };
	int r;

	if (number > MOUNTS_MAX)
		return error_set(err, -EFBIG, "more than %d mounts", MOUNTS_MAX);
	rows.mounts = calloc((size_t)number + 1, sizeof(*rows.mounts));
	r = read_rows(root, table, &rows);
	if (r < 0) {
		facts_done(&rows);
		return error_errno(err, r, "cannot find what is mounted from where");
	}
	*ret = rows.mounts;
	*ret_count = rows.mount_count;
	return 0;
}

int mounts_read(const char *root, struct mount_point **ret, size_t *ret_count, struct error *err)
{
	struct libmnt_table *table;
	char path[PATH_MAX];
	int r;

	snprintf(path, sizeof(path), "%s/proc/self/mountinfo", root);
	table = mnt_new_table();
	if (!table)
		return error_set(err, -ENOMEM, "out of memory reading mounts");
	r = mnt_table_parse_file(table, path);
	if (r != 0)
		r = error_errno(err, r < 0 ? r : -EIO, "cannot read %s", path);
	else
		r = read_table(root, table, ret, ret_count, err);
	mnt_unref_table(table);
	return r;
}

/* "/dev/dm-1 partition 2097148 0 -2", after a line of headings. */
int swaps_read(const char *root, struct words *ret, struct error *err)
{
	cleanup(free_pointer) char *text = NULL;
	struct words swaps = { 0 };
	char *line, *rest;
	int r;

	r = file_read(root, "/proc/swaps", SWAPS_SIZE_MAX, &text, NULL, err);
	if (r == -ENOENT) /* a kernel without swap */
		return 0;
	if (r < 0)
		return r;
	for (line = strtok_r(text, "\n", &rest); r >= 0 && line;
	     line = strtok_r(NULL, "\n", &rest)) {
		char name[DISK_NAME_MAX];

		line[strcspn(line, " \t")] = '\0';
		r = tree_device_name(root, line, name, sizeof(name));
		if (r >= 0 && name[0] != '\0')
			r = words_add(&swaps, name);
	}
	if (r < 0) {
		words_done(&swaps);
		return error_errno(err, r, "cannot find what is in use as swap");
	}
	*ret = swaps;
	return 0;
}
