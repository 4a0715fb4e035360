/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Scope-bound ownership. A variable that owns something says so where it is declared:
 *
 *	cleanup(free_pointer) char *text = NULL;
 *
 * and gives it away with take_pointer(). Destructors accept NULL and half-built objects.
 */

#include <dirent.h>
#include <stdlib.h>
#include <unistd.h>

#define cleanup(destructor) __attribute__((cleanup(destructor)))

#define take_pointer(pointer)                         \
	({                                            \
		__typeof__(pointer) *p_ = &(pointer); \
		__typeof__(pointer) taken_ = *p_;     \
		*p_ = NULL;                           \
		taken_;                               \
	})

static inline int take_fd(int *fd)
{
	const int taken = *fd;

	*fd = -1;
	return taken;
}

static inline void free_pointer(void *pointer)
{
	free(*(void **)pointer);
}

static inline void close_fd(const int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static inline void close_directory(DIR **directory)
{
	if (*directory)
		closedir(*directory);
}
