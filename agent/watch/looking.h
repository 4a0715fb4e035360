/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The watch over the node itself: each few seconds a look at what apply left (observe/health), what
 * of it is new (decide/health/health_events), and the text for Prometheus.
 */

#include "base/process.h"
#include "model/watch.h"
#include "watch/boot_state.h"

#define LOOKING_EVERY_USEC (5 * 1000000ULL)

struct looking;

struct looking_options {
	struct processes *processes; /* on whose loop it is */
	struct boot_state_paths paths;
	uint64_t every_usec; /* LOOKING_EVERY_USEC */
	const char *metrics; /* where the text is written; NULL: nowhere */
	struct watch *watch; /* its events are kept */
	/*
	 * Called after a look that something changed by, looking_trouble() too: the events up to
	 * EVENT_HEALTH_LAST with a `change` are to be told now, since the next look takes it away.
	 */
	void (*changed)(void *userdata);
	/* Called for a look that failed, or metrics that could not be written, once until one
	 * succeeds. */
	void (*failed)(const struct error *why, void *userdata);
	void *userdata;
};

/* The first look is at once, from the loop. */
int looking_start(const struct looking_options *options, struct looking **ret, struct error *err);
struct looking *looking_end(struct looking *looking); /* returns NULL, and accepts it */

/* The report of this boot, as it was last read; NULL where there is none. Until the next look. */
const struct status *looking_status(const struct looking *looking);

/* Why it cannot see what apply left; "" where it can. */
const char *looking_trouble(const struct looking *looking);

/* The text for Prometheus anew, where what is in it has changed by other means. Before the first
 * look there is none. */
void looking_write_metrics(struct looking *looking);
