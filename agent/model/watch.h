/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What lustre-init watch knows: /run/lustre-init/watch.json is this value. The daemon reads it
 * back when it is started again, so that nothing is told twice and what it did can be undone.
 */

#include "base/words.h"
#include "model/notice.h"
#include "model/watch_event.h"

enum leaving {
	LEAVING_NOT,   /* nothing asks for it */
	LEAVING_BEGUN, /* OSTs are marked, hooks run, targets are unmounted */
	LEAVING_DONE,  /* all of it is done, as far as it could be */
	LEAVING_MAX,
};

/* The step that it is at while it has begun, for a daemon that goes on after one that was killed.
 */
enum leaving_step {
	LEAVING_UNMOUNTS,
	LEAVING_MARKS,
	LEAVING_RUNS_HOOKS, /* those that had begun are not run twice */
	LEAVING_STEP_MAX,
};

struct watch {
	char boot_id[40];     /* of another boot: nothing of it counts */
	char sentence[512];   /* what STATUS= says */
	enum leaving leaving; /* because the instance ends: see notice_is_end() */
	enum leaving_step leaving_step;
	bool had_hooks;        /* those of what it leaves because of were run before it began */
	struct words degraded; /* OSTs that the watch has marked, and nobody else */
	struct words left;     /* what was up all the same when all was unmounted */
	struct notices notices;
	struct {
		struct notice_heard items[NOTICES_MAX];
		size_t count;
	} heard;                    /* when each of the notices was first, in their order */
	struct words changed_tags;  /* "lustre:index": other than what was applied */
	char metadata_trouble[256]; /* why the metadata service says nothing; "" while it does */
	struct watch_events events; /* what is amiss here */
};

void watch_done(struct watch *watch);

/* NULL when out of memory. */
json_t *watch_to_json(const struct watch *watch);

/* -EINVAL for anything that is not understood to the last member; -ENOMEM. */
int watch_from_json(const json_t *json, struct watch *ret, struct error *err);
