/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What EC2's notices mean to who looks after this node: events, with what is done and what to do.
 */

#include "base/words.h"
#include "model/notice.h"
#include "model/watch_event.h"

/* The event that a notice is, when it is first heard or (CHANGE_ENDED) is not there any more. */
void notice_event(const struct notice *notice, enum watch_change change, struct watch_event *ret);

/* What is in `now` and not in `before` has begun, and the other way round has ended. */
#define NOTICE_EVENTS_MAX ((size_t)2 * NOTICES_MAX)
size_t notice_events(const struct notices *before, const struct notices *now,
		     struct watch_event ret[NOTICE_EVENTS_MAX]);

/*
 * The keys of tags that are other than what was applied, or are not there any more, or are new.
 * Both lists as "lustre:role=oss". -ENOMEM.
 */
int notice_changed_tags(const struct words *applied, const struct words *now, struct words *ret);

void notice_tags_event(const struct words *changed, enum watch_change change,
		       struct watch_event *ret);
/* `is_deaf`: no spot notice is heard meanwhile. */
void notice_trouble_event(const char *sentence, bool is_deaf, enum watch_change change,
			  struct watch_event *ret);

/* What time it is, and was when a notice was first heard. */
struct notice_clock {
	uint64_t wall_sec, boot_sec; /* CLOCK_REALTIME, CLOCK_BOOTTIME */
	struct notice_heard heard;
};

/*
 * In how many seconds the targets are to be taken out of service, 0 for now: because of a spot
 * notice at once, because of a maintenance that ends the instance when it is as near as a spot
 * notice would be. A clock that is stepped by a day must not take a target out of service, nor keep
 * one in it: what the service said first and what has passed since counts, where the wall clock
 * agrees by what it says now, or said first; both of these where the service said nothing. What was
 * due once stays so (was_due).
 */
#define NOTICE_NEVER_DUE UINT64_MAX
uint64_t notice_due_in_sec(const struct notice *notice, const struct notice_clock *clock);

/* How long there is until the instance goes away: what a spot notice gives, at most. Seconds. */
#define NOTICE_LEAD_SEC 120
unsigned notice_left_sec(const struct notice *notice, uint64_t wall_sec);
