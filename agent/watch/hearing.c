/* SPDX-License-Identifier: Apache-2.0 */
#include "watch/hearing.h"

#include "ask/imds/notices.h"
#include "base/cleanup.h"
#include "base/event.h"
#include "base/text.h"
#include "decide/notice_events.h"

#include <errno.h>
#include <string.h>
#include <time.h>

/* A clock may be stepped, or stand still while the machine sleeps: so it is looked at again. */
#define DUE_SEC_MAX 60

struct hearing {
	struct hearing_options is;
	struct imds_notices *notices;
	sd_event_source *timer; /* until a notice is due, whether the service says more or not */
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

static struct notice_heard heard_now(uint64_t service_sec)
{
	return (struct notice_heard){ now_sec(CLOCK_REALTIME), now_sec(CLOCK_BOOTTIME),
				      service_sec };
}

/* Those that were known keep when they were first heard. */
static void take_notices(struct watch *watch, const struct notices *notices, uint64_t service_sec)
{
	struct notice_heard heard[NOTICES_MAX] = { 0 };

	for (size_t i = 0; i < notices->count; i++) {
		heard[i] = heard_now(service_sec);
		for (size_t k = 0; k < watch->notices.count; k++)
			if (notice_is_same(&watch->notices.items[k], &notices->items[i]))
				heard[i] = watch->heard.items[k];
	}
	memcpy(watch->heard.items, heard, sizeof(heard));
	watch->heard.count = notices->count;
	watch->notices = *notices;
}

static uint64_t due_in_sec(const struct hearing *hearing, size_t i)
{
	const struct notice_clock clock = {
		.wall_sec = now_sec(CLOCK_REALTIME),
		.boot_sec = now_sec(CLOCK_BOOTTIME),
		.heard = hearing->is.watch->heard.items[i],
	};

	return notice_due_in_sec(&hearing->is.watch->notices.items[i], &clock);
}

/* The first because of which the targets are taken out of service; NULL for none. */
static const struct notice *find_due(const struct hearing *hearing)
{
	const struct notices *notices = &hearing->is.watch->notices;

	for (size_t i = 0; i < notices->count; i++)
		if (due_in_sec(hearing, i) == 0)
			return &notices->items[i];
	return NULL;
}

/* For the nearest that is not due yet. */
static void set_timer(struct hearing *hearing)
{
	uint64_t next_sec = NOTICE_NEVER_DUE;

	for (size_t i = 0; i < hearing->is.watch->notices.count; i++) {
		uint64_t sec = due_in_sec(hearing, i);

		if (sec > 0 && sec < next_sec)
			next_sec = sec;
	}
	if (next_sec > DUE_SEC_MAX && next_sec != NOTICE_NEVER_DUE)
		next_sec = DUE_SEC_MAX;
	if (next_sec != NOTICE_NEVER_DUE)
		event_set_timer(hearing->timer, next_sec * 1000000);
	sd_event_source_set_enabled(hearing->timer,
				    next_sec == NOTICE_NEVER_DUE ? SD_EVENT_OFF : SD_EVENT_ONESHOT);
}

/* `had_hooks`: those of the notice that is due have been run. */
static void act(struct hearing *hearing, const struct notice *due, bool had_hooks)
{
	struct watch_event event;

	if (!due) {
		leave_end(hearing->is.leave);
		return;
	}
	notice_event(due, CHANGE_BEGAN, &event);
	leave_begin(hearing->is.leave, &event, notice_left_sec(due, now_sec(CLOCK_REALTIME)),
		    had_hooks);
}

/* A notice that is due as it is heard: leave runs its hooks, before anything is unmounted. */
static bool is_beginning_of(const struct watch_event *event, const struct notice *due)
{
	struct watch_event begins;

	if (!due || event->change != CHANGE_BEGAN)
		return false;
	notice_event(due, CHANGE_BEGAN, &begins);
	return event->kind == begins.kind && strcmp(event->subject, begins.subject) == 0;
}

static void on_notices(void *userdata, const struct notices *notices, uint64_t service_sec)
{
	struct hearing *hearing = userdata;
	struct watch_event events[NOTICE_EVENTS_MAX];
	size_t count = notice_events(&hearing->is.watch->notices, notices, events);
	const struct notice *due;
	bool had_hooks = true;

	take_notices(hearing->is.watch, notices, service_sec);
	due = find_due(hearing);
	for (size_t i = 0; i < count; i++) {
		bool is_due = is_beginning_of(&events[i], due);

		had_hooks = had_hooks && !is_due;
		tell(hearing, &events[i], !is_due);
	}
	if (count > 0)
		hearing->is.changed(hearing->is.userdata);
	act(hearing, due, had_hooks);
	set_timer(hearing);
}

/* Its hooks were run when it was told. */
static int on_time(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct hearing *hearing = userdata;
	const struct notice *due = find_due(hearing);

	(void)source;
	(void)usec;
	if (due)
		act(hearing, due, /* had_hooks= */ true);
	set_timer(hearing);
	return 0;
}

/* ---- tags, trouble ---- */

/* What apply took the tags for; NULL where it has not said, or is at it. */
static const struct words *find_applied(const struct hearing *hearing)
{
	const struct status *status = hearing->is.status(hearing->is.userdata);

	return status && status->verdict != VERDICT_WORKING ? &status->tags : NULL;
}

static void on_tags(void *userdata, const struct words *tags)
{
	cleanup(words_done) struct words changed = { 0 };
	struct hearing *hearing = userdata;
	const struct words *applied = find_applied(hearing);
	struct words *known = &hearing->is.watch->changed_tags;
	struct watch_event event;

	if (!applied || notice_changed_tags(applied, tags, &changed) < 0 ||
	    words_equal(known, &changed))
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

/*
 * What an earlier daemon was at goes on, whether the service answers or not. The hooks of a
 * maintenance were run when that was told.
 */
static void go_on(struct hearing *hearing)
{
	struct watch *watch = hearing->is.watch;
	const struct notice *due;

	while (watch->heard.count < watch->notices.count)
		watch->heard.items[watch->heard.count++] = heard_now(/* service_sec= */ 0);
	due = find_due(hearing);
	if (due)
		act(hearing, due, due->kind == NOTICE_MAINTENANCE);
	set_timer(hearing);
}

static int prepare_timer(struct hearing *hearing, struct error *err)
{
	int r = event_add_timer(hearing->is.loop, &hearing->timer, 0, on_time, hearing);

	if (r >= 0)
		r = sd_event_source_set_enabled(hearing->timer, SD_EVENT_OFF);
	return r < 0 ? error_errno(err, r, "cannot wait for notices") : 0;
}

int hearing_start(const struct hearing_options *options, struct hearing **ret, struct error *err)
{
	const struct imds_notices_options imds = {
		.root = "",
		.endpoint = options->endpoint,
		.known = &options->watch->notices,
		.trouble_is_told = options->watch->metadata_trouble[0] != '\0',
	};
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
	r = prepare_timer(hearing, err);
	if (r == 0)
		r = imds_notices_new(options->loop, &imds, &listener, &hearing->notices, err);
	if (r < 0) {
		hearing_end(hearing);
		return r;
	}
	go_on(hearing);
	*ret = hearing;
	return 0;
}

struct hearing *hearing_end(struct hearing *hearing)
{
	if (!hearing)
		return NULL;
	event_source_end(hearing->timer);
	imds_notices_free(hearing->notices);
	free(hearing);
	return NULL;
}
