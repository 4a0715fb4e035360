/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Entries of the journal that tools can wait for and `journalctl -x` explains: each kind has an id
 * that never changes, and a text in units/lustre-init.catalog under that id.
 */

#include "model/status.h"
#include "model/wait.h"
#include "model/watch_event.h"

enum journal_event {
	JOURNAL_READY,
	JOURNAL_FAILED,
	JOURNAL_SPEC_ERROR,
	JOURNAL_REFUSED,
	JOURNAL_NOT_OURS,
	JOURNAL_WAITING, /* for what may still come: device-timeout */
	JOURNAL_WAITING_METADATA,
	JOURNAL_WAITING_MGS,
	JOURNAL_WAITING_MOUNT,
	JOURNAL_WAITING_RETRY,
	JOURNAL_EVENT_MAX,
};

/*
 * Sends the event with its sentence; of *status, what the node is, and each target that is refused,
 * by its code. That nobody listens is no error: the sentence is on standard error as well.
 */
void report_journal_send(enum journal_event event, const char *sentence,
			 const struct status *status);

/* Sends what the watch saw begin or end, under the id of its kind. */
void report_journal_send_watch(const struct watch_event *event);

/*
 * Sends one refusal, under the id of its code, with its target and what resolves it.
 * JOURNAL_REFUSED sums them up.
 */
void report_journal_send_refusal(const struct refusal *refusal, const struct status *status);

/* The event that a wait is; JOURNAL_EVENT_MAX for none. */
enum journal_event report_journal_wait(enum wait wait);

/* The event that a verdict is; JOURNAL_EVENT_MAX for one that is none yet. */
enum journal_event report_journal_event(enum verdict verdict);
