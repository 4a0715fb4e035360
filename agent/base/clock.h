/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Time that only goes forward: cloud clocks are stepped in mid-boot. */

#include <stdint.h>
#include <time.h>

static inline uint64_t clock_usec(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

/* Microseconds of CLOCK_MONOTONIC. */
static inline uint64_t clock_now_usec(void)
{
	return clock_usec(CLOCK_MONOTONIC);
}

/*
 * How long the machine slept since it booted (suspend, hibernation): CLOCK_BOOTTIME goes on then,
 * CLOCK_MONOTONIC does not, and nobody can set either. 0 while it never slept; the clocks are read
 * one after the other, so that it may be some microseconds more.
 */
static inline uint64_t clock_slept_usec(void)
{
	uint64_t awake = clock_usec(CLOCK_MONOTONIC);

	return clock_usec(CLOCK_BOOTTIME) - awake;
}
