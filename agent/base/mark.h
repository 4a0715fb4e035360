/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * How long each step of asking and of the first look took, for the timeline: times beside the
 * values, never in them. Whoever takes a step marks its beginning and its end; where nobody wants
 * to know there are no marks, and where there is no more room the rest is left out.
 */

#include <stddef.h>
#include <stdint.h>

#define MARK_TEXT_MAX 96
#define MARKS_MAX     96 /* a request for each of 50 tags, and what there is besides */

struct mark {
	char what[MARK_TEXT_MAX];
	uint64_t started_usec, ended_usec; /* CLOCK_MONOTONIC */
};

struct marks {
	struct mark items[MARKS_MAX];
	size_t count;
};

/*
 * "asked for meta-data/mac", from now on; until it is ended it took no time. NULL, which mark_end()
 * accepts, where `marks` is NULL or full. A longer text is cut.
 */
struct mark *mark_begin(struct marks *marks, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void mark_end(struct mark *mark);
