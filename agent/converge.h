/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * apply: observe, decide, act, and look again where the plan says so, until the node stands as
 * asked or something stands in the way. What is transient is retried in here, with back-off, since
 * a unit that failed once fails its dependents for good.
 */

#include "node.h"
#include "report.h"

#define CONVERGE_LOCK_PATH "/run/lustre-init/lock"

/*
 * Runs to the end and leaves the verdict in report->status. A negative result means that it did not
 * begin: -EBUSY where another lustre-init, or a tool that one left, holds the lock that apply, stop
 * and clean share; another where that cannot be taken, or -ENOMEM. All else is a verdict.
 */
int converge(const struct node_options *options, struct report *report, struct error *err);

/*
 * Takes the lock; the descriptor in *ret_fd holds it. -EBUSY when another process does: of a run at
 * once, of what a killed run left after ten seconds.
 */
int converge_lock(int *ret_fd, struct error *err);
