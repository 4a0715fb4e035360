/* SPDX-License-Identifier: Apache-2.0 */
#include "base/readahead.h"

#include "base/cleanup.h"

#include <fcntl.h>
#include <sys/stat.h>

void readahead_file(const char *path, uint64_t *budget)
{
	cleanup(close_fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat status;

	if (fd < 0 || fstat(fd, &status) < 0 || !S_ISREG(status.st_mode) || status.st_size <= 0 ||
	    (uint64_t)status.st_size > *budget)
		return;
	if (posix_fadvise(fd, 0, status.st_size, POSIX_FADV_WILLNEED) == 0)
		*budget -= (uint64_t)status.st_size;
}
