/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A look at what apply set up, as it is now. It reads small files that the kernel makes of what it
 * knows already, opens nothing below a mount of Lustre, sends nothing, starts nothing: whatever
 * hangs, this does not. Where a file is not there, as without Lustre's modules, nothing is known.
 *
 * Beyond that it opens the disks below the targets: one of them at each look at most, for NVMe's
 * health log and seldom (HEALTH_SMART_EVERY_USEC), and after a sleep of the machine all, for who
 * they are. A disk that does not answer holds it as long as the kernel lets a command run.
 */

#include "model/health.h"

#define HEALTH_SMART_EVERY_USEC (15 * 60 * 1000000ULL)

struct health_look {
	const char *root;    /* "" for this machine */
	uint64_t at_usec;    /* clock_now_usec() */
	uint64_t slept_usec; /* clock_slept_usec() */
};

/*
 * `before` is the look before this one, or zero: what is looked at seldom, and what is known of the
 * MGS, is taken over from it. Fails where the mount table cannot be read, or memory is short: then
 * nothing is known, and nothing has happened. *ret is freed by health_done() after success.
 */
int health_look(const struct health_look *look, const struct applied *applied,
		const struct health *before, struct health *ret, struct error *err);

/* The parts of it. */
int health_look_at_targets(const struct health_look *look, const struct applied *applied,
			   struct health *health, struct error *err);
int health_look_at_disks(const struct health_look *look, const struct applied *applied,
			 const struct health *before, struct health *health, struct error *err);
int health_look_at_nids(const char *root, struct health *health, struct error *err);

/*
 * Takes the critical warnings and the number of media errors from NVMe's SMART / Health Information
 * log (NVM Express base specification; bytes 0, and 160 to 175, of which no disk fills more than
 * eight).
 */
void health_take_smart(const uint8_t *log, struct health_disk *disk);
