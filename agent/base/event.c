/* SPDX-License-Identifier: Apache-2.0 */
#include "base/event.h"

#include "base/clock.h"

#include <errno.h>
#include <sys/random.h>

/* Not the loop's own now: that stands still while a handler works, or waits for the journal. */
static int from_now(clockid_t clock, uint64_t usec, uint64_t *ret)
{
	uint64_t now = clock_usec(clock);

	if (usec >= UINT64_MAX - now) /* the last one is "never" */
		return -EOVERFLOW;
	*ret = now + usec;
	return 0;
}

static int add_timer(sd_event *loop, sd_event_source **ret, clockid_t clock, uint64_t usec,
		     sd_event_time_handler_t handler, void *userdata)
{
	uint64_t when;
	int r = from_now(clock, usec, &when);

	if (r < 0)
		return r;
	return sd_event_add_time(loop, ret, clock, when, /* accuracy= */ 0, handler, userdata);
}

int event_add_timer(sd_event *loop, sd_event_source **ret, uint64_t usec,
		    sd_event_time_handler_t handler, void *userdata)
{
	return add_timer(loop, ret, CLOCK_MONOTONIC, usec, handler, userdata);
}

int event_add_timer_through_sleep(sd_event *loop, sd_event_source **ret, uint64_t usec,
				  sd_event_time_handler_t handler, void *userdata)
{
	return add_timer(loop, ret, CLOCK_BOOTTIME, usec, handler, userdata);
}

int event_set_timer(sd_event_source *timer, uint64_t usec)
{
	uint64_t when;
	clockid_t clock;
	int r = sd_event_source_get_time_clock(timer, &clock);

	if (r >= 0)
		r = from_now(clock, usec, &when);
	return r < 0 ? r : sd_event_source_set_time(timer, when);
}

sd_event_source *event_source_end(sd_event_source *source)
{
	if (source)
		sd_event_source_set_enabled(source, SD_EVENT_OFF);
	return sd_event_source_unref(source);
}

uint64_t event_jittered(uint64_t usec)
{
	uint32_t random = 0;

	if (getrandom(&random, sizeof(random), GRND_NONBLOCK) < 0)
		random = (uint32_t)usec;
	return usec < 4 ? usec : usec - random % (usec / 4);
}
