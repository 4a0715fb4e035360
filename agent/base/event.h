/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What sd-event of systemd 239 (EL 8) does not have: times from now on (247), and a source that is
 * over at once (247).
 */

#include <stdint.h>
#include <systemd/sd-event.h>

/*
 * Calls `handler` once, `usec` microseconds from now, on a clock that only goes forward. Returns as
 * sd_event_add_time(3); -EOVERFLOW where there is no such time.
 */
int event_add_timer(sd_event *loop, sd_event_source **ret, uint64_t usec,
		    sd_event_time_handler_t handler, void *userdata);

/*
 * The same, where the time counts that the machine sleeps (suspend, hibernation): what has come due
 * by then is called as soon as it wakes.
 */
int event_add_timer_through_sleep(sd_event *loop, sd_event_source **ret, uint64_t usec,
				  sd_event_time_handler_t handler, void *userdata);

/* Puts a timer of these to `usec` from now; whether it is on stays as it is. */
int event_set_timer(sd_event_source *timer, uint64_t usec);

/*
 * Off, and one reference less: its handler is not called any more, whoever else holds the source
 * (the loop does, while it dispatches it). Returns NULL, and accepts it.
 */
sd_event_source *event_source_end(sd_event_source *source);

/*
 * Between three quarters and all of `usec`: a fleet that was started at once must not come back at
 * once. It is chance enough for that, and for nothing else.
 */
uint64_t event_jittered(uint64_t usec);
