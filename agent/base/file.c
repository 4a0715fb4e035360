/* SPDX-License-Identifier: Apache-2.0 */
#include "base/file.h"

#include "base/cleanup.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static int join(char *full, size_t size, const char *root, const char *path, struct error *err)
{
	int length = snprintf(full, size, "%s%s", root ? root : "", path);

	if (length < 0 || (size_t)length >= size)
		return error_set(err, -ENAMETOOLONG, "%s: path too long", path);
	return 0;
}

/* Reads up to `size` bytes, across short reads. Returns the number read, or a negative errno. */
static ssize_t read_up_to(int fd, char *data, size_t size)
{
	size_t used = 0;

	while (used < size) {
		ssize_t n = read(fd, data + used, size - used);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		used += (size_t)n;
	}
	return (ssize_t)used;
}

int file_read_open(int fd, const char *name, size_t limit, char **ret_data, size_t *ret_size,
		   struct error *err)
{
	cleanup(free_pointer) char *data = malloc(limit + 2);
	ssize_t size;

	if (!data)
		return error_set(err, -ENOMEM, "out of memory reading %s", name);
	size = read_up_to(fd, data, limit + 1);
	if (size < 0)
		return error_errno(err, (int)size, "cannot read %s", name);
	if ((size_t)size > limit)
		return error_set(err, -EFBIG, "%s is larger than %zu bytes", name, limit);
	data[size] = '\0';
	*ret_data = take_pointer(data);
	if (ret_size)
		*ret_size = (size_t)size;
	return 0;
}

/* open(2) of a FIFO waits for who writes into it. What else cannot be told is open's. */
static bool is_fifo(const char *full)
{
	struct stat found;

	return stat(full, &found) == 0 && S_ISFIFO(found.st_mode);
}

int file_read(const char *root, const char *path, size_t limit, char **ret_data, size_t *ret_size,
	      struct error *err)
{
	cleanup(close_fd) int fd = -1;
	char full[PATH_MAX];
	int r;

	r = join(full, sizeof(full), root, path, err);
	if (r < 0)
		return r;
	if (is_fifo(full))
		return error_set(err, -ENOTSUP, "%s is a FIFO, and no file", full);
	fd = open(full, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return error_errno(err, -errno, "cannot open %s", full);
	return file_read_open(fd, full, limit, ret_data, ret_size, err);
}

/* The first `length` bytes of the path, as a path. */
static bool is_dead_link(const char *path, size_t length, bool *ret_absent)
{
	char part[PATH_MAX];
	struct stat found;

	memcpy(part, path, length);
	part[length] = '\0';
	*ret_absent = lstat(part, &found) < 0;
	return !*ret_absent && S_ISLNK(found.st_mode) && stat(part, &found) < 0 && errno == ENOENT;
}

int file_check_links(const char *root, const char *path, struct error *err)
{
	char full[PATH_MAX];
	bool absent = false;
	int r = join(full, sizeof(full), root, path, err);

	for (size_t i = 1; r == 0 && !absent && i <= strlen(full); i++)
		if ((full[i] == '/' || full[i] == '\0') && is_dead_link(full, i, &absent))
			r = error_set(err, -ENOTCONN, "%.*s is a link to what is not there", (int)i,
				      full);
	return r;
}

int file_read_kept(const char *root, const char *path, size_t limit, char **ret_data,
		   size_t *ret_size, struct error *err)
{
	int r = file_check_links(root, path, err);

	return r < 0 ? r : file_read(root, path, limit, ret_data, ret_size, err);
}

/* Is there nothing behind what filled the buffer, or at least no more of its first line? */
static bool ends_there(int fd, const char *line)
{
	char next;

	return strchr(line, '\n') || read(fd, &next, 1) == 0 || next == '\n';
}

static bool is_absence(int code)
{
	return code == -ENOENT || code == -ENOTDIR || code == -ENODEV || code == -ENXIO;
}

/* What a driver answers that has none; EIO is no answer. */
static bool is_without_value(int code)
{
	return code == -EINVAL || code == -EOPNOTSUPP || code == -ENODATA;
}

/* Up to `size` - 1 bytes of what may be one line. */
static int read_attribute(const char *root, const char *path, char *line, size_t size)
{
	cleanup(close_fd) int fd = -1;
	char full[PATH_MAX];
	ssize_t n;

	if (join(full, sizeof(full), root, path, /* err= */ NULL) < 0)
		return -ENAMETOOLONG;
	fd = open(full, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return is_absence(-errno) ? -ENOENT : -errno;
	n = read_up_to(fd, line, size - 1);
	if (n < 0)
		return is_absence((int)n) ? -ENOENT : is_without_value((int)n) ? -ENODATA : (int)n;
	line[n] = '\0';
	return (size_t)n == size - 1 && !ends_there(fd, line) ? -EFBIG : 0;
}

int file_read_attribute(const char *root, const char *path, char *line, size_t size)
{
	char *start = line;
	int r = read_attribute(root, path, line, size);

	if (r < 0) {
		line[0] = '\0';
		return r;
	}
	line[strcspn(line, "\n")] = '\0';
	while (isspace((unsigned char)*start))
		start++;
	memmove(line, start, strlen(start) + 1);
	for (size_t end = strlen(line); end > 0 && isspace((unsigned char)line[end - 1]); end--)
		line[end - 1] = '\0';
	return 0;
}

int file_read_optional(const char *root, const char *path, char *line, size_t size)
{
	int r = file_read_attribute(root, path, line, size);

	return r == -ENOENT || r == -ENODATA || r == -EFBIG ? 0 : r;
}

bool file_read_line(const char *root, const char *path, char *line, size_t size)
{
	return file_read_attribute(root, path, line, size) == 0;
}

int file_make_directory(const char *path, struct error *err)
{
	char partial[PATH_MAX];
	size_t length = strlen(path);

	if (length == 0 || length >= sizeof(partial))
		return error_set(err, -ENAMETOOLONG, "%s: path too long", path);
	memcpy(partial, path, length + 1);
	for (size_t i = 1; i <= length; i++) {
		if (partial[i] != '/' && partial[i] != '\0')
			continue;
		partial[i] = '\0';
		if (mkdir(partial, 0755) < 0 && errno != EEXIST)
			return error_errno(err, -errno, "cannot make directory %s", partial);
		partial[i] = path[i];
	}
	return 0;
}

static int sync_parent(const char *directory, struct error *err)
{
	cleanup(close_fd) int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 || fsync(fd) < 0)
		return error_errno(err, -errno, "cannot flush directory %s", directory);
	return 0;
}

static int write_all(int fd, const char *path, const void *data, size_t size, struct error *err)
{
	size_t written = 0;

	while (written < size) {
		ssize_t n = write(fd, (const char *)data + written, size - written);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_errno(err, -errno, "cannot write %s", path);
		written += (size_t)n;
	}
	if (fsync(fd) < 0)
		return error_errno(err, -errno, "cannot flush %s", path);
	return 0;
}

/* Where there is no room for all of it, what there is of it would only take more. */
static int write_and_sync(const char *path, const void *data, size_t size, unsigned mode,
			  struct error *err)
{
	cleanup(close_fd) int fd =
		open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode);
	int r;

	if (fd < 0)
		return error_errno(err, -errno, "cannot create %s", path);
	r = write_all(fd, path, data, size, err);
	if (r < 0)
		unlink(path);
	return r;
}

int file_replace(const char *path, const void *data, size_t size, unsigned mode, struct error *err)
{
	char directory[PATH_MAX], temporary[PATH_MAX];
	const char *slash = strrchr(path, '/');
	int r;

	if (!slash || slash == path || strlen(path) + sizeof(".new") > sizeof(temporary))
		return error_set(err, -EINVAL, "%s: not a usable absolute path", path);
	snprintf(directory, sizeof(directory), "%.*s", (int)(slash - path), path);
	snprintf(temporary, sizeof(temporary), "%s.new", path);
	r = file_make_directory(directory, err);
	if (r < 0)
		return r;
	r = write_and_sync(temporary, data, size, mode, err);
	if (r < 0)
		return r;
	if (rename(temporary, path) < 0)
		return error_errno(err, -errno, "cannot rename %s", temporary);
	return sync_parent(directory, err);
}
