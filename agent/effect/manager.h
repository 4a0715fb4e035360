/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * systemd's manager on the system bus: whether it is there, who it is, and what it knows of a mount
 * unit. org.freedesktop.systemd1(5).
 */

#include "base/error.h"
#include "model/facts.h"

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

#define MANAGER_SERVICE   "org.freedesktop.systemd1"
#define MANAGER_PATH      "/org/freedesktop/systemd1"
#define MANAGER_INTERFACE "org.freedesktop.systemd1.Manager"
#define MANAGER_NAME_MAX  256 /* D-Bus specification, "Valid Names" */

/* What systemd knows of a mount unit. */
struct manager_unit {
	char active[32];              /* ActiveState */
	char result[32];              /* of its last start: "success", "exit-code", "signal" */
	char fragment[PATH_TEXT_MAX]; /* the file that it was read from; "" for none */
	bool has_job;
	bool is_outdated; /* NeedDaemonReload */
	/* The newest ExecMount; started_usec (CLOCK_MONOTONIC) is 0 where systemd knows of none, as
	 * after a reload while it ran. code is CLD_EXITED, CLD_KILLED or CLD_DUMPED, 0 while it
	 * runs; status is an exit status or a signal. */
	struct {
		uint64_t started_usec;
		int code, status;
	} exec;
};

/*
 * Makes *bus one that is open: opens it, or opens another in place of one that was closed. It is
 * served by `loop`. Returns a negative errno.
 */
int manager_connect(sd_bus **bus, sd_event *loop);

/* The unique name of who owns systemd's on the bus: only root may own that, and the bus never gives
 * a unique name twice. */
int manager_find(sd_bus *bus, char name[MANAGER_NAME_MAX]);

/* Makes a call of systemd's manager, for manager_send(). */
int manager_new_call(sd_bus *bus, const char *member, sd_bus_message **ret);

/*
 * Sends the call, which it takes over. `done` is called with the answer, or with an error after
 * two minutes; not any more once *slot is unreferenced. With a NULL `done` no answer is wanted.
 */
int manager_send(sd_bus *bus, sd_bus_message *call, sd_bus_slot **slot,
		 sd_bus_message_handler_t done, void *userdata);

/* Asks what systemd knows of the unit; the answer is for manager_read_unit(). */
int manager_ask_unit(sd_bus *bus, const char *unit, sd_bus_slot **slot,
		     sd_bus_message_handler_t done, void *userdata);

/* -EBADMSG for an answer that says less than it must. */
int manager_read_unit(sd_bus_message *answer, struct manager_unit *ret);

/*
 * Whether systemd knows the unit, and from elsewhere than from the text that is in the file `path`
 * now: because something is mounted there, or another unit names it. Where it would not say, true:
 * to read its units once too often does no harm.
 */
bool manager_has_another(sd_bus *bus, const char *unit, const char *path);
