/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The voice of the watch: watch.json, one line for `systemctl status`, entries in the journal. */

#include "model/watch.h"

#define REPORT_WATCH_PATH      "/run/lustre-init/watch.json"
#define REPORT_WATCH_LOCK_PATH "/run/lustre-init/watch.lock" /* held while there is a watch */

struct report_watch {
	const struct watch *watch;
	const char *path; /* where it is written at each change; NULL: nowhere */
	bool is_lost;     /* it could not be written, and is gone; said so */
};

/* What STATUS= says is watch->sentence; watch.json is written. */
void report_watch_state(struct report_watch *report);

/* A line for what began or ended, in the journal with the id of its kind. */
void report_watch_event(const struct watch_event *event);

/* A line of no event: what was done because of one. */
void report_watch_line(enum watch_severity severity, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* For people, on standard output: what lasts, below the status of the node. */
void report_print_watch(const struct watch *watch);

/* To systemd: all is in place. */
void report_watch_ready(void);
