/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "fault.h"
#include "node.h"
#include "problem.h"
#include "token.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

/* One node file, and what outlives its changes. */
struct resident {
	char *name;        /* of the file, without directory */
	struct stat stamp; /* of what was read last */
	bool bad;          /* what was read last describes no node */
	struct node *node; /* the last good one, or NULL */
	struct token_jar jar;
	int64_t first_request_ms; /* -1: none yet */
	int64_t load_ms;          /* when node->faults were first read */
	bool present;             /* mark for the sweep of files that went away */
};

/* Returns NULL without memory. */
struct resident *resident_new(const char *name);

/*
 * Reads the file again if it is not what was read last. Returns -1, with the
 * problem, if it turned out bad (once: an unchanged bad file is no news).
 */
int resident_refresh(struct resident *resident, const char *path, int64_t now_ms,
		     struct problem *problem);

/* The clock that this node's faults go by. */
struct fault_clock resident_clock(const struct resident *resident, int64_t now_ms);

/* Accepts NULL, and returns it. */
struct resident *resident_free(struct resident *resident);
