/* SPDX-License-Identifier: Apache-2.0 */
#include "watch/hearing.h"

#include "ask/imds/notices.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "decide/notice_events.h"

#include <errno.h>
#include <string.h>
#include <time.h>

/* When a notice was first heard: see notice_is_due(). */
struct heard {
	struct notice notice;
	uint64_t wall_sec, boot_sec;
};

struct hearing {
	struct hearing_options is;
	struct imds_notices *notices;
	struct heard heard[NOTICES_MAX]; /* those of watch->notices, in their order */
};

static void tell(const struct hearing *hearing, const struct watch_event *event, bool with_hooks)
{
	hearing->is.tell(event, with_hooks, hearing->is.userdata);
}

/* ---- notices ---- */

static uint64_t now_sec(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec;
}

/* Remembers when each was first heard. */
static void note_times(struct hearing *hearing, const struct notices *notices)
{
	struct heard heard[NOTICES_MAX] = { 0 };

	for (size_t i = 0; i < notices->count; i++) {
		heard[i] = (struct heard){ notices->items[i], now_sec(CLOCK_REALTIME),
					   now_sec(CLOCK_BOOTTIME) };
		for (size_t k = 0; k < hearing->is.watch->notices.count; k++)
			if (notice_is_same(&hearing->heard[k].notice, &notices->items[i]))
				heard[i] = hearing->heard[k];
	}
	memcpy(hearing->heard, heard, sizeof(heard));
}

/* What was heard before, too, where the new list may lack some. */
static void add_earlier(struct notices *now, const struct notices *before)
{
	for (size_t i = 0; i < before->count && now->count < NOTICES_MAX; i++) {
		bool is_there = false;

		for (size_t k = 0; k < now->count; k++)
			is_there = is_there || notice_is_same(&now->items[k], &before->items[i]);
		if (!is_there)
			now->items[now->count++] = before->items[i];
	}
}

/* The first because of which the targets are taken out of service; NULL for none. */
static const struct notice *find_due(const struct hearing *hearing)
{
	const struct notices *notices = &hearing->is.watch->notices;

	for (size_t i = 0; i < notices->count; i++) {
		const struct notice_clock clock = {
			.wall_sec = now_sec(CLOCK_REALTIME),
			.boot_sec = now_sec(CLOCK_BOOTTIME),
			.heard_wall_sec = hearing->heard[i].wall_sec,
			.heard_boot_sec = hearing->heard[i].boot_sec,
		};

		if (notice_is_due(&notices->items[i], &clock))
			return &notices->items[i];
	}
	return NULL;
}

static void act(struct hearing *hearing, bool is_complete)
{
	const struct notice *due = find_due(hearing);
	struct watch_event event;

	if (due) {
		notice_event(due, CHANGE_BEGAN, &event);
		leave_begin(hearing->is.leave, &event,
			    notice_left_sec(due, now_sec(CLOCK_REALTIME)));
	} else if (is_complete) {
		leave_end(hearing->is.leave);
	}
}

static bool is_urgent(const struct watch_event *event)
{
	return event->kind == EVENT_SPOT_TERMINATE || event->kind == EVENT_SPOT_STOP ||
	       event->kind == EVENT_SPOT_HIBERNATE;
}

static void on_notices(void *userdata, const struct notices *notices, bool is_complete)
{
	struct hearing *hearing = userdata;
	struct watch_event events[NOTICE_EVENTS_MAX];
	struct notices now = *notices;
	size_t count;

	if (!is_complete)
		add_earlier(&now, &hearing->is.watch->notices);
	count = notice_events(&hearing->is.watch->notices, &now, events);
	note_times(hearing, &now);
	hearing->is.watch->notices = now;
	for (size_t i = 0; i < count; i++)
		tell(hearing, &events[i],
		     events[i].change == CHANGE_ENDED || !is_urgent(&events[i]));
	if (count > 0)
		hearing->is.changed(hearing->is.userdata);
	act(hearing, is_complete);
}

/* ---- tags, trouble ---- */

/* What apply took the tags for; NULL where it has not said, or is at it. */
static const struct words *find_applied(const struct hearing *hearing)
{
	const struct status *status = hearing->is.status(hearing->is.userdata);

	return status && status->verdict != VERDICT_WORKING ? &status->tags : NULL;
}

static bool are_same(const struct words *one, const struct words *other)
{
	if (one->count != other->count)
		return false;
	for (size_t i = 0; i < one->count; i++)
		if (strcmp(one->items[i], other->items[i]) != 0)
			return false;
	return true;
}

static void on_tags(void *userdata, const struct words *tags)
{
	cleanup(words_done) struct words changed = { 0 };
	struct hearing *hearing = userdata;
	const struct words *applied = find_applied(hearing);
	struct words *known = &hearing->is.watch->changed_tags;
	struct watch_event event;

	if (!applied || notice_changed_tags(applied, tags, &changed) < 0 ||
	    are_same(known, &changed))
		return;
	notice_tags_event(&changed, changed.count > 0 ? CHANGE_BEGAN : CHANGE_ENDED, &event);
	words_done(known);
	*known = changed;
	changed = (struct words){ 0 };
	tell(hearing, &event, /* with_hooks= */ true);
	hearing->is.changed(hearing->is.userdata);
}

static void on_trouble(void *userdata, const char *sentence)
{
	struct hearing *hearing = userdata;
	struct watch *watch = hearing->is.watch;
	struct watch_event event;

	if (sentence[0] != '\0')
		notice_trouble_event(sentence, CHANGE_BEGAN, &event);
	else
		notice_trouble_event("the metadata service answers again", CHANGE_ENDED, &event);
	text_sentence(watch->metadata_trouble, sizeof(watch->metadata_trouble), "%s", sentence);
	tell(hearing, &event, /* with_hooks= */ true);
	hearing->is.changed(hearing->is.userdata);
}

int hearing_start(const struct hearing_options *options, struct hearing **ret, struct error *err)
{
	const struct imds_notices_options imds = { .root = "", .endpoint = options->endpoint };
	struct imds_listener listener = {
		.notices = on_notices,
		.tags = on_tags,
		.trouble = on_trouble,
	};
	struct hearing *hearing = calloc(1, sizeof(*hearing));
	int r;

	if (!hearing)
		return error_set(err, -ENOMEM, "out of memory");
	hearing->is = *options;
	listener.userdata = hearing;
	r = imds_notices_new(options->loop, &imds, &listener, &hearing->notices, err);
	if (r < 0) {
		hearing_end(hearing);
		return r;
	}
	*ret = hearing;
	return 0;
}

struct hearing *hearing_end(struct hearing *hearing)
{
	if (!hearing)
		return NULL;
	imds_notices_free(hearing->notices);
	free(hearing);
	return NULL;
}
