/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What was written, before it is understood: every source (tags, user-data, conf.d) becomes
 * settings, key = words, each with its origin. spec_merge() turns them into a specification.
 */

#include "base/words.h"
#include "model/spec/bound.h"

/* Weakest first: a later source wins over an earlier one, key by key. */
enum source {
	SOURCE_DEFAULT,
	SOURCE_CONF,
	SOURCE_USER_DATA,
	SOURCE_TAG,
};

/* Where a value came from, as an error names it: "user-data, line 3", "instance tag lustre:role".
 */
struct origin {
	enum source source;
	char name[160];  /* "instance tag lustre:role", "user-data",
			    "/etc/lustre-init/conf.d/10.yaml" */
	unsigned line;   /* 1-based; 0 where the source has no lines */
	unsigned column; /* 1-based; 0 where unknown */
};

struct setting {
	char *key;
	struct words values; /* a scalar is one word, its text as written */
	bool is_list;
	struct origin origin;
};

struct settings {
	struct setting *items;
	size_t count;
	bool is_incomplete; /* something was unreadable: what seems to be missing may stand there */
	struct budget budget; /* what reading all of it has cost */
};

/* One thing that is wrong with what was written: a sentence with the fix, and the place. */
struct problem {
	struct origin origin;
	char text[512];
};

/* All that is wrong, not only the first; the count is bounded by PROBLEMS_MAX. */
#define PROBLEMS_MAX 64
struct problems {
	struct problem items[PROBLEMS_MAX];
	size_t count;
	size_t left_out; /* how many more there were */
};

void settings_done(struct settings *settings);

/*
 * Appends an empty setting for `key` and returns it to be filled, NULL when out of memory. The
 * pointer holds until the next call. Nothing is taken from the budget.
 */
struct setting *settings_add(struct settings *settings, const char *key,
			     const struct origin *origin);

/* Takes back what settings_add() appended last. */
void settings_drop_last(struct settings *settings);

void problems_add(struct problems *problems, const struct origin *origin, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Tells that `bound` ended the reading at `origin`, and that what follows is not known. */
void settings_end(struct settings *settings, enum bound bound, const struct origin *origin,
		  struct problems *problems);

/* "user-data, line 3, column 7", for people; `text` is always terminated. */
#define ORIGIN_TEXT_MAX 200
void origin_format(const struct origin *origin, char *text, size_t size);

/* "user-data, line 3, column 7: role: …": a problem as people read it, PROBLEM_TEXT_MAX at most. */
#define PROBLEM_TEXT_MAX (ORIGIN_TEXT_MAX + 512)
void problem_format(const struct problem *problem, char *text, size_t size);

/* [{"source", "text", "line", "column"}, …]; line and column where known. */
json_t *problems_to_json(const struct problems *problems);
