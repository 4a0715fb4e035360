/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What is being waited for, told when it changes and at most once a second. */

#include "ask/imds/imds.h"

#include <stdint.h>

#define IMDS_REASON_MAX 320

struct imds_progress {
	imds_progress_fn tell; /* may be NULL */
	void *userdata;
	uint64_t began_ms;
	unsigned timeout_sec;
	char reason[IMDS_REASON_MAX]; /* "" until there is trouble */
	uint64_t told_ms;
};

/* A new reason; it is told at once when it differs from the last. */
void imds_progress_set(struct imds_progress *progress, const char *reason);

/* Time passes. */
void imds_progress_tick(struct imds_progress *progress);
