/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The steps of a boot on one scale, for the verb timeline: as text, and as a picture. */

#include "model/status.h"

struct timeline_row {
	const char *what; /* of the status */
	unsigned tries;
	enum outcome_kind kind;
	uint64_t from_usec, to_usec; /* from the start of apply; in order, and within the whole */
};

struct timeline {
	/* The first is asking and the look as a whole, then what they were made of, then the steps
	 * in the order of their newest tries. */
	struct timeline_row *rows;
	size_t count;
	uint64_t whole_usec; /* all of apply; where it is not over, to the end of the last step */
	uint64_t chain_usec; /* the longest chain of tools */
};

/*
 * Whatever times stand in *status, which must live as long as *ret. Steps that were skipped took
 * none, and are left out. -ENOMEM.
 */
int timeline_make(const struct status *status, struct timeline *ret);
void timeline_done(struct timeline *timeline);

/* A new text: a row for each step, `width` columns of bars. NULL when out of memory. */
char *timeline_text(const struct timeline *timeline, unsigned width);

/* A new SVG document (https://www.w3.org/TR/SVG11/), `title` above it. NULL when out of memory. */
char *timeline_svg(const struct timeline *timeline, const char *title);
