/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The wait for the MGS: all its NIDs are asked, beside one another, since one whose node is gone
 * says nothing for seconds, and any of them may answer. Each is asked again after a jittered pause
 * that grows to about a second. Port 988 opens when the MGS serves (decide/sequence.h), so a
 * mount follows within about that of the MGS. A closed port costs its node nothing, and is logged
 * nowhere; who is answered asks no more.
 */

#include "base/clock.h"
#include "base/errno_text.h"
#include "base/event.h"
#include "effect/lnet.h"
#include "effect/mgs_probe.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAUSE_FIRST_USEC 100000ULL
#define PAUSE_LAST_USEC  1200000ULL

/* For a target that the MGS knows, and that the kernel can mount without it. */
#define SERVED_LIMIT_SEC 120

#define NIDS_MAX 16 /* of the key `mgs` */

/* One NID of the MGS: what it said last, and when it is asked again. */
struct asked {
	struct step *step;
	const char *nid;
	enum mgs_answer answer, told; /* MGS_UNKNOWN before the first */
	uint64_t pause_usec;
	sd_event_source *timer;  /* while it is not asked … */
	struct mgs_probe *probe; /* … and while it is */
};

struct waiting {
	uint64_t deadline_usec, started_usec;
	struct asked asked[NIDS_MAX];
	size_t count;
};

static void ask(struct asked *asked);

static unsigned long long waited_sec(const struct step *step)
{
	const struct waiting *waiting = step->work;

	return (clock_now_usec() - waiting->started_usec) / 1000000;
}

/* Nobody is asked any more. */
static void stop_asking(struct waiting *waiting)
{
	for (size_t i = 0; i < waiting->count; i++) {
		waiting->asked[i].timer = event_source_end(waiting->asked[i].timer);
		mgs_probe_cancel(waiting->asked[i].probe);
		waiting->asked[i].probe = NULL;
	}
}

static void fail(struct step *step, int code, const char *sentence)
{
	stop_asking(step->work);
	step_fail(step, code, "%s", sentence);
}

static int on_pause_over(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct asked *asked = userdata;

	(void)usec;
	asked->timer = event_source_end(source);
	ask(asked);
	return 0;
}

static void ask_later(struct asked *asked)
{
	const uint64_t pause = asked->pause_usec;
	char sentence[128];
	int r = event_add_timer(asked->step->loop, &asked->timer, event_jittered(pause),
				on_pause_over, asked);

	asked->pause_usec = pause * 2 > PAUSE_LAST_USEC ? PAUSE_LAST_USEC : pause * 2;
	if (r < 0) {
		snprintf(sentence, sizeof(sentence), "cannot wait for the MGS: %s", errno_text(-r));
		fail(asked->step, -r, sentence);
	}
}

/* "10.0.0.10@tcp: its node is up, but …; 10.0.0.11@tcp: no host has its address yet" */
static void describe(const struct waiting *waiting, char *text, size_t size)
{
	size_t used = 0;

	for (size_t i = 0; i < waiting->count && used < size; i++)
		used += (size_t)snprintf(text + used, size - used, "%s%s: %s", i > 0 ? "; " : "",
					 waiting->asked[i].nid,
					 mgs_answer_sentence(waiting->asked[i].answer));
}

/* A line for the journal, where something is new; it is told once. */
static bool is_new(struct waiting *waiting)
{
	bool changed = false;

	for (size_t i = 0; i < waiting->count; i++) {
		changed = changed || waiting->asked[i].told != waiting->asked[i].answer;
		waiting->asked[i].told = waiting->asked[i].answer;
	}
	return changed;
}

/* The journal gets a line for each change, and STATUS= one for each answer. */
static void tell(struct step *step)
{
	struct waiting *waiting = step->work;
	char text[400];

	describe(waiting, text, sizeof(text));
	step_tell(step, "waiting for the MGS, for %llu s: %s", waited_sec(step), text);
	if (is_new(waiting))
		step_note_wait(step, WAIT_MGS, "waiting for the MGS: %s. Next: %s", text,
			       mgs_answer_next(waiting->asked[0].answer));
}

static void give_up(struct step *step)
{
	struct waiting *waiting = step->work;
	unsigned long long waited = waited_sec(step);
	const char *next = mgs_answer_next(waiting->asked[0].answer);
	char text[300];

	stop_asking(waiting);
	describe(waiting, text, sizeof(text));
	if (step->action->phase == PHASE_SERVED)
		step_done_without(step,
				  "no MGS answered in %llu s (%s); what it knows already is "
				  "mounted without it, which takes Lustre one to five minutes",
				  waited, text);
	else
		step_fail(step, ETIMEDOUT, "no MGS answered in %llu s: %s. Next: %s", waited, text,
			  next);
}

static bool all_have_answered(const struct waiting *waiting)
{
	for (size_t i = 0; i < waiting->count; i++)
		if (waiting->asked[i].answer == MGS_UNKNOWN)
			return false;
	return true;
}

static void on_answer(enum mgs_answer answer, void *userdata)
{
	struct asked *asked = userdata;
	struct step *step = asked->step;
	struct waiting *waiting = step->work;

	asked->probe = NULL;
	asked->answer = answer;
	if (answer == MGS_ANSWERS) {
		stop_asking(waiting);
		step_done(step);
	} else if (!all_have_answered(waiting)) {
		ask_later(asked);
	} else if (clock_now_usec() >= waiting->deadline_usec) {
		give_up(step);
	} else {
		tell(step);
		ask_later(asked);
	}
}

static void ask(struct asked *asked)
{
	struct error err;

	if (mgs_probe_start(asked->step->processes, asked->nid, on_answer, asked, &asked->probe,
			    &err) < 0)
		fail(asked->step, -err.code, err.text);
}

void lnet_stop_waiting(struct step *step)
{
	stop_asking(step->work);
	step_skip(step);
}

static struct waiting *new_waiting(struct step *step)
{
	const struct words *nids = &step->options->plan->mgs_nids;
	struct waiting *waiting = calloc(1, sizeof(*waiting));

	for (size_t i = 0; waiting && i < nids->count && i < NIDS_MAX; i++)
		waiting->asked[waiting->count++] = (struct asked){
			.step = step,
			.nid = nids->items[i],
			.pause_usec = PAUSE_FIRST_USEC,
		};
	return waiting;
}

void lnet_wait_mgs(struct step *step)
{
	struct waiting *waiting = new_waiting(step);
	unsigned limit = step->options->mgs_timeout_sec;

	step->work = waiting;
	if (!waiting) {
		step_fail_passing(step, ENOMEM, "out of memory");
		return;
	}
	if (step->action->phase == PHASE_SERVED && limit > SERVED_LIMIT_SEC)
		limit = SERVED_LIMIT_SEC;
	waiting->started_usec = clock_now_usec();
	waiting->deadline_usec = waiting->started_usec + (uint64_t)limit * 1000000;
	if (waiting->count == 0) {
		step_fail(step, EDESTADDRREQ, "no MGS is named that could be waited for");
		return;
	}
	/* What cannot be asked ends the step, and what it had. */
	for (size_t i = 0; step->work && i < waiting->count; i++)
		ask(&waiting->asked[i]);
}
