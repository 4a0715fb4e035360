/* SPDX-License-Identifier: Apache-2.0 */
#include "observe/mount_points.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "base/text.h"
#include "base/tree.h"
#include "base/unit_name.h"

#include <errno.h>
#include <libmount/libmount.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define UNIT_TEXT_MAX 65536
#define OUR_UNITS     "/run/systemd/system"

/* The rest of systemd's search path; a unit's file in one `before` ours is taken in its place, and
 * a drop-in of any of them is added to it (systemd.unit(5), "Unit File Load Path"). */
static const struct {
	const char *directory;
	bool before;
} unit_directories[] = {
	{ "/etc/systemd/system.control", true },
	{ "/run/systemd/system.control", true },
	{ "/run/systemd/transient", true },
	{ "/run/systemd/generator.early", true },
	{ "/etc/systemd/system", true },
	{ "/etc/systemd/system.attached", true },
	{ OUR_UNITS, false },
	{ "/run/systemd/system.attached", false },
	{ "/run/systemd/generator", false },
	{ "/usr/local/lib/systemd/system", false },
	{ "/usr/lib/systemd/system", false },
	{ "/lib/systemd/system", false },
	{ "/run/systemd/generator.late", false },
};

static bool ends_with(const char *text, const char *end)
{
	size_t length = strlen(text), tail = strlen(end);

	return length > tail && strcmp(text + length - tail, end) == 0;
}

/* Whether nobody but this kernel has to answer for what lies in it. */
static bool is_local(const struct mount_point *mount)
{
	static const char *const types[] = { "tmpfs", "ramfs", "overlay", "zfs" };

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (strcmp(mount->fstype, types[i]) == 0)
			return true;
	return mount->device[0] != '\0';
}

/* Whether it lies in what has a server, which may be away: a look at it would have no end then.
 * What is under another mount, as an automount is, has nothing to answer. */
static bool is_remote(const struct facts *facts, const char *path)
{
	for (size_t i = 0; i < facts->mount_count; i++) {
		const struct mount_point *mount = &facts->mounts[i];
		const size_t length = strlen(mount->target);

		if (strncmp(path, mount->target, length) == 0 &&
		    (path[length] == '\0' || path[length] == '/') && !is_local(mount) &&
		    facts_mount_at(facts, mount->target) == mount)
			return true;
	}
	return false;
}

/* What is mounted is what it is, whatever lies below it. */
static bool is_left_alone(const char *path, const void *userdata)
{
	return facts_mount_at(userdata, path) != NULL || is_remote(userdata, path);
}

/* What is not there yet has to be made, in the nearest directory that is. */
static bool is_read_only(const char *root, const char *real)
{
	char path[PATH_MAX], full[PATH_MAX];
	char *slash;

	if (tree_exists(root, real) || text_format(path, sizeof(path), "%s", real) < 0)
		return false;
	while ((slash = strrchr(path, '/')) && slash > path) {
		*slash = '\0';
		if (tree_exists(root, path))
			break;
	}
	if (!slash || slash == path)
		snprintf(path, sizeof(path), "/");
	return text_format(full, sizeof(full), "%s%s", root, path) == 0 && access(full, W_OK) < 0 &&
	       errno == EROFS;
}

static int add_link(struct facts *facts, const struct place_link *link)
{
	struct place_link *links;

	links = reallocarray(facts->links, facts->link_count + 1, sizeof(*links));
	if (!links)
		return -ENOMEM;
	links[facts->link_count++] = *link;
	facts->links = links;
	return 0;
}

/* What is wrong with the path itself stays so; anything else may be read another time. */
static bool is_wrong_path(int code)
{
	return code == -ELOOP || code == -ENOTDIR || code == -ENAMETOOLONG;
}

/* Told only where it is not simply what its name says. */
static int look_at(const char *root, const char *path, struct facts *facts, struct error *err)
{
	struct place_link link = { 0 };
	int r = text_format(link.path, sizeof(link.path), "%s", path);

	if (r < 0)
		return error_errno(err, r, "cannot look at %s", path);
	r = tree_resolve(root, path, is_left_alone, facts, link.real, sizeof(link.real), err);
	if (r < 0 && !is_wrong_path(r))
		return r;
	if (r < 0)
		text_copy(link.trouble, sizeof(link.trouble), err->text);
	else if (!is_left_alone(link.real, facts) && is_read_only(root, link.real))
		snprintf(link.trouble, sizeof(link.trouble),
			 "it is not there, and cannot be made in a read-only file system");
	if (link.trouble[0] == '\0' && strcmp(link.real, path) == 0)
		return 0;
	return add_link(facts, &link) < 0 ? error_set(err, -ENOMEM, "out of memory") : 0;
}

/* The names of the targets follow from the index; whichever it is, its directory may be a link, or
 * none. */
static int look_below(const char *root, const char *path, struct facts *facts, struct error *err)
{
	struct words names = { 0 };
	char real[PATH_MAX];
	int r;

	/* What is wrong with the path is told of it. */
	if (tree_resolve(root, path, is_left_alone, facts, real, sizeof(real), err) < 0 ||
	    is_remote(facts, real))
		return 0;
	r = tree_list(root, real, &names);
	if (r < 0)
		error_errno(err, r, "cannot list %s", path);
	for (size_t i = 0; r >= 0 && i < names.count; i++) {
		char child[PATH_MAX];

		r = text_format(child, sizeof(child), "%s/%s", path, names.items[i]);
		if (r < 0)
			error_errno(err, r, "cannot look below %s", path);
		else
			r = look_at(root, child, facts, err);
	}
	words_done(&names);
	return r;
}

static int find_links(const char *root, const struct spec *spec, struct facts *facts,
		      struct error *err)
{
	char path[PATH_TEXT_MAX];
	int r = 0;

	if (spec->mount_point[0] != '\0')
		return look_at(root, spec->mount_point, facts, err);
	if (spec->roles & (ROLE_MGS | ROLE_MDS | ROLE_OSS)) {
		r = look_at(root, MOUNT_BASE_TARGETS, facts, err);
		if (r >= 0)
			r = look_below(root, MOUNT_BASE_TARGETS, facts, err);
	}
	if (r >= 0 && spec->roles & ROLE_CLIENT) {
		snprintf(path, sizeof(path), MOUNT_BASE_CLIENT "/%s", spec->fsname);
		r = look_at(root, path, facts, err);
	}
	return r;
}

/* 1: it was read; 0: it is no such file, for good. */
static int read_unit(const char *root, const char *path, char **ret)
{
	int r = file_read(root, path, UNIT_TEXT_MAX, ret, /* ret_size= */ NULL, /* err= */ NULL);

	if (r == -ENOENT || r == -ENOTDIR || r == -ELOOP || r == -EISDIR || r == -EFBIG ||
	    r == -ENOTSUP)
		return 0;
	return r < 0 ? r : 1;
}

/* One that is too long may say anything. */
static int may_have_text(const char *root, const char *path, const char *wanted)
{
	cleanup(free_pointer) char *text = NULL;
	int r = read_unit(root, path, &text);

	return r > 0 ? strstr(text, wanted) != NULL : r < 0 ? r : 1;
}

/*
 * A drop-in without a file in it changes nothing. One for all mounts there are ("mount.d") may be
 * the distribution's or the site's own, and is in the way only where it changes how things are
 * mounted.
 */
static int changes_mounts(const char *root, const char *directory, bool of_all)
{
	struct words names = { 0 };
	int r = tree_list(root, directory, &names);

	for (size_t i = 0; i < names.count && r == 0; i++) {
		char path[PATH_MAX];

		if (!ends_with(names.items[i], ".conf"))
			continue;
		r = 1;
		if (of_all &&
		    text_format(path, sizeof(path), "%s/%s", directory, names.items[i]) == 0)
			r = may_have_text(root, path, "[Mount]");
	}
	words_done(&names);
	return r;
}

/* One that another program has put where ours go would be written over. */
static int is_anothers(const char *root, const char *path)
{
	cleanup(free_pointer) char *text = NULL;
	int r = read_unit(root, path, &text);

	return r > 0 ? strncmp(text, UNIT_HEADLINE, strlen(UNIT_HEADLINE)) != 0 : r < 0 ? r : 1;
}

/* 1 for a file or a folder that decides over the mounts of the unit that it is for. */
static int wins(const char *root, const char *directory, bool before, const char *path)
{
	if (ends_with(path, ".mount") && before)
		return 1;
	if (ends_with(path, ".mount"))
		return strcmp(directory, OUR_UNITS) == 0 ? is_anothers(root, path) : 0;
	if (ends_with(path, ".mount.d") || ends_with(path, "/mount.d"))
		return changes_mounts(root, path, ends_with(path, "/mount.d"));
	return 0;
}

static int find_units_in(const char *root, const char *directory, bool before, struct facts *facts,
			 struct error *err)
{
	struct words names = { 0 };
	int r = tree_list(root, directory, &names);

	if (r < 0)
		error_errno(err, r, "cannot look at the units in %s", directory);
	for (size_t i = 0; r >= 0 && i < names.count; i++) {
		char path[PATH_MAX];

		if (text_format(path, sizeof(path), "%s/%s", directory, names.items[i]) < 0)
			continue;
		r = wins(root, directory, before, path);
		if (r > 0)
			r = words_add(&facts->mount_units, path);
		if (r < 0)
			error_errno(err, r, "cannot tell whether %s is in the way of our mounts",
				    path);
	}
	words_done(&names);
	return r;
}

static int find_units(const char *root, struct facts *facts, struct error *err)
{
	size_t count = sizeof(unit_directories) / sizeof(unit_directories[0]);
	int r = 0;

	for (size_t i = 0; r >= 0 && i < count; i++)
		r = find_units_in(root, unit_directories[i].directory, unit_directories[i].before,
				  facts, err);
	return r;
}

static int read_fstab(const char *root, struct libmnt_table *table, struct facts *facts)
{
	struct libmnt_iter *iterator = mnt_new_iter(MNT_ITER_FORWARD);
	struct libmnt_fs *fs;
	int r = iterator ? 0 : -ENOMEM;

	while (r >= 0 && iterator && mnt_table_next_fs(table, iterator, &fs) == 0) {
		const char *target = mnt_fs_get_target(fs);
		char real[PATH_MAX];

		if (!target || target[0] != '/' || mnt_fs_is_swaparea(fs))
			continue;
		if (tree_resolve(root, target, is_left_alone, facts, real, sizeof(real),
				 /* err= */ NULL) < 0)
			r = words_add(&facts->fstab, target);
		else
			r = words_add(&facts->fstab, real);
	}
	mnt_free_iter(iterator);
	return r;
}

static int find_fstab(const char *root, struct facts *facts, struct error *err)
{
	struct libmnt_table *table;
	char path[PATH_MAX];
	int r;

	if (!tree_exists(root, "/etc/fstab"))
		return 0;
	table = mnt_new_table();
	if (!table)
		return error_set(err, -ENOMEM, "out of memory reading /etc/fstab");
	r = text_format(path, sizeof(path), "%s/etc/fstab", root);
	if (r == 0)
		r = mnt_table_parse_file(table, path);
	if (r == 0)
		r = read_fstab(root, table, facts);
	mnt_unref_table(table);
	return r == 0 ? 0 : error_errno(err, r < 0 ? r : -EIO, "cannot read /etc/fstab");
}

int mount_points_observe(const char *root, const struct spec *spec, struct facts *facts,
			 struct error *err)
{
	int r;

	if (spec->roles == 0)
		return 0;
	r = find_links(root, spec, facts, err);
	if (r < 0)
		return r;
	r = find_units(root, facts, err);
	if (r < 0)
		return r;
	return find_fstab(root, facts, err);
}
