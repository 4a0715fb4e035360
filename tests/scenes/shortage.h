/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A program with few file descriptors, or none left: then every open(2) fails with EMFILE. Include
 * <cmocka.h> before. */

#include <sys/resource.h>

struct shortage {
	struct rlimit before;
};

static inline void shortage_of(struct shortage *shortage, rlim_t descriptors)
{
	struct rlimit few;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &shortage->before), 0);
	few = (struct rlimit){ .rlim_cur = descriptors, .rlim_max = shortage->before.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
}

static inline void shortage_begin(struct shortage *shortage)
{
	shortage_of(shortage, 0);
}

static inline void shortage_end(const struct shortage *shortage)
{
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &shortage->before), 0);
}
