/* SPDX-License-Identifier: Apache-2.0 */
#include "effect/mount_point.h"

#include "base/cleanup.h"
#include "base/errno_text.h"
#include "base/file.h"
#include "base/text.h"
#include "base/words.h"
#include "effect/mounted.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/fs.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

/* Even without the flag nobody writes there but who may write anywhere. */
#define MOUNT_POINT_MODE 0555
#define PARENT_MODE      0755

static int read_list(const char *list, struct words *ret, struct error *err)
{
	cleanup(free_pointer) char *text = NULL;
	int r = file_read("", list, MOUNT_POINTS_MAX, &text, /* ret_size= */ NULL, err);

	if (r == -ENOENT)
		return 0;
	if (r >= 0 && words_split(ret, text, "\n") < 0)
		r = error_set(err, -ENOMEM, "out of memory reading %s", list);
	return r;
}

static int write_list(const char *list, const struct words *made, struct error *err)
{
	cleanup(free_pointer) char *text = NULL;
	size_t size = 0;
	FILE *stream = made->failed ? NULL : open_memstream(&text, &size);

	for (size_t i = 0; stream && i < made->count; i++)
		fprintf(stream, "%s\n", made->items[i]);
	if (!stream || fclose(stream) != 0)
		return error_set(err, -ENOMEM, "out of memory writing %s", list);
	if (size >= MOUNT_POINTS_MAX)
		return error_set(err, -EFBIG, "%s would be too long", list);
	return file_replace(list, text, size, 0600, err);
}

/* What is mounted on has another device than what it is in, or is a root itself. */
static bool is_mounted_on(int fd)
{
	struct stat self, parent;

	return fstat(fd, &self) < 0 || fstatat(fd, "..", &parent, 0) < 0 ||
	       self.st_dev != parent.st_dev || self.st_ino == parent.st_ino;
}

static int open_directory(const char *path)
{
	return open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

static bool is_empty(const char *path)
{
	cleanup(close_directory) DIR *directory = opendir(path);
	const struct dirent *entry;

	while (directory && (entry = readdir(directory)))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			return false;
	return directory != NULL;
}

static int set_immutable(int fd, bool immutable)
{
	int flags = 0;

	if (ioctl(fd, FS_IOC_GETFLAGS, &flags) < 0)
		return -errno;
	flags = immutable ? flags | FS_IMMUTABLE_FL : flags & ~FS_IMMUTABLE_FL;
	return ioctl(fd, FS_IOC_SETFLAGS, &flags) < 0 ? -errno : 0;
}

/* tmpfs and overlayfs know no such flag before Linux 6.6 and 5.13; and others never will. */
static bool is_unknown_flag(int r)
{
	return r == -ENOTTY || r == -EOPNOTSUPP || r == -EINVAL || r == -ENOSYS;
}

static int protect(const char *path, struct error *err)
{
	cleanup(close_fd) int fd = open_directory(path);
	int r;

	if (fd < 0)
		return error_errno(err, -errno, "cannot open %s", path);
	if (is_mounted_on(fd) || !is_empty(path))
		return 0;
	r = set_immutable(fd, true);
	return r == 0 || is_unknown_flag(r)
		       ? 0
		       : error_errno(err, r, "%s cannot be made immutable", path);
}

/* The path of the directory that ends at where[length], below the root. */
static int path_of_part(const char *root, const char *where, size_t length, char path[PATH_MAX],
			struct error *err)
{
	int r = text_format(path, PATH_MAX, "%s%.*s", root, (int)length, where);

	return r < 0 ? error_errno(err, r, "%s%s", root, where) : 0;
}

/* The length of the first part of `where` that is longer; 0 after the last. */
static size_t next_part(const char *where, size_t length)
{
	if (where[length] == '\0')
		return 0;
	return length + 1 + strcspn(where + length + 1, "/");
}

/* Puts all that is missing on the list: what is not on it would never be taken away. */
static int list_missing(const char *root, const char *list, struct words *made, const char *where,
			struct error *err)
{
	const size_t before = made->count;
	char path[PATH_MAX];
	struct stat status;

	for (size_t n = next_part(where, 0); n > 0; n = next_part(where, n)) {
		char part[PATH_MAX];
		int r = path_of_part(root, where, n, path, err);

		if (r < 0)
			return r;
		snprintf(part, sizeof(part), "%.*s", (int)n, where);
		if (stat(path, &status) < 0 && !words_contain(made, part))
			words_add(made, part);
	}
	return made->count > before || made->failed ? write_list(list, made, err) : 0;
}

/* One of ours that was mounted on, and is to hold another mount point now. */
static int open_for_others(const char *path)
{
	cleanup(close_fd) int fd = open_directory(path);
	int r;

	if (fd < 0)
		return -errno;
	if (is_mounted_on(fd))
		return -EBUSY;
	r = set_immutable(fd, false);
	if (r < 0 && !is_unknown_flag(r))
		return r;
	return fchmod(fd, PARENT_MODE) < 0 ? -errno : 0;
}

/* The last directory of `path`, which is below one that is `listed`, or not. */
static int make_one(const char *path, const char *parent, bool listed, mode_t mode)
{
	int r = mkdir(path, mode) < 0 ? -errno : 0;

	if ((r == -EPERM || r == -EACCES) && listed && open_for_others(parent) == 0)
		r = mkdir(path, mode) < 0 ? -errno : 0;
	return r == -EEXIST ? 0 : r;
}

static int make_missing(const char *root, const struct words *made, const char *where,
			struct error *err)
{
	char path[PATH_MAX], parent[PATH_MAX];
	int r = path_of_part(root, where, 0, parent, err);

	for (size_t n = next_part(where, 0); r == 0 && n > 0; n = next_part(where, n)) {
		bool listed = words_contain(made, parent + strlen(root));

		r = path_of_part(root, where, n, path, err);
		if (r < 0)
			break;
		r = make_one(path, parent, listed,
			     where[n] == '/' ? PARENT_MODE : MOUNT_POINT_MODE);
		if (r < 0)
			return error_errno(err, r, "cannot make directory %s", path);
		memcpy(parent, path, sizeof(parent));
	}
	return r;
}

int mount_point_make(const char *root, const char *list, const char *where, struct error *err)
{
	cleanup(words_done) struct words made = { 0 };
	char path[PATH_MAX];
	int r = read_list(list, &made, err);

	if (r >= 0)
		r = list_missing(root, list, &made, where, err);
	if (r >= 0)
		r = make_missing(root, &made, where, err);
	if (r < 0 || !words_contain(&made, where))
		return r;
	r = text_format(path, sizeof(path), "%s%s", root, where);
	return r < 0 ? error_errno(err, r, "%s%s", root, where) : protect(path, err);
}

/* NULL when it is gone, else why not. */
static const char *remove_one(const char *path)
{
	cleanup(close_fd) int fd = open_directory(path);

	if (fd < 0)
		return errno == ENOENT ? NULL : "it is no directory any more";
	if (is_mounted_on(fd))
		return "something is mounted there";
	if (!is_empty(path))
		return "it is not empty";
	set_immutable(fd, false);
	return rmdir(path) == 0 ? NULL : errno_text(errno);
}

/* By the table alone: to look at what does not answer has no end. */
static bool is_in_table(const char *root, const char *where)
{
	char table[PATH_MAX];

	return text_format(table, sizeof(table), "%s/proc/self/mountinfo", root) >= 0 &&
	       mounted_is_any(table, where);
}

static const char *take_away(const char *root, const char *where)
{
	char path[PATH_MAX];

	if (is_in_table(root, where))
		return "something is mounted there";
	if (text_format(path, sizeof(path), "%s%s", root, where) < 0)
		return "its name is too long";
	return remove_one(path);
}

/* What stays is ours still. */
static int forget_gone(const char *root, const char *list, const struct words *made,
		       struct error *err)
{
	cleanup(words_done) struct words left = { 0 };
	char path[PATH_MAX];
	struct stat status;

	for (size_t i = 0; i < made->count; i++)
		if (is_in_table(root, made->items[i]) ||
		    (text_format(path, sizeof(path), "%s%s", root, made->items[i]) >= 0 &&
		     lstat(path, &status) == 0))
			words_add(&left, made->items[i]);
	if (left.count > 0 || left.failed)
		return write_list(list, &left, err);
	return unlink(list) < 0 && errno != ENOENT
		       ? error_errno(err, -errno, "cannot remove %s", list)
		       : 0;
}

int mount_point_remove_all(const char *root, const char *list, mount_point_told_fn told,
			   struct error *err)
{
	cleanup(words_done) struct words made = { 0 };
	int r = read_list(list, &made, err);

	if (r < 0 || made.count == 0)
		return r;
	/* Parents were made first. */
	for (size_t i = made.count; i > 0; i--)
		told(made.items[i - 1], take_away(root, made.items[i - 1]));
	return forget_gone(root, list, &made, err);
}
