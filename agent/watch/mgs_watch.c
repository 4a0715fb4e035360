/* SPDX-License-Identifier: Apache-2.0 */
#include "watch/mgs_watch.h"

#include "base/clock.h"
#include "base/event.h"
#include "base/text.h"
#include "effect/mgs_probe.h"

#include <errno.h>
#include <stdlib.h>

struct mgs_watch {
	struct processes *processes;
	struct words nids;
	uint64_t pause_usec;
	size_t next;             /* the NID that is asked, or is asked first */
	struct mgs_probe *probe; /* while it is */
	sd_event_source *timer;  /* else */
	uint64_t round_usec;     /* when this round began */
	enum mgs_answer first;   /* what the first NID of the round said */
	struct health_mgs state;
};

static void ask(struct mgs_watch *watch);

static void rest(struct mgs_watch *watch)
{
	watch->next = 0;
	event_set_timer(watch->timer, event_jittered(watch->pause_usec));
	sd_event_source_set_enabled(watch->timer, SD_EVENT_ONESHOT);
}

static void conclude(struct mgs_watch *watch, enum mgs_answer answer, const char *nid)
{
	struct health_mgs *state = &watch->state;

	state->asked = true;
	state->answer = answer;
	text_set(state->nid, sizeof(state->nid), "%s", nid);
	if (answer == MGS_ANSWERS)
		state->away_since_usec = 0;
	else if (state->away_since_usec == 0)
		state->away_since_usec = watch->round_usec;
	rest(watch);
}

/* That this node could not ask says nothing of the MGS: what was known stays. */
static void go_on(struct mgs_watch *watch, enum mgs_answer answer)
{
	const char *nid = watch->nids.items[watch->next];

	if (watch->next == 0)
		watch->first = answer;
	if (answer == MGS_ANSWERS)
		conclude(watch, answer, nid);
	else if (++watch->next < watch->nids.count)
		ask(watch);
	else if (watch->first == MGS_NOT_ASKED && watch->state.asked)
		rest(watch);
	else
		conclude(watch, watch->first, watch->nids.items[0]);
}

static void on_answer(enum mgs_answer answer, void *userdata)
{
	struct mgs_watch *watch = userdata;

	watch->probe = NULL;
	go_on(watch, answer);
}

static void ask(struct mgs_watch *watch)
{
	if (mgs_probe_start(watch->processes, watch->nids.items[watch->next], on_answer, watch,
			    &watch->probe, NULL) < 0)
		go_on(watch, MGS_NOT_ASKED);
}

static int on_time(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct mgs_watch *watch = userdata;

	(void)source;
	(void)usec;
	watch->round_usec = clock_now_usec();
	ask(watch);
	return 0;
}

int mgs_watch_start(struct processes *processes, const struct words *nids, uint64_t pause_usec,
		    struct mgs_watch **ret, struct error *err)
{
	struct mgs_watch *watch = calloc(1, sizeof(*watch));
	int r = watch ? words_copy(&watch->nids, nids) : -ENOMEM;

	if (r == 0) {
		watch->processes = processes;
		watch->pause_usec = pause_usec;
		r = event_add_timer(processes_loop(processes), &watch->timer, 0, on_time, watch);
	}
	if (r == 0 && nids->count == 0)
		r = sd_event_source_set_enabled(watch->timer, SD_EVENT_OFF);
	if (r < 0) {
		mgs_watch_end(watch);
		return error_errno(err, r, "cannot watch the MGS");
	}
	*ret = watch;
	return 0;
}

struct mgs_watch *mgs_watch_end(struct mgs_watch *watch)
{
	if (!watch)
		return NULL;
	mgs_probe_cancel(watch->probe);
	event_source_end(watch->timer);
	words_done(&watch->nids);
	free(watch);
	return NULL;
}

const struct words *mgs_watch_nids(const struct mgs_watch *watch)
{
	return &watch->nids;
}

void mgs_watch_state(const struct mgs_watch *watch, struct health_mgs *ret)
{
	*ret = watch->state;
}
