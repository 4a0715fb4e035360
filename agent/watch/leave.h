/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The instance goes away: its OSTs are marked degraded, so that no new objects land there, the
 * hooks run, and `lustre-init stop` unmounts in order, clients first, before EC2 pulls the plug.
 * Each step has its time; none waits for one that hangs. A notice that is withdrawn has the marks
 * taken away that were set because of it, and no others.
 */

#include "base/process.h"
#include "model/watch.h"
#include "watch/hooks.h"

struct leave;

/* Something of *watch has changed: leaving, degraded, sentence. */
typedef void (*leave_changed_fn)(void *userdata);

struct leave_options {
	const char *root; /* for Lustre's files; "" */
	struct processes *processes;
	struct hooks *hooks;
	struct watch *watch;
	leave_changed_fn changed;
	void *userdata;
};

/* What *options points to outlives it. */
int leave_new(const struct leave_options *options, struct leave **ret, struct error *err);
struct leave *leave_free(struct leave *leave);

/*
 * The event of a notice, as it begins, what there is until the instance goes away, and whether its
 * hooks have been run. Once begun, another begin is passed over; but what is mounted again when all
 * was unmounted is taken out of service again. Returns whether it was taken: the hooks of one that
 * was passed over are the caller's.
 */
bool leave_begin(struct leave *leave, const struct watch_event *event, unsigned left_sec,
		 bool had_hooks);

/* Nothing asks for it any more. */
void leave_end(struct leave *leave);
