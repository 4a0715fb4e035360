/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Time that only goes forward: cloud clocks are stepped in mid-boot. */

#include <stdint.h>
#include <time.h>

/* Microseconds of CLOCK_MONOTONIC. */
static inline uint64_t clock_now_usec(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}
