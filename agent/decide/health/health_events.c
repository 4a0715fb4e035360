/* SPDX-License-Identifier: Apache-2.0 */
#include "decide/health/health_events.h"

#include "base/text.h"
#include "decide/health/health_rules.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SECONDS 1000000ULL
#define MINUTES (60 * SECONDS)
#define HOURS   (60 * MINUTES)

/* How long each must last before it is told, and be gone before its end is. */
static const struct {
	uint64_t before_told, before_over;
} patience[WATCH_EVENT_KIND_MAX] = {
	/* A unit that is restarted is gone for a moment. */
	[EVENT_TARGET_GONE] = { 5 * SECONDS, 0 },
	[EVENT_TARGET_READ_ONLY] = { 0, 0 },
	/* Lustre says so of a service that is slow for a while, too. */
	[EVENT_TARGET_UNHEALTHY] = { 10 * SECONDS, 1 * MINUTES },
	[EVENT_TARGET_DEGRADED] = { 0, 0 },
	/* Lustre itself ends a recovery after 15 minutes (recovery_time_hard). */
	[EVENT_RECOVERY_LONG] = { 20 * MINUTES, 0 },
	[EVENT_FS_ERRORS] = { 0, 0 },
	[EVENT_SPACE_LOW] = { 1 * MINUTES, 1 * MINUTES },
	[EVENT_INODES_LOW] = { 1 * MINUTES, 1 * MINUTES },
	[EVENT_VOLUME_PARTIAL] = { 0, 0 },
	[EVENT_DISK_GONE] = { 0, 0 },
	/* A disk is well again after a day without an error. */
	[EVENT_DISK_FAILING] = { 0, 24 * HOURS },
	[EVENT_NID_GONE] = { 10 * SECONDS, 0 },
	[EVENT_MGS_AWAY] = { 1 * MINUTES, 30 * SECONDS },
	[EVENT_WOKEN_OVER_BLANK_DISKS] = { 0, 0 },
};

static struct watch_event *find(struct watch_events *events, const struct watch_event *like)
{
	for (size_t i = 0; i < events->count; i++)
		if (events->items[i].kind == like->kind &&
		    strcmp(events->items[i].subject, like->subject) == 0)
			return &events->items[i];
	return NULL;
}

static bool is_of_health(const struct watch_event *event)
{
	return event->kind <= EVENT_HEALTH_LAST;
}

/*
 * Those that are not over yet, as gone: what is found to last is none of them any more. What is not
 * seen on the node itself stays as it is.
 */
static int start(const struct watch_events *known, uint64_t now, struct watch_events *events)
{
	events->items = calloc(known->count + 1, sizeof(*events->items));
	if (!events->items)
		return -ENOMEM;
	for (size_t i = 0; i < known->count; i++) {
		struct watch_event *event = &events->items[events->count];

		if (is_of_health(&known->items[i]) && known->items[i].change == CHANGE_ENDED)
			continue;
		*event = known->items[i];
		events->count++;
		if (!is_of_health(event))
			continue;
		event->change = CHANGE_NONE;
		if (event->gone_usec == 0)
			event->gone_usec = now;
	}
	return 0;
}

/* What is found keeps the sentence it was told with, until it is told: numbers in it go on. */
static int take(const struct watch_event *found, struct watch_events *events)
{
	struct watch_event *event = find(events, found), *more;

	if (event) {
		event->gone_usec = 0;
		return 0;
	}
	more = reallocarray(events->items, events->count + 1, sizeof(*more));
	if (!more)
		return -ENOMEM;
	events->items = more;
	events->items[events->count++] = *found;
	return 0;
}

/* The sentence up to its advice, which is of no use any more. */
static void say_over(struct watch_event *event)
{
	const char *advice = strstr(event->sentence, ": ");
	const size_t length = advice ? (size_t)(advice - event->sentence) : strlen(event->sentence);
	char was[sizeof(event->sentence)];

	text_copy_line(was, sizeof(was), event->sentence, length);
	text_sentence(event->sentence, sizeof(event->sentence), "it is no longer so that %s", was);
}

/* False for what ended before it was told: nobody ever hears of it. */
static bool settle(struct watch_event *event, uint64_t now)
{
	if (event->gone_usec == 0) {
		if (!event->told && now - event->since_usec >= patience[event->kind].before_told) {
			event->told = true;
			event->change = CHANGE_BEGAN;
		}
		return true;
	}
	if (event->told && now - event->gone_usec >= patience[event->kind].before_over) {
		event->change = CHANGE_ENDED;
		say_over(event);
	}
	return event->told;
}

static void settle_all(struct watch_events *events, uint64_t now)
{
	size_t kept = 0;

	for (size_t i = 0; i < events->count; i++)
		if (!is_of_health(&events->items[i]) || settle(&events->items[i], now))
			events->items[kept++] = events->items[i];
	events->count = kept;
}

struct taking {
	struct watch_events *events;
	int r;
};

static void on_found(const struct watch_event *found, enum health_finding how, void *userdata)
{
	struct taking *taking = userdata;
	struct watch_event *event = find(taking->events, found);

	if (how == FINDING_IS && taking->r == 0)
		taking->r = take(found, taking->events);
	else if (event && (how == FINDING_STAYS || (how == FINDING_UNKNOWN && event->told)))
		event->gone_usec = 0;
}

int health_events(const struct applied *applied, const struct health *before,
		  const struct health *now, const struct watch_events *known,
		  struct watch_events *ret, struct error *err)
{
	struct watch_events events = { 0 };
	struct taking taking = { .events = &events };

	taking.r = start(known, now->at_usec, &events);
	if (taking.r == 0)
		health_rules(applied, before, now, on_found, &taking);
	if (taking.r < 0) {
		watch_events_done(&events);
		return error_set(err, taking.r, "out of memory");
	}
	settle_all(&events, now->at_usec);
	*ret = events;
	return 0;
}
