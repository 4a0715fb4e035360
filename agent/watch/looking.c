/* SPDX-License-Identifier: Apache-2.0 */
#include "watch/looking.h"

#include "base/clock.h"
#include "base/event.h"
#include "base/file.h"
#include "decide/health/health_events.h"
#include "observe/health/health_look.h"
#include "watch/metrics.h"
#include "watch/mgs_watch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define METRICS_EVERY 3 /* looks */

struct looking {
	struct looking_options options;
	sd_event_source *timer;
	struct boot_state boot;
	struct mgs_watch *mgs;
	struct health health; /* of the newest look */
	unsigned looks;       /* since the text for Prometheus was written */
	bool has_looked;      /* at all */
	bool has_failed;      /* the newest look */
	bool is_unwritten;    /* the newest of that text */
};

/* Once until it succeeds. */
static void tell_failure(const struct looking *looking, int r, const struct error *why,
			 bool *was_told)
{
	if (r < 0 && !*was_told)
		looking->options.failed(why, looking->options.userdata);
	*was_told = r < 0;
}

static int write_metrics(struct looking *looking, struct error *err)
{
	const struct metrics metrics = { looking->boot.status, &looking->boot.applied,
					 &looking->health, looking->options.watch };
	char *text = NULL;
	int r;

	looking->looks = 0;
	if (!looking->options.metrics)
		return 0;
	r = metrics_text(&metrics, &text, err);
	if (r == 0)
		r = file_replace(looking->options.metrics, text, strlen(text), 0644, err);
	free(text);
	return r;
}

void looking_write_metrics(struct looking *looking)
{
	struct error err;
	int r = looking->has_looked ? write_metrics(looking, &err) : 0;

	tell_failure(looking, r, &err, &looking->is_unwritten);
}

/* Another apply may have another MGS; one that has the same asks on. */
static int refresh(struct looking *looking, struct error *err)
{
	const struct words *nids = &looking->boot.applied.mgs_nids;
	int r = boot_state_refresh(&looking->options.paths, &looking->boot, err);

	if (r > 0)
		looking->looks = METRICS_EVERY; /* who waits for the node looks there */
	if (r < 0 || (looking->mgs && words_equal(mgs_watch_nids(looking->mgs), nids)))
		return r;
	looking->mgs = mgs_watch_end(looking->mgs);
	return mgs_watch_start(looking->options.processes, nids, MGS_WATCH_PAUSE_USEC,
			       &looking->mgs, err);
}

/* By a daemon that was started meanwhile: what stands is not said yet, and nothing ends by that. */
static bool is_being_set_up(const struct looking *looking)
{
	return looking->boot.status && !looking->boot.is_settled;
}

static bool has_changes(const struct watch_events *events)
{
	for (size_t i = 0; i < events->count; i++)
		if (events->items[i].kind <= EVENT_HEALTH_LAST &&
		    events->items[i].change != CHANGE_NONE)
			return true;
	return false;
}

static int find_events(struct looking *looking, const struct health *now, bool *ret_changed,
		       struct error *err)
{
	struct watch_events events, *known = &looking->options.watch->events;
	int r = health_events(&looking->boot.applied, &looking->health, now, known, &events, err);

	if (r < 0)
		return r;
	watch_events_done(known);
	*known = events;
	*ret_changed = has_changes(known);
	return 0;
}

static int take(struct looking *looking, struct health *now, bool *ret_changed, struct error *err)
{
	int r = is_being_set_up(looking) ? 0 : find_events(looking, now, ret_changed, err);

	if (r < 0) {
		health_done(now);
		return r;
	}
	health_done(&looking->health);
	looking->health = *now;
	looking->has_looked = true;
	return 0;
}

static int look(struct looking *looking, bool *ret_changed, struct error *err)
{
	const struct health_look how = { "", clock_now_usec(), clock_slept_usec() };
	struct health now;
	int r = refresh(looking, err);

	if (r < 0)
		return r;
	if (looking->mgs)
		mgs_watch_state(looking->mgs, &looking->health.mgs);
	r = health_look(&how, &looking->boot.applied, &looking->health, &now, err);
	return r < 0 ? r : take(looking, &now, ret_changed, err);
}

static void look_and_tell(struct looking *looking)
{
	const struct looking_options *options = &looking->options;
	bool was_blind = looking_trouble(looking)[0] != '\0', changed = false;
	struct error err;
	int r = look(looking, &changed, &err);

	/* Not where events were not found anew: those of the look before have been told. */
	if (r == 0 && was_blind && looking_trouble(looking)[0] == '\0' && !is_being_set_up(looking))
		changed = true;
	if (changed)
		options->changed(options->userdata);
	tell_failure(looking, r, &err, &looking->has_failed);
	if (r == 0 && (changed || ++looking->looks >= METRICS_EVERY))
		looking_write_metrics(looking);
}

static int on_time(sd_event_source *source, uint64_t usec, void *userdata)
{
	const struct looking *looking = userdata;

	(void)usec;
	look_and_tell(userdata);
	event_set_timer(source, looking->options.every_usec);
	return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

int looking_start(const struct looking_options *options, struct looking **ret, struct error *err)
{
	struct looking *looking = calloc(1, sizeof(*looking));
	int r;

	if (!looking)
		return error_set(err, -ENOMEM, "out of memory");
	looking->options = *options;
	looking->looks = METRICS_EVERY;
	/* A machine that woke over other disks must not write to them for long. */
	r = event_add_timer_through_sleep(processes_loop(options->processes), &looking->timer, 0,
					  on_time, looking);
	if (r < 0) {
		looking_end(looking);
		return error_errno(err, r, "cannot look at the node");
	}
	*ret = looking;
	return 0;
}

struct looking *looking_end(struct looking *looking)
{
	if (!looking)
		return NULL;
	event_source_end(looking->timer);
	mgs_watch_end(looking->mgs);
	boot_state_done(&looking->boot);
	health_done(&looking->health);
	free(looking);
	return NULL;
}

const char *looking_trouble(const struct looking *looking)
{
	return looking->boot.trouble;
}

const struct status *looking_status(const struct looking *looking)
{
	return looking->boot.status;
}
