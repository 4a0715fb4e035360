/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The way through the wrappers of user-data: how far it has come, and where. */

#include "model/spec/setting.h"

struct walk {
	struct settings *settings; /* with the budget of the walk */
	struct problems *problems;
};

/* Some bytes, and where they stood. Lines count from the origin's line. */
struct piece {
	const char *data;
	size_t size;
	struct origin origin;
	unsigned wrappers; /* around it */
	bool is_part;      /* of a MIME message, perhaps beside others' */
};

/* A stretch of a piece, as it stands there. */
struct piece piece_within(const struct piece *piece, size_t offset, size_t size);

/* What was decoded from a piece: its lines are its own. `data` stays the caller's. */
struct piece piece_decoded(const struct piece *piece, const char *data, size_t size);

/* Adds a problem at the piece. Returns 0, so that `return walk_problem(...)` is one line. */
int walk_problem(struct walk *walk, const struct piece *piece, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Each tells at the piece when there is no more of `bound`. Whether the walk may go on. */
bool walk_take(struct walk *walk, const struct piece *piece, enum bound bound, size_t amount);
bool walk_reach(struct walk *walk, const struct piece *piece, enum bound bound, size_t level);

/* Whether a bound has ended it. */
bool walk_is_over(const struct walk *walk);
