/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Small files. Every read takes a root ("" for the running system), so that a recorded machine can
 * be read in place of this one, and a limit, since nothing outside is trusted to be short.
 */

#include "base/error.h"

#include <stddef.h>

/*
 * Reads ROOT/PATH whole. More than `limit` bytes is -EFBIG. *ret_data is NUL-terminated beyond
 * *ret_size and freed by the caller; ret_size may be NULL. A missing file is -ENOENT. A FIFO is not
 * waited for (-ENOTSUP).
 */
int file_read(const char *root, const char *path, size_t limit, char **ret_data, size_t *ret_size,
	      struct error *err);

/* The same of what is open already, also a pipe or a socket, from where it stands; it is told as
 * `name`. */
int file_read_open(int fd, const char *name, size_t limit, char **ret_data, size_t *ret_size,
		   struct error *err);

/*
 * -ENOTCONN where ROOT/PATH, or a directory on the way to it, is a link to what is not there, as a
 * disk that is not mounted yet: nobody knows then what it holds. Else 0, and it may be missing.
 */
int file_check_links(const char *root, const char *path, struct error *err);

/* file_read() of what was kept, and is not missing because of a link: file_check_links() first. */
int file_read_kept(const char *root, const char *path, size_t limit, char **ret_data,
		   size_t *ret_size, struct error *err);

/*
 * Reads a sysfs-like attribute of one line into `line`, without the blanks around it (NVMe models
 * are padded to 40 characters). Without one `line` is "": -ENOENT where it is absent, or its device
 * is; -ENODATA where the driver does not give it; -EFBIG where it is longer than `size` allows. Any
 * other code says nothing of what is there.
 */
int file_read_attribute(const char *root, const char *path, char *line, size_t size);

/* The same of what may have none: 0 as well where it is absent, has no value or is too long. */
int file_read_optional(const char *root, const char *path, char *line, size_t size);

/* The same for what may be missing without harm: false for whatever reason. */
bool file_read_line(const char *root, const char *path, char *line, size_t size);

/*
 * Replaces PATH: temporary file, fsync, rename, fsync of the directory; missing parent directories
 * are made (0755). After a power cut either the old or the new content is there. mode as in
 * open(2).
 */
int file_replace(const char *path, const void *data, size_t size, unsigned mode, struct error *err);

/* Makes PATH and its parents (0755); an existing directory is fine. */
int file_make_directory(const char *path, struct error *err);
