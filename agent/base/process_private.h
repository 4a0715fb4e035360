/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* For the process*.c alone. */

#include "base/error.h"
#include "base/words.h"

#include <stdbool.h>
#include <sys/types.h>

/* What a new child gets. All descriptors are above 2, and are closed on exec(2). */
struct process_streams {
	int input; /* -1: /dev/null */
	int output, errors;
	int held; /* stays open in the child under its own number; -1: none */
};

/*
 * A child at the head of a group of its own, with default dispositions and no signal blocked, and
 * in the known environment and what is `further` (NULL: nothing). A
 * program that cannot be executed is an error here (-ENOENT), not a child that failed.
 */
int process_spawn(const char *const argv[], const struct process_streams *streams,
		  const struct words *further, pid_t *ret, struct error *err);

/* Whether any member of the group still runs; one that ended and was not waited for does not. */
bool process_group_runs(pid_t group);
