/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The children of a run, and their loop. Include <cmocka.h> before. */

#include "base/process.h"

struct children {
	sd_event *loop;
	struct processes *processes;
};

/* `lock` as of processes_new(). */
static inline struct children children_start(int lock)
{
	struct children children;
	struct error err;

	assert_true(sd_event_new(&children.loop) >= 0);
	assert_int_equal(processes_new(children.loop, lock, &children.processes, &err), 0);
	return children;
}

static inline void children_end(struct children *children)
{
	processes_end(children->processes);
	sd_event_unref(children->loop);
	*children = (struct children){ 0 };
}
