/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The way through the wrappers of user-data: how far it has come, and where. */

#include "model/spec/setting.h"

/* Bounds of the whole walk: a kilobyte of gzip can stand for a megabyte. */
#define UNPACKED_MAX       (1024 * 1024)
#define UNPACKED_TOTAL_MAX (8 * 1024 * 1024)
#define WRAPPERS_MAX       8
#define PARTS_MAX          256

struct walk {
	struct settings *settings;
	struct problems *problems;
	size_t unpacked; /* bytes, in all */
	unsigned parts;  /* of multiparts, so far */
};

/* Some bytes, and where they stood. Lines count from the origin's line. */
struct piece {
	const char *data;
	size_t size;
	struct origin origin;
	unsigned wrappers; /* around it */
};

/* A stretch of a piece, as it stands there. */
struct piece piece_within(const struct piece *piece, size_t offset, size_t size);

/* What was decoded from a piece: its lines are its own. `data` stays the caller's. */
struct piece piece_decoded(const struct piece *piece, const char *data, size_t size);

/* Adds a problem at the piece. Returns 0, so that `return walk_problem(...)` is one line. */
int walk_problem(struct walk *walk, const struct piece *piece, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
