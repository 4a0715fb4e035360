/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The only place that forks. A child gets argv (never a shell), a process group of its own,
 * LC_ALL=C, no standard input, a deadline, and its output is read up to a limit.
 *
 * At the deadline the whole group gets SIGTERM, then SIGKILL: mount(8) and mkfs.lustre leave their
 * own children running when only they are ended (measured). A child that survives even that, in an
 * uninterruptible wait of the kernel, is abandoned and reported as such.
 */

#include "base/error.h"

#include <stdint.h>
#include <systemd/sd-event.h>

#define PROCESS_OUTPUT_MAX (1024 * 1024)
#define PROCESS_FOREVER    UINT64_MAX

enum process_end {
	PROCESS_EXITED,    /* code: exit status */
	PROCESS_SIGNALED,  /* code: the signal */
	PROCESS_TIMED_OUT, /* ended by us at the deadline */
	PROCESS_ABANDONED, /* could not be ended */
	PROCESS_UNHEARD,   /* exited, but what it said could not be kept: out of memory */
};

struct process_result {
	enum process_end end;
	int code;
	const char *output; /* standard output, NUL-terminated, cut at PROCESS_OUTPUT_MAX */
	const char *errors; /* standard error, likewise */
	uint64_t usec;      /* how long it ran */
};

struct process;

/* Called once, from the event loop. The result lives until the call returns; the process is freed
 * then. */
typedef void (*process_done_fn)(const struct process_result *result, void *userdata);

/*
 * Starts argv[0], found in PATH. timeout_usec counts from now; PROCESS_FOREVER has no deadline.
 * Fails at once (-ENOENT) when the program cannot be executed. *ret may be NULL; with it, the
 * caller can end the child early by process_cancel().
 */
int process_start(sd_event *loop, const char *const argv[], uint64_t timeout_usec,
		  process_done_fn done, void *userdata, struct process **ret, struct error *err);

/* Ends the group as at a deadline; `done` is still called, with PROCESS_TIMED_OUT. */
void process_cancel(struct process *process);

/* What process_run() returns; freed by process_output_done(). */
struct process_output {
	enum process_end end;
	int code;
	char *output, *errors;
	uint64_t usec;
};

/* process_start() on a loop of its own, and wait. A non-zero exit is not an error. */
int process_run(const char *const argv[], uint64_t timeout_usec, struct process_output *ret,
		struct error *err);
void process_output_done(struct process_output *output);

/* "mkfs.lustre exited with status 1: …": and what it said on its errors, else its output, in one
 * line. */
void process_describe(const char *program, const struct process_result *result, char *sentence,
		      size_t size);
