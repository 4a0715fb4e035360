/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The only place that forks. A child gets argv (never a shell), a process group of its own, a known
 * environment, "/" to be in, nothing to read unless it is given, no file of ours or of a library's,
 * a deadline, and its output is read up to a limit.
 *
 * At the deadline the whole group gets SIGTERM, then SIGKILL: mount(8) and mkfs.lustre leave their
 * own children running when only they are ended (measured). So it does where the child ended by a
 * signal or with a failure. A group that survives even that, in an uninterruptible wait of the
 * kernel, is abandoned and reported as such: after five seconds, or after as long as the caller
 * bears it (hang_usec), since a disk may stand still and come back.
 *
 * No child outlives us, if it can be ended. While there are any, SIGTERM, SIGINT, SIGHUP and
 * SIGQUIT wait until all groups are ended, and then do what they always do. Where there are several
 * loops (process_run() has its own), the one that runs ends its children, and for those of the
 * others it is as where we are killed (SIGKILL): the kernel sends each child SIGTERM; a grandchild
 * goes on, and so does one that cannot be ended. They keep our locks (flock(2) belongs to the open
 * file, which they inherit), and who looks for their holder finds them.
 *
 * All this is the main thread's: the kernel counts the death of the thread that forked.
 */

#include "base/blockdev.h"
#include "base/error.h"
#include "base/words.h"

#include <stdint.h>
#include <systemd/sd-event.h>

#define PROCESS_OUTPUT_MAX (1024 * 1024)
#define PROCESS_FOREVER    UINT64_MAX

enum process_end {
	PROCESS_EXITED,    /* code: exit status */
	PROCESS_SIGNALED,  /* code: the signal */
	PROCESS_TIMED_OUT, /* ended by us at the deadline */
	PROCESS_ABANDONED, /* it, or what it started, could not be ended */
	PROCESS_UNHEARD,   /* exited, but what it said could not be kept: out of memory */
};

struct process_result {
	enum process_end end;
	int code;
	const char *output; /* standard output, NUL-terminated, cut at PROCESS_OUTPUT_MAX */
	const char *errors; /* standard error, likewise */
	uint64_t usec;      /* how long it ran */
};

/* The children of one event loop. */
struct processes;

/*
 * `lock`: an open file, empty and locked, for children that shall keep it locked (keeps_lock); -1:
 * none. It is their standard input, which is all that LVM leaves open of what it was given, and the
 * first thing that a daemon closes: no daemon shall have it. The loop must outlive the processes.
 */
int processes_new(sd_event *loop, int lock, struct processes **ret, struct error *err);

sd_event *processes_loop(const struct processes *processes);

/* Hears what there is to hear, without waiting. For every second or so of who does something else
 * meanwhile: a signal to stop is obeyed here. */
void processes_go_on(const struct processes *processes);

/* Ends those that still run, within 7 s each, without a call of `done` but where one was cancelled.
 * Returns NULL. */
struct processes *processes_end(struct processes *processes);

struct process;

/* Called once, from the event loop. The result lives until the call returns; the process is freed
 * then. */
typedef void (*process_done_fn)(const struct process_result *result, void *userdata);

struct process_call {
	const char *const *argv; /* argv[0] is found in PATH */
	uint64_t timeout_usec;   /* from now; PROCESS_FOREVER has no deadline */
	bool keeps_lock;         /* of processes_new() */
	uint64_t hang_usec;      /* how long its end is waited for after SIGKILL, 5 s at least */
	const struct blockdev *held;     /* its lock is the child's as well; NULL for none */
	const char *input;               /* what it can read; NULL: nothing. Not with keeps_lock */
	const struct words *environment; /* "NAME=value", besides the known one; NULL: none */
	size_t output_max;               /* of each stream, kept; 0: PROCESS_OUTPUT_MAX */
	bool ends_group;                 /* what it started ends with it, also after a success */
	process_done_fn done;
	void *userdata;
};

/*
 * Fails at once (-ENOENT) when the program cannot be executed, and (-EINTR) when we were told to
 * stop. *ret may be NULL; with it, the caller can end the child early: until `done` is called, or
 * where we were told to stop, until it is dropped.
 */
int process_start(struct processes *processes, const struct process_call *call,
		  struct process **ret, struct error *err);

/* Ends the group as at a deadline; `done` is still called, with PROCESS_TIMED_OUT. Where we were
 * told to stop, nobody is told. */
void process_cancel(struct process *process);

/* Ends it as processes_end() does, where several share the processes. */
void process_drop(struct process *process);

/* So all but `kept` (NULL: all), for whom the processes go on. */
void processes_drop_others(struct processes *processes, const struct process *kept);

/* What process_run() returns; freed by process_output_done(). */
struct process_output {
	enum process_end end;
	int code;
	char *output, *errors;
	uint64_t usec;
};

/* process_start() on a loop of its own, without a lock, and wait. A non-zero exit is not an error.
 */
int process_run(const char *const argv[], uint64_t timeout_usec, struct process_output *ret,
		struct error *err);
void process_output_done(struct process_output *output);

/*
 * The last line of what a tool said that says something, "" for none: fit to be shown, and where it
 * is longer than `size`, cut between words.
 */
void process_last_line(const char *text, char *line, size_t size);

/*
 * 0 where it exited, with whatever status. Any other end says nothing of what it was asked:
 * -ECANCELED where a signal from outside ended it, -EIO where it crashed, -ETIMEDOUT where we did,
 * -ENOMEM where its words could not be kept, -EINPROGRESS where it hangs in the kernel still, as
 * another one would beside it.
 */
int process_check_end(const char *program, const struct process_output *output, struct error *err);

/* "mkfs.lustre exited with status 1: …": and the last line of its errors, else of its output. */
void process_describe(const char *program, const struct process_result *result, char *sentence,
		      size_t size);
