/* SPDX-License-Identifier: Apache-2.0 */
#include "watch/hearing.h"

#include "ask/imds/notices.h"
#include "base/cleanup.h"
#include "base/event.h"
#include "base/text.h"
#include "decide/health/notice_events.h"
#include "report_watch.h"

#include <errno.h>
#include <string.h>
#include <time.h>

/* A clock may be stepped, or stand still while the machine sleeps: so it is looked at again. */
#define DUE_SEC_MAX 60

/* For an answer about what an earlier daemon heard; once more for the second one, which it takes
 * to withdraw it. */
#define SILENT_SEC  8
#define SECOND_USEC 1000000ULL

struct hearing {
	struct hearing_options is;
	struct imds_notices *notices;
	bool is_remembered[NOTICES_MAX]; /* those of watch->notices that wait for an answer */
	bool is_doubted[NOTICES_MAX];    /* of these, those that one answer did not have */
	sd_event_source *silence;        /* each second of that wait */
	unsigned silent_sec;             /* those that are over */
	bool was_extended;               /* it has been put off */
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
	return (struct notice_heard){ .wall_sec = now_sec(CLOCK_REALTIME),
				      .boot_sec = now_sec(CLOCK_BOOTTIME),
				      .service_sec = service_sec };
}

/* Those that were known keep when they were first heard. */
static void take_notices(struct hearing *hearing, const struct imds_heard *heard)
{
	struct watch *watch = hearing->is.watch;
	struct notice_heard times[NOTICES_MAX] = { 0 };
	bool waits[NOTICES_MAX] = { false };

	memcpy(hearing->is_doubted, heard->is_doubted, sizeof(hearing->is_doubted));
	for (size_t i = 0; i < heard->notices.count; i++) {
		times[i] = heard_now(heard->service_sec);
		for (size_t k = 0; k < watch->notices.count; k++)
			if (notice_is_same(&watch->notices.items[k], &heard->notices.items[i])) {
				times[i] = watch->heard.items[k];
				waits[i] = heard->is_remembered[i] && hearing->is_remembered[k];
			}
	}
	memcpy(hearing->is_remembered, waits, sizeof(waits));
	memcpy(watch->heard.items, times, sizeof(times));
	watch->heard.count = heard->notices.count;
	watch->notices = heard->notices;
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

/* The first because of which the targets are taken out of service, which it stays from then on;
 * NULL for none. */
static const struct notice *take_due(const struct hearing *hearing)
{
	struct watch *watch = hearing->is.watch;

	for (size_t i = 0; i < watch->notices.count; i++)
		if (due_in_sec(hearing, i) == 0 && !hearing->is_remembered[i]) {
			watch->heard.items[i].was_due = true;
			return &watch->notices.items[i];
		}
	return NULL;
}

/* It may have been canceled while no daemon was there to hear of it. */
static bool waits_for_answer(const struct hearing *hearing)
{
	for (size_t i = 0; i < hearing->is.watch->notices.count; i++)
		if (hearing->is_remembered[i])
			return true;
	return false;
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

/* `had_hooks`: those of the notice that is due have been run. Returns whether leave took it. */
static bool act(struct hearing *hearing, const struct notice *due, bool had_hooks)
{
	struct watch_event event;

	if (!due) {
		if (!waits_for_answer(hearing))
			leave_end(hearing->is.leave);
		return false;
	}
	notice_event(due, CHANGE_BEGAN, &event);
	return leave_begin(hearing->is.leave, &event, notice_left_sec(due, now_sec(CLOCK_REALTIME)),
			   had_hooks);
}

/* Those of a maintenance are run when it is told, unless it is due then. */
static bool had_hooks_before(const struct notice *due)
{
	return due && due->kind == NOTICE_MAINTENANCE;
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

static void tell_left_out(size_t before, size_t now)
{
	if (now > 0 && now != before)
		report_watch_line(SEVERITY_WARNING,
				  "EC2 has more notices than the %d that are kept: %zu are left "
				  "out; see all with aws ec2 describe-instance-status",
				  NOTICES_MAX, now);
}

static void on_notices(void *userdata, const struct imds_heard *heard)
{
	struct hearing *hearing = userdata;
	struct watch *watch = hearing->is.watch;
	struct watch_event events[NOTICE_EVENTS_MAX];
	size_t count = notice_events(&watch->notices, &heard->notices, events);
	const struct watch_event *begins = NULL;
	const struct notice *due;
	const bool others_left_out = watch->notices.left_out != heard->notices.left_out;

	tell_left_out(watch->notices.left_out, heard->notices.left_out);
	take_notices(hearing, heard);
	due = take_due(hearing);
	for (size_t i = 0; i < count; i++) {
		bool is_due = is_beginning_of(&events[i], due);

		begins = is_due ? &events[i] : begins;
		tell(hearing, &events[i], !is_due);
	}
	if (count > 0 || others_left_out)
		hearing->is.changed(hearing->is.userdata);
	if (!act(hearing, due, !begins && had_hooks_before(due)) && begins)
		hearing->is.run_hooks(begins, hearing->is.userdata);
	set_timer(hearing);
}

static void act_on_time(struct hearing *hearing)
{
	const struct notice *due = take_due(hearing);

	if (due)
		act(hearing, due, had_hooks_before(due));
	set_timer(hearing);
}

static int on_time(sd_event_source *source, uint64_t usec, void *userdata)
{
	(void)source;
	(void)usec;
	act_on_time(userdata);
	return 0;
}

/* True when the wait is over. One in which we stood still, and could hear nothing, counts once. */
static bool count_silent_second(struct hearing *hearing)
{
	event_set_timer(hearing->silence, SECOND_USEC);
	sd_event_source_set_enabled(hearing->silence, SD_EVENT_ONESHOT);
	return ++hearing->silent_sec % SILENT_SEC == 0;
}

/* What is being withdrawn waits once more; what nobody has said anything of is acted on. */
static int on_silence(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct hearing *hearing = userdata;

	(void)usec;
	if (!count_silent_second(hearing))
		return 0;
	for (size_t i = 0; i < hearing->is.watch->notices.count; i++)
		hearing->is_remembered[i] = hearing->is_remembered[i] && hearing->is_doubted[i] &&
					    !hearing->was_extended;
	hearing->was_extended = true;
	if (!waits_for_answer(hearing))
		sd_event_source_set_enabled(source, SD_EVENT_OFF);
	act_on_time(hearing);
	return 0;
}

/* ---- tags, trouble ---- */

/* What apply took the tags for; NULL where it has not said, or not read them yet. It reads them
 * once, and may wait for its MGS, by the old ones, for hours. */
static const struct words *find_applied(const struct hearing *hearing)
{
	const struct status *status = hearing->is.status(hearing->is.userdata);

	return status && status->instance_id[0] != '\0' ? &status->tags : NULL;
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

static void on_trouble(void *userdata, const char *sentence, bool is_deaf)
{
	struct hearing *hearing = userdata;
	struct watch *watch = hearing->is.watch;
	struct watch_event event;

	if (sentence[0] != '\0')
		notice_trouble_event(sentence, is_deaf, CHANGE_BEGAN, &event);
	else
		notice_trouble_event("the metadata service answers again", is_deaf, CHANGE_ENDED,
				     &event);
	text_sentence(watch->metadata_trouble, sizeof(watch->metadata_trouble), "%s", sentence);
	tell(hearing, &event, /* with_hooks= */ true);
	hearing->is.changed(hearing->is.userdata);
}

/*
 * What an earlier daemon was at goes on, whether the service answers or not. What it had only heard
 * of is acted on when the service says so still, or has been silent for some seconds.
 */
static void go_on(struct hearing *hearing)
{
	struct watch *watch = hearing->is.watch;

	while (watch->heard.count < watch->notices.count)
		watch->heard.items[watch->heard.count++] = heard_now(/* service_sec= */ 0);
	for (size_t i = 0; i < watch->notices.count; i++)
		hearing->is_remembered[i] = watch->leaving != LEAVING_BEGUN;
	act_on_time(hearing);
}

static int prepare_timers(struct hearing *hearing, struct error *err)
{
	int r = event_add_timer(hearing->is.loop, &hearing->silence, SECOND_USEC, on_silence,
				hearing);

	if (r >= 0)
		r = event_add_timer(hearing->is.loop, &hearing->timer, 0, on_time, hearing);
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
	r = prepare_timers(hearing, err);
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
	event_source_end(hearing->silence);
	imds_notices_free(hearing->notices);
	free(hearing);
	return NULL;
}
