/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What apply left of this boot, in boot.json and state.json, read again when one of them is
 * another. */

#include "base/error.h"
#include "model/applied.h"

#include <sys/stat.h>

struct boot_state_paths {
	const char *boot, *state;
};

/* Which of the files of one name it is. */
struct boot_state_file {
	ino_t number;
	struct timespec written;
};

struct boot_state {
	struct status *status; /* NULL where there is no report of this boot */
	struct applied applied;
	bool is_settled; /* `applied` is what an apply that came to an end has left */
	struct boot_state_file boot_file, state_file; /* that it is of */
	char trouble[ERROR_TEXT_MAX]; /* why the newest of them is not understood, or "" */
};

/*
 * 1 where *boot is new, 0 where it is as it was. Where a file is not there nothing was applied;
 * where it is not understood, what was known stays, and it is an error once. While an apply is at
 * work `applied` stays what it was.
 */
int boot_state_refresh(const struct boot_state_paths *paths, struct boot_state *boot,
		       struct error *err);

void boot_state_done(struct boot_state *boot);
