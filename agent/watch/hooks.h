/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * An operator's own programs: the executables in HOOKS/EVENT/, one after the other in the order of
 * their names, each told the event as JSON on standard input and in its environment. Each has a
 * time and a process group of its own; one that fails does not stop the next. What anybody but root
 * could have written is not run.
 */

#include "base/process.h"
#include "model/watch_event.h"

#define HOOKS_PATH "/etc/lustre-init/hooks.d"

struct hooks;

/* Called when all hooks of an event have ended, or there were none. */
typedef void (*hooks_done_fn)(void *userdata);

/* `directory`, with a folder for each event, and `processes` outlive it. */
int hooks_new(struct processes *processes, const char *directory, struct hooks **ret,
	      struct error *err);
struct hooks *hooks_free(struct hooks *hooks);

#define HOOK_USEC  (30 * 1000000ULL) /* for one hook */
#define HOOKS_USEC (90 * 1000000ULL) /* … and all of an event that is not urgent */

/*
 * Runs the hooks of what began or ended, after those of earlier events. What cannot be run is told
 * (report_watch.h), and is no reason to stop.
 */
void hooks_run(struct hooks *hooks, const struct watch_event *event);

/*
 * The same for what cannot wait: before other events, and no longer than `limit_usec`. `done` is
 * called from the loop, unless there is another urgent one by then.
 */
void hooks_run_urgently(struct hooks *hooks, const struct watch_event *event, uint64_t limit_usec,
			hooks_done_fn done, void *userdata);
