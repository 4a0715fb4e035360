/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Preloaded into the client: its wall clock steps, as when NTP first sets a clock at boot. The
 * monotonic clock goes on. CLOCK_STEP_AFTER_MS: when, from the first look at a clock; or
 * CLOCK_STEP_WHEN: once this file is there. CLOCK_STEP_BY_DAYS: how far, back if negative.
 */

#include <stdbool.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static int real_clock(clockid_t clock, struct timespec *now)
{
	return (int)syscall(SYS_clock_gettime, clock, now);
}

static long number(const char *name)
{
	const char *text = getenv(name);

	return text ? strtol(text, NULL, 10) : 0;
}

static bool has_stepped(void)
{
	const char *file = getenv("CLOCK_STEP_WHEN");
	static struct timespec began;
	struct timespec now;

	if (file)
		return access(file, F_OK) == 0;
	real_clock(CLOCK_MONOTONIC, &now);
	if (began.tv_sec == 0)
		began = now;
	return (now.tv_sec - began.tv_sec) * 1000 + (now.tv_nsec - began.tv_nsec) / 1000000 >=
	       number("CLOCK_STEP_AFTER_MS");
}

int clock_gettime(clockid_t clock, struct timespec *now)
{
	bool stepped = has_stepped();
	int r = real_clock(clock, now);

	if (r == 0 && stepped && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
		now->tv_sec += number("CLOCK_STEP_BY_DAYS") * 86400;
	return r;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone)
{
	struct timespec precise;

	(void)zone;
	clock_gettime(CLOCK_REALTIME, &precise);
	*now = (struct timeval){ .tv_sec = precise.tv_sec, .tv_usec = precise.tv_nsec / 1000 };
	return 0;
}

time_t time(time_t *ret)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	if (ret)
		*ret = now.tv_sec;
	return now.tv_sec;
}
