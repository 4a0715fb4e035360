/* SPDX-License-Identifier: Apache-2.0 */
#include "effect/apply.h"

#include "base/clock.h"
#include "base/errno_text.h"
#include "base/event.h"
#include "base/text.h"
#include "effect/disk_check.h"
#include "effect/efa.h"
#include "effect/lnet.h"
#include "effect/lnet_early.h"
#include "effect/lustre.h"
#include "effect/lvm.h"
#include "effect/manager.h"
#include "effect/mount.h"
#include "effect/record.h"
#include "effect/step.h"
#include "effect/tuning.h"
#include "effect/volume_device.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SYSTEMD_PAUSE_NSEC (250 * 1000 * 1000)

/* What each kind of action does; the one place where a plan meets the world. */
static const step_fn effects[ACTION_KIND_MAX] = {
	[ACTION_RECORD] = record_phase,
	[ACTION_CHECK_DISKS] = disk_check_group,
	[ACTION_CREATE_PV] = lvm_create_pv,
	[ACTION_REPAIR_PV] = lvm_repair_pv,
	[ACTION_CREATE_GROUP] = lvm_create_group,
	[ACTION_CREATE_VOLUME] = lvm_create_volume,
	[ACTION_ADOPT_GROUP] = lvm_adopt_group,
	[ACTION_ACTIVATE_GROUP] = lvm_activate_group,
	[ACTION_REPLAY_JOURNAL] = lustre_replay_journal,
	[ACTION_FORMAT] = lustre_format,
	[ACTION_VERIFY_FORMAT] = lustre_verify_format,
	[ACTION_TAG] = lvm_tag_phase,
	[ACTION_REPAIR_LABEL] = lustre_repair_label,
	[ACTION_LOAD_LNET] = lnet_load,
	[ACTION_LOAD_MODULE] = tuning_load_module,
	[ACTION_CONFIGURE_LNET] = lnet_configure,
	[ACTION_ADD_NET] = lnet_add_net,
	[ACTION_PREFER_EFA] = efa_prefer,
	[ACTION_CHECK_NIDS] = lnet_check_nids,
	[ACTION_LOAD_LUSTRE] = lustre_load,
	[ACTION_WAIT_MGS] = lnet_wait_mgs,
	[ACTION_WRITE_UNITS] = mount_tell_units,
	[ACTION_MOUNT] = mount_start,
	[ACTION_TUNE_CLIENT] = tuning_set_client,
	[ACTION_SETTLE] = lustre_settle,
};

/* Those that work on the device of their target. */
static const bool on_device[ACTION_KIND_MAX] = {
	[ACTION_REPLAY_JOURNAL] = true, [ACTION_FORMAT] = true, [ACTION_VERIFY_FORMAT] = true,
	[ACTION_REPAIR_LABEL] = true,   [ACTION_MOUNT] = true,  [ACTION_SETTLE] = true,
};

/* Those that may wait for long, and for nothing when what they are for has failed meanwhile. */
static const step_fn give_up[ACTION_KIND_MAX] = {
	[ACTION_WAIT_MGS] = lnet_stop_waiting,
};

enum progress {
	PROGRESS_WAITING,
	PROGRESS_RUNNING,
	PROGRESS_DONE,
	PROGRESS_NOT_DONE,
};

struct run {
	const struct apply_options *options;
	struct status *status;
	sd_event *loop; /* of the run, as its processes are */
	sd_bus *bus;
	bool units_changed;
	struct step *steps;      /* one per action */
	enum progress *progress; /* likewise */
	uint64_t *chain_usec;    /* likewise: tool time on the longest chain up to its end */
	size_t running;
	bool starting; /* start_ready() is at work: an effect that ends at once must not nest it */
	int error;
};

static uint64_t longest_chain(const struct run *run, const struct step *step)
{
	uint64_t longest = 0;

	for (unsigned i = 0; i < step->action->need_count; i++) {
		uint64_t chain = run->chain_usec[step->action->needs[i]];

		longest = chain > longest ? chain : longest;
	}
	return longest + step->tool_usec;
}

static void add_outcome(struct run *run, struct step *step, enum outcome_kind kind, int code,
			const char *text)
{
	size_t index = (size_t)(step - run->steps);
	const struct outcome *taken;
	struct outcome outcome = {
		.action = step->action->kind,
		.kind = kind,
		.passing = step->passing,
		.code = code,
		.started_usec = step->started_usec,
		.ended_usec = clock_now_usec(),
		.tool_usec = step->tool_usec,
		.chain_usec = longest_chain(run, step),
	};

	run->chain_usec[index] = outcome.chain_usec;
	action_describe(run->options->plan, step->action, outcome.what, sizeof(outcome.what));
	if (step->target)
		text_set(outcome.target, sizeof(outcome.target), "%s", step->target->name);
	snprintf(outcome.text, sizeof(outcome.text), "%s", text);
	taken = status_take_outcome(run->status, &outcome);
	if (!taken) {
		run->error = -ENOMEM;
		return;
	}
	/* This try is told, and how many there were before it. */
	outcome.retries = taken->retries;
	run->options->progress(run->options->userdata, outcome.what, &outcome);
}

/* PROGRESS_WAITING while a need is open, PROGRESS_NOT_DONE when one failed, else PROGRESS_DONE. */
static enum progress needs_of(const struct run *run, const struct action *action)
{
	enum progress worst = PROGRESS_DONE;

	for (unsigned i = 0; i < action->need_count; i++) {
		enum progress p = run->progress[action->needs[i]];

		if (p == PROGRESS_NOT_DONE)
			return p;
		if (p != PROGRESS_DONE)
			worst = PROGRESS_WAITING;
	}
	return worst;
}

/* A device that is not the target's own volume is not touched, nor another target mounted as it. */
static void start_effect(struct step *step)
{
	struct error err;
	int r = 0;

	if (step->target && on_device[step->action->kind])
		r = volume_device_check(step, &err);
	if (r == 0 && step->target && step->action->kind == ACTION_MOUNT)
		r = volume_label_check(step, &err);
	if (r == -EXDEV)
		step_refuse(step, "%s", err.text);
	else if (r < 0)
		step_fail_error(step, &err);
	else
		effects[step->action->kind](step);
}

static void start_step(struct run *run, size_t index)
{
	struct step *step = &run->steps[index];
	char what[128];

	run->progress[index] = PROGRESS_RUNNING;
	run->running++;
	step->started_usec = clock_now_usec();
	action_describe(run->options->plan, step->action, what, sizeof(what));
	run->options->progress(run->options->userdata, what, /* outcome= */ NULL);
	start_effect(step);
}

/* Whether all that wait for it, and there are some, will not be done any more. */
static bool is_needless(const struct run *run, size_t index)
{
	const struct plan *plan = run->options->plan;
	bool needed = false;

	for (size_t i = index + 1; i < plan->action_count; i++)
		for (unsigned n = 0; n < plan->actions[i].need_count; n++) {
			if (plan->actions[i].needs[n] != index)
				continue;
			if (run->progress[i] != PROGRESS_NOT_DONE)
				return false;
			needed = true;
		}
	return needed;
}

/* True when one was ended. */
static bool give_up_needless(struct run *run)
{
	bool changed = false;

	for (size_t i = 0; i < run->options->plan->action_count; i++) {
		step_fn stop = give_up[run->steps[i].action->kind];

		if (!stop || run->progress[i] != PROGRESS_RUNNING || !is_needless(run, i))
			continue;
		changed = true;
		stop(&run->steps[i]);
	}
	return changed;
}

/* Needs always point backwards, but an effect that ends at once may free an earlier one: until at
 * rest. */
static void start_ready(struct run *run)
{
	bool changed = true;

	run->starting = true;
	while (changed) {
		changed = false;
		for (size_t i = 0; i < run->options->plan->action_count; i++) {
			enum progress needs;

			if (run->progress[i] != PROGRESS_WAITING)
				continue;
			needs = needs_of(run, run->steps[i].action);
			if (needs == PROGRESS_WAITING)
				continue;
			changed = true;
			if (needs == PROGRESS_DONE) {
				start_step(run, i);
				continue;
			}
			run->progress[i] = PROGRESS_NOT_DONE;
			run->steps[i].started_usec = clock_now_usec();
			add_outcome(run, &run->steps[i], OUTCOME_SKIPPED, 0, "");
		}
		changed = give_up_needless(run) || changed;
	}
	run->starting = false;
}

void run_ended(struct run *run, struct step *step, enum outcome_kind kind, int code,
	       const char *text)
{
	run->progress[step - run->steps] = kind == OUTCOME_DONE ? PROGRESS_DONE : PROGRESS_NOT_DONE;
	run->running--;
	add_outcome(run, step, kind, code, text);
	if (!run->starting)
		start_ready(run);
}

static int prepare(struct run *run, struct error *err)
{
	const struct plan *plan = run->options->plan;

	run->steps = calloc(plan->action_count, sizeof(*run->steps));
	run->progress = calloc(plan->action_count, sizeof(*run->progress));
	run->chain_usec = calloc(plan->action_count, sizeof(*run->chain_usec));
	if (!run->steps || !run->progress || !run->chain_usec) {
		error_set(err, -ENOMEM, "out of memory");
		return -ENOMEM;
	}
	for (size_t i = 0; i < plan->action_count; i++) {
		const struct action *action = &plan->actions[i];

		run->steps[i] = (struct step){
			.options = run->options,
			.action = action,
			.target = action->target >= 0 ? &plan->targets[action->target] : NULL,
			.group = action->group >= 0 ? &plan->groups[action->group] : NULL,
			.loop = run->loop,
			.processes = run->options->processes,
			.bus = &run->bus,
			.units_changed = &run->units_changed,
			.run = run,
		};
	}
	return 0;
}

/* Whether it will need systemd: plans that format have mounts, too. */
static bool has_units(const struct plan *plan)
{
	for (size_t i = 0; i < plan->action_count; i++)
		if (plan->actions[i].kind == ACTION_WRITE_UNITS)
			return true;
	return false;
}

/* What was begun before goes on, and a signal to stop, which it holds up, is obeyed. */
static void pause_for_systemd(const struct run *run)
{
	const struct timespec pause = { .tv_nsec = SYSTEMD_PAUSE_NSEC };

	nanosleep(&pause, NULL);
	processes_go_on(run->options->processes);
}

/* The bus is looked at before the first write, and not found to be away after a format (S7). At
 * boot, or while its package is updated, it may be away for seconds. */
static int look_for_systemd(struct run *run, struct error *err)
{
	const struct apply_options *options = run->options;
	const uint64_t until = clock_now_usec() + options->patience.systemd_usec;
	char name[MANAGER_NAME_MAX];
	int r;

	for (;;) {
		r = manager_connect(&run->bus, run->loop);
		if (r >= 0)
			r = manager_find(run->bus, name);
		if (r >= 0)
			return 0;
		if (clock_now_usec() >= until)
			return error_set(
				err, r,
				"systemd does not answer over the system bus (%s), and what is "
				"mounted is mounted through it; nothing was written. Next: "
				"systemctl "
				"status dbus.socket dbus.service tells why; then systemctl restart "
				"lustre-init",
				errno_text(-r));
		options->progress(options->userdata,
				  "waiting for systemd to answer over the system bus",
				  /* outcome= */ NULL);
		options->rest(options->userdata);
		pause_for_systemd(run);
	}
}

/* Those that a loop which failed has left at work; their children are ended by then. */
static void drop_steps(struct run *run)
{
	for (size_t i = 0; run->steps && i < run->options->plan->action_count; i++)
		step_drop(&run->steps[i]);
}

static int on_rest(sd_event_source *source, void *userdata)
{
	const struct run *run = userdata;

	(void)source;
	run->options->rest(run->options->userdata);
	return 0;
}

/* sd_event_add_post(3): behind what a turn of the loop has started. Before the first, by hand. */
static int run_loop(struct run *run, struct error *err)
{
	sd_event_source *post = NULL;
	int r = sd_event_add_post(run->loop, &post, on_rest, run);

	if (r >= 0) {
		start_ready(run);
		run->options->rest(run->options->userdata);
	}
	/* Not sd_event_loop(3): others go on with this loop. */
	while (r >= 0 && run->running > 0)
		r = sd_event_run(run->loop, UINT64_MAX);
	event_source_end(post);
	return r < 0 ? error_errno(err, r, "the event loop failed") : 0;
}

int apply_plan(const struct apply_options *options, struct status *status, struct error *err)
{
	struct run run = {
		.options = options,
		.status = status,
		.loop = processes_loop(options->processes),
	};
	int r = 0;

	if (options->plan->action_count == 0)
		return 0;
	r = prepare(&run, err);
	if (r == 0 && has_units(options->plan)) {
		r = look_for_systemd(&run, err);
		if (r == 0)
			r = mount_write_units(options, &run.units_changed, err);
	}
	if (r == 0)
		r = run_loop(&run, err);
	if (r == 0 && run.error < 0)
		r = error_set(err, run.error, "out of memory");
	processes_drop_others(options->processes, lnet_early_process(options->lnet_early));
	drop_steps(&run);
	sd_bus_flush_close_unref(run.bus);
	free(run.steps);
	free(run.progress);
	free(run.chain_usec);
	return r;
}
