/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The only voice: everything else returns values. A sentence goes to the journal (or the terminal),
 * to STATUS= for `systemctl status`, and to boot.json for `lustre-init status`.
 */

#include "model/finding.h"
#include "model/plan.h"
#include "model/status.h"
#include "model/wait.h"

struct report {
	struct status *status;
	const char *boot_path; /* where *status is written at each change; NULL: nowhere */
	bool quiet;            /* no lines, for verbs that print a value */
	bool boot_is_lost;     /* boot.json could not be written, and is gone; said so */
	bool boot_is_behind;   /* report_catch_up() has something to write */
	enum wait waits;       /* what the journal has last been told to be waited for */
};

#define REPORT_BOOT_PATH "/run/lustre-init/boot.json"

enum report_level {
	REPORT_ERROR,
	REPORT_WARNING,
	REPORT_INFO,
};

/* One line for the journal or the terminal. */
void report_line(const struct report *report, enum report_level level, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* What is being done or waited for now: STATUS= and boot.json, no line. */
void report_step(struct report *report, const char *sentence);

/*
 * The same where many steps follow each other: boot.json waits for report_catch_up(), so that no
 * tool is started later for it. To write it takes as long as a small tool.
 */
void report_step_begun(struct report *report, const char *sentence);
void report_catch_up(struct report *report);

/* The one line that `systemctl status` shows. */
void report_tell_systemd(const char *sentence);

/* Whether what goes to standard error goes to the journal. */
bool report_speaks_to_journal(void);

/* An action has ended. */
void report_outcome(struct report *report, const struct outcome *outcome);

/* That what is missing may still come: "for up to 60 s: …". */
void report_waiting(struct report *report, const char *sentence);

/* What is waited for now: as report_step(), and when it begins an entry of the journal. */
void report_wait(struct report *report, enum wait wait, const char *sentence);

/* What a person should know: a line, and where it is a wait an entry of the journal. */
void report_note(struct report *report, enum wait wait, const char *sentence);

/* The end of apply: lines for each problem and refusal, and the sentence that `systemctl status`
 * keeps. */
void report_verdict(struct report *report);

/* For people, on standard output. */
void report_print_plan(const struct plan *plan);
void report_print_status(const struct status *status);

void report_print_findings(const struct findings *findings);

/*
 * Prints a value as JSON on standard output; takes the reference. Returns `code`, or where it could
 * not be made or printed, having said so, 1.
 */
int report_print_json(json_t *json, int code);
