/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Runs a plan. Whatever has all it needs is started; what follows from a failure is skipped, and
 * the rest goes on. Outcomes are values: apply tells of each start and end through the callback,
 * and speaks to nobody itself.
 */

#include "base/process.h"
#include "model/plan.h"
#include "model/state.h"
#include "model/status.h"
#include "model/wait.h"

/* `sentence` is what is being done or waited for; `outcome` is NULL while an action runs. */
typedef void (*apply_progress_fn)(void *userdata, const char *sentence,
				  const struct outcome *outcome);

/* Something for the journal while an action runs, and what it waits for. */
typedef void (*apply_note_fn)(void *userdata, enum wait wait, const char *sentence);

/* Before each wait: all that can be started has been. What no tool needs has its time here. */
typedef void (*apply_rest_fn)(void *userdata);

struct lnet_early;

/* How long is borne what may hang. Each is there against for-ever, not against slow: a disk may
 * stand still for minutes and come back, and a first boot reads its tools from a snapshot. */
struct apply_patience {
	uint64_t tool_usec;    /* a tool, where it has no deadline of its own */
	uint64_t told_usec;    /* so often STATUS= says how long a tool, or a mount, has taken */
	uint64_t asked_usec;   /* so often systemd is asked how a mount stands */
	uint64_t systemd_usec; /* systemd, or the bus to it, does not answer */
};

struct apply_options {
	const struct plan *plan;
	const char *instance_id;
	const char *root;           /* of sysfs; "" but for tests */
	const char *state_path;     /* /var/lib/lustre-init/state.json */
	const char *lvm_backups;    /* LVM_BACKUP_DIRECTORY */
	const char *unit_directory; /* /run/systemd/system */
	const char *mount_table;    /* /proc/self/mountinfo */
	const char *mount_points;   /* the list of those made; NULL: systemd makes them */
	struct state *state;        /* as it was read; kept in step with what is written */
	unsigned mgs_timeout_sec;
	struct processes *processes;   /* of the run, with its lock (processes_new()) */
	struct lnet_early *lnet_early; /* NULL: LNET's module was not loaded ahead of the plan */
	struct apply_patience patience;
	apply_progress_fn progress;
	apply_note_fn note;
	apply_rest_fn rest;
	void *userdata;
};

/*
 * Puts one outcome per action into *status (status_take_outcome()). An action that fails is an
 * outcome, not an error; a negative result means that the plan could not be run at all.
 */
int apply_plan(const struct apply_options *options, struct status *status, struct error *err);
