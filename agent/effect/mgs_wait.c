/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The wait for the MGS: all its NIDs are asked, one after another, and any of them may answer; then
 * a jittered pause that grows to a second or so. Port 988 opens when the MGS serves
 * (decide/sequence.h), so a mount follows within about that of the MGS. A closed port costs its
 * node nothing, and is logged nowhere; who is answered asks no more.
 */

#include "base/errno_text.h"
#include "base/event.h"
#include "effect/lnet.h"
#include "effect/mgs_probe.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define PAUSE_FIRST_USEC 100000ULL
#define PAUSE_LAST_USEC  1500000ULL

/* For a target that the MGS knows, and that the kernel can mount without it. */
#define SERVED_LIMIT_SEC 120

#define NIDS_MAX 16 /* of the key `mgs` */

struct waiting {
	uint64_t deadline_usec, started_usec, pause_usec;
	size_t mgs; /* which of the MGS's NIDs is asked */
	enum mgs_answer answers[NIDS_MAX], told[NIDS_MAX];
	sd_event_source *timer;
	struct mgs_probe *probe; /* while it runs */
};

static void ask_next(struct step *step);

static uint64_t now(struct step *step)
{
	uint64_t usec = 0;

	sd_event_now(step->loop, CLOCK_MONOTONIC, &usec);
	return usec;
}

static const struct words *nids_of(const struct step *step)
{
	return &step->options->plan->mgs_nids;
}

static unsigned long long waited_sec(struct step *step)
{
	const struct waiting *waiting = step->work;

	return (now(step) - waiting->started_usec) / 1000000;
}

/* Between half and all of the pause: a fleet that was started at once must not come back at once.
 */
static uint64_t jittered(uint64_t pause)
{
	uint32_t random = 0;

	if (getrandom(&random, sizeof(random), GRND_NONBLOCK) < 0)
		random = (uint32_t)pause;
	return pause / 2 + random % (pause / 2);
}

static int on_pause_over(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct step *step = userdata;
	struct waiting *waiting = step->work;

	(void)usec;
	waiting->timer = event_source_end(source);
	waiting->mgs = 0;
	ask_next(step);
	return 0;
}

static void pause_for(struct step *step, uint64_t usec)
{
	struct waiting *waiting = step->work;
	int r = event_add_timer(step->loop, &waiting->timer, usec, on_pause_over, step);

	if (r < 0)
		step_fail(step, -r, "cannot wait for the MGS: %s", errno_text(-r));
}

/* "10.0.0.10@tcp: its node is up, but …; 10.0.0.11@tcp: no host has its address yet" */
static void describe(const struct step *step, char *text, size_t size)
{
	const struct waiting *waiting = step->work;
	const struct words *nids = nids_of(step);
	size_t used = 0;

	for (size_t i = 0; i < nids->count && i < NIDS_MAX && used < size; i++)
		used += (size_t)snprintf(text + used, size - used, "%s%s: %s", i > 0 ? "; " : "",
					 nids->items[i], mgs_answer_sentence(waiting->answers[i]));
}

/* The journal gets a line for each change, and STATUS= one for each round. */
static void tell(struct step *step)
{
	struct waiting *waiting = step->work;
	char text[400];

	describe(step, text, sizeof(text));
	step_tell(step, "waiting for the MGS, for %llu s: %s", waited_sec(step), text);
	if (memcmp(waiting->told, waiting->answers, sizeof(waiting->told)) != 0)
		step_note(step, "waiting for the MGS: %s. Next: %s", text,
			  mgs_answer_next(waiting->answers[0]));
	memcpy(waiting->told, waiting->answers, sizeof(waiting->told));
}

static void give_up(struct step *step)
{
	const struct waiting *waiting = step->work;
	unsigned long long waited = waited_sec(step);
	const char *next = mgs_answer_next(waiting->answers[0]);
	char text[300];

	describe(step, text, sizeof(text));
	if (step->action->phase == PHASE_SERVED)
		step_done_without(step,
				  "no MGS answered in %llu s (%s); what it knows already is "
				  "mounted without it, which takes Lustre one to five minutes",
				  waited, text);
	else
		step_fail(step, ETIMEDOUT, "no MGS answered in %llu s: %s. Next: %s", waited, text,
			  next);
}

static void all_were_asked(struct step *step)
{
	struct waiting *waiting = step->work;
	uint64_t pause = waiting->pause_usec;

	if (now(step) >= waiting->deadline_usec) {
		give_up(step);
		return;
	}
	tell(step);
	waiting->pause_usec = pause * 2 > PAUSE_LAST_USEC ? PAUSE_LAST_USEC : pause * 2;
	pause_for(step, jittered(pause));
}

static void on_answer(enum mgs_answer answer, void *userdata)
{
	struct step *step = userdata;
	struct waiting *waiting = step->work;

	waiting->probe = NULL;
	waiting->answers[waiting->mgs] = answer;
	if (answer == MGS_ANSWERS) {
		step_done(step);
	} else {
		waiting->mgs++;
		ask_next(step);
	}
}

static void ask_next(struct step *step)
{
	struct waiting *waiting = step->work;
	const struct words *nids = nids_of(step);
	struct error err;

	if (waiting->mgs >= nids->count || waiting->mgs >= NIDS_MAX)
		all_were_asked(step);
	else if (mgs_probe_start(step->processes, nids->items[waiting->mgs], on_answer, step,
				 &waiting->probe, &err) < 0)
		step_fail(step, -err.code, "%s", err.text);
}

void lnet_stop_waiting(struct step *step)
{
	struct waiting *waiting = step->work;

	waiting->timer = event_source_end(waiting->timer);
	mgs_probe_cancel(waiting->probe);
	step_skip(step);
}

void lnet_wait_mgs(struct step *step)
{
	struct waiting *waiting = calloc(1, sizeof(*waiting));
	unsigned limit = step->options->mgs_timeout_sec;

	step->work = waiting;
	if (!waiting) {
		step_fail(step, ENOMEM, "out of memory");
		return;
	}
	if (step->action->phase == PHASE_SERVED && limit > SERVED_LIMIT_SEC)
		limit = SERVED_LIMIT_SEC;
	waiting->started_usec = now(step);
	waiting->pause_usec = PAUSE_FIRST_USEC;
	waiting->deadline_usec = waiting->started_usec + (uint64_t)limit * 1000000;
	ask_next(step);
}
