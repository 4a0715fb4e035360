/* SPDX-License-Identifier: Apache-2.0 */
#include "base/tree.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "base/text.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAMES_MAX     4096
#define MAPPER_PREFIX "/dev/mapper/"
#define LINKS_MAX     40 /* as of the kernel (path_resolution(7)) */

static bool join(char full[PATH_MAX], const char *root, const char *path)
{
	int length = snprintf(full, PATH_MAX, "%s%s", root, path);

	return length >= 0 && length < PATH_MAX;
}

/* Of a look that failed: nothing is there, or nothing is known. */
static int unless_absent(int code)
{
	return code == ENOENT || code == ENOTDIR ? 0 : -code;
}

static int compare_names(const void *a, const void *b)
{
	return strverscmp(*(char *const *)a, *(char *const *)b);
}

static int read_names(DIR *directory, struct words *names)
{
	struct dirent *entry;

	while (errno = 0, (entry = readdir(directory))) {
		if (entry->d_name[0] == '.')
			continue;
		if (names->count == NAMES_MAX)
			return -E2BIG;
		if (words_add(names, entry->d_name) < 0)
			return -ENOMEM;
	}
	return -errno;
}

int tree_list(const char *root, const char *directory, struct words *ret)
{
	cleanup(close_directory) DIR *open_directory = NULL;
	struct words names = { 0 };
	char full[PATH_MAX];
	int r;

	if (!join(full, root, directory))
		return -ENAMETOOLONG;
	open_directory = opendir(full);
	if (!open_directory)
		return unless_absent(errno);
	r = read_names(open_directory, &names);
	if (r < 0) {
		words_done(&names);
		return r;
	}
	if (names.count > 0)
		qsort(names.items, names.count, sizeof(*names.items), compare_names);
	*ret = names;
	return 0;
}

int tree_exists(const char *root, const char *path)
{
	char full[PATH_MAX];

	if (!join(full, root, path))
		return -ENAMETOOLONG;
	return access(full, F_OK) == 0 ? 1 : unless_absent(errno);
}

int tree_link_name(const char *root, const char *path, char *name, size_t size)
{
	char full[PATH_MAX], target[PATH_MAX];
	const char *slash;
	ssize_t length;

	name[0] = '\0';
	if (!join(full, root, path))
		return -ENAMETOOLONG;
	length = readlink(full, target, sizeof(target) - 1);
	if (length < 0)
		return errno == EINVAL ? 0
				       : unless_absent(errno); /* what is no link leads nowhere */
	if (length == sizeof(target) - 1)
		return 0;
	target[length] = '\0';
	slash = strrchr(target, '/');
	if (text_take(name, size, slash ? slash + 1 : target) < 0)
		name[0] = '\0';
	return 0;
}

int tree_real_path(const char *root, const char *path, char *real, size_t size)
{
	char full[PATH_MAX], whole_root[PATH_MAX] = "", found[PATH_MAX];
	size_t skip;

	real[0] = '\0';
	if (root[0] != '\0' && !realpath(root, whole_root))
		return unless_absent(errno);
	skip = strlen(whole_root);
	if (!join(full, root, path))
		return -ENAMETOOLONG;
	if (!realpath(full, found))
		return errno == ELOOP ? 0 : unless_absent(errno);
	/* A link of a recorded tree that leads out of it leads nowhere. */
	if (strncmp(found, whole_root, skip) != 0 || found[skip] != '/' ||
	    text_take(real, size, found + skip) < 0)
		real[0] = '\0';
	return 0;
}

/* A path while its links are followed. */
struct walk {
	const char *root;
	char done[PATH_MAX]; /* no links in it any more; "" for "/" */
	char rest[PATH_MAX]; /* still to be gone */
	bool absent;         /* nothing from here on is there */
	bool (*is_left_alone)(const char *path, const void *userdata);
	const void *userdata;
	unsigned links;
};

/* What the link says comes before what is still to be gone. */
static int follow(struct walk *walk, const char *full, struct error *err)
{
	char target[PATH_MAX], rest[PATH_MAX];
	ssize_t length = readlink(full, target, sizeof(target) - 1);

	if (length < 0)
		return error_errno(err, -errno, "%s", full);
	target[length] = '\0';
	if (++walk->links > LINKS_MAX)
		return error_set(err, -ELOOP, "%s is one of a ring of symbolic links", full);
	if (text_format(rest, sizeof(rest), "%s/%s", target, walk->rest) < 0)
		return error_set(err, -ENAMETOOLONG, "%s leads to a path that is too long", full);
	memcpy(walk->rest, rest, sizeof(rest));
	if (target[0] == '/')
		walk->done[0] = '\0';
	return 0;
}

static int enter(struct walk *walk, const char *name, struct error *err)
{
	char here[PATH_MAX], full[PATH_MAX];
	struct stat status;

	if (text_format(here, sizeof(here), "%s/%s", walk->done, name) < 0 ||
	    !join(full, walk->root, here))
		return error_set(err, -ENAMETOOLONG, "%s: the path is too long", walk->done);
	if (walk->is_left_alone && walk->is_left_alone(here, walk->userdata)) {
		memcpy(walk->done, here, sizeof(here));
		return 0;
	}
	if (!walk->absent && lstat(full, &status) < 0) {
		if (errno != ENOENT)
			return error_errno(err, -errno, "%s", full);
		walk->absent = true;
	}
	if (!walk->absent && S_ISLNK(status.st_mode))
		return follow(walk, full, err);
	if (!walk->absent && !S_ISDIR(status.st_mode))
		return error_set(err, -ENOTDIR, "%s is there, and no directory", full);
	memcpy(walk->done, here, sizeof(here));
	return 0;
}

static void leave(struct walk *walk)
{
	char *slash = strrchr(walk->done, '/');

	if (slash)
		*slash = '\0';
}

int tree_resolve(const char *root, const char *path,
		 bool (*is_left_alone)(const char *path, const void *userdata),
		 const void *userdata, char *real, size_t size, struct error *err)
{
	struct walk walk = { .root = root, .is_left_alone = is_left_alone, .userdata = userdata };
	int r = text_format(walk.rest, sizeof(walk.rest), "%s", path);

	if (r < 0)
		return error_set(err, r, "the path is too long");
	while (r == 0 && walk.rest[strspn(walk.rest, "/")] != '\0') {
		const char *at = walk.rest + strspn(walk.rest, "/");
		size_t length = strcspn(at, "/");
		char name[PATH_MAX];

		snprintf(name, sizeof(name), "%.*s", (int)length, at);
		memmove(walk.rest, at + length, strlen(at + length) + 1);
		if (strcmp(name, "..") == 0)
			leave(&walk);
		else if (strcmp(name, ".") != 0)
			r = enter(&walk, name, err);
	}
	if (r == 0 && text_format(real, size, "%s", walk.done[0] ? walk.done : "/") < 0)
		r = error_set(err, -ENAMETOOLONG, "%s leads to a path that is too long", path);
	return r;
}

/* The kernel name of the device-mapper device that is called `mapped`. */
static int mapper_device_name(const char *root, const char *mapped, char *name, size_t size)
{
	struct words devices = { 0 };
	int r = tree_list(root, "/sys/block", &devices);

	for (size_t i = 0; r >= 0 && i < devices.count; i++) {
		char path[PATH_MAX], line[256];

		if (strncmp(devices.items[i], "dm-", 3) != 0)
			continue;
		snprintf(path, sizeof(path), "/sys/block/%s/dm/name", devices.items[i]);
		r = file_read_optional(root, path, line, sizeof(line));
		if (r == 0 && strcmp(line, mapped) == 0 &&
		    text_take(name, size, devices.items[i]) < 0)
			name[0] = '\0';
	}
	words_done(&devices);
	return r;
}

int tree_device_name(const char *root, const char *path, char *name, size_t size)
{
	char real[PATH_MAX], node[PATH_MAX];
	const char *slash;
	int r;

	name[0] = '\0';
	if (strncmp(path, MAPPER_PREFIX, strlen(MAPPER_PREFIX)) == 0)
		return mapper_device_name(root, path + strlen(MAPPER_PREFIX), name, size);
	if (strncmp(path, "/dev/", 5) != 0)
		return 0;
	r = tree_real_path(root, path, real, sizeof(real));
	slash = strrchr(real, '/');
	if (r < 0 || !slash)
		return r;
	snprintf(node, sizeof(node), "/sys/class/block/%s", slash + 1);
	r = tree_exists(root, node);
	if (r > 0 && text_take(name, size, slash + 1) < 0)
		name[0] = '\0';
	return r < 0 ? r : 0;
}
