/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * One running action. An effect is a function that starts it and returns; it ends by exactly one of
 * step_done(), step_fail() and step_refuse(), at once or from the event loop.
 */

#include "base/blockdev.h"
#include "base/process.h"
#include "effect/apply.h"

#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

struct step;
typedef void (*step_fn)(struct step *step);
typedef void (*step_result_fn)(struct step *step, const struct process_result *result);
typedef void (*step_remind_fn)(struct step *step, unsigned seconds);

struct step {
	const struct apply_options *options;
	const struct action *action;
	const struct plan_target *target; /* NULL when the action has none */
	const struct plan_group *group;   /* likewise */
	sd_event *loop;
	struct processes *processes; /* shared by all steps */
	sd_bus **bus;                /* shared by all steps; step_bus() opens it */
	const bool *units_changed;   /* mount_write_units() */
	struct blockdev *held; /* locked while the step, or a child of its, writes; closed when it
				  ends */
	void *work;            /* what an effect keeps between callbacks; freed with free() */
	/* The rest is apply's and step's own. */
	struct run *run;
	char program[64];
	step_result_fn next;
	step_remind_fn remind; /* NULL: only a program that takes long is told of */
	sd_event_source *reminder;
	bool reminded;         /* before */
	uint64_t program_usec; /* when it was started */
	uint64_t started_usec, tool_usec;
	bool passing; /* its failure is */
};

void step_done(struct step *step);

/* Done all the same, but something that was wished for did not come: what, the journal is told. */
void step_done_without(struct step *step, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* `code` is a positive errno where one is known, else 0. */
void step_fail(struct step *step, int code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * The same of what has nothing to do with what was asked, such as a signal or a time-out: it may
 * pass by itself, and another round tries again.
 */
void step_fail_passing(struct step *step, int code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* By what one of our own functions says; where that was a shortage, it may pass. */
void step_fail_error(struct step *step, const struct error *err);

/* Nothing needs it any more. */
void step_skip(struct step *step);

/* A precondition does not hold any more: nothing was written. */
void step_refuse(struct step *step, const char *format, ...) __attribute__((format(printf, 2, 3)));

/*
 * Counts the time since the step began as a tool's: what systemd does for us (a mount, reading its
 * units) is no child of ours.
 */
void step_count_as_tool(struct step *step);

/* Tells what is being waited for, for STATUS=. */
void step_tell(struct step *step, const char *format, ...) __attribute__((format(printf, 2, 3)));

/*
 * Every few seconds (apply_patience) from now to the step's end: `remind` tells what takes so long,
 * and is given the seconds since the step began. For what may be slow without being stuck.
 */
void step_remind(struct step *step, step_remind_fn remind);

/* The same for the journal, which keeps it: seldom. */
void step_note(struct step *step, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Likewise, of a wait: what is waited for has an id in the journal. */
void step_note_wait(struct step *step, enum wait wait, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* process_describe(), and what else the tool said on its errors goes to the journal. */
void step_describe(struct step *step, const char *program, const struct process_result *result,
		   char *sentence, size_t size);

/* How long a tool is borne that has no deadline of its own. */
uint64_t step_patience(const struct step *step);

/*
 * Runs a program as (part of) this step, and tells how long it takes where it takes long. `next`
 * gets the result of an exit with status 0; with NULL the step is done then. Any other end fails
 * the step with what the program said.
 */
void step_run(struct step *step, const struct words *argv, uint64_t timeout_usec,
	      step_result_fn next);

/* The same, but `next` gets every result and decides. */
void step_run_any(struct step *step, const struct words *argv, uint64_t timeout_usec,
		  step_result_fn next);

/* Fails the step with how the program ended: with `code` where it exited by itself; what only took
 * too long, or was ended by somebody, may pass. */
void step_fail_process(struct step *step, const char *program, const struct process_result *result,
		       int code);

/* The system bus on this step's loop, opened anew where it was lost; NULL after
 * step_fail_passing().
 */
sd_bus *step_bus(struct step *step);

/* Without an end: its device is let go of, and nothing is told of it any more. For apply alone. */
void step_drop(struct step *step);

/* Implemented by apply: takes the outcome and starts what has become ready. */
void run_ended(struct run *run, struct step *step, enum outcome_kind kind, int code,
	       const char *text);
