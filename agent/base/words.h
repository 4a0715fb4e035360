/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * An owned list of texts: MGS NIDs, mkfs words, LVM tags, a command. Zero-initialise it;
 * words_done() frees it.
 *
 * A list remembers that a word did not get into it: nothing more is added then, no copy and no JSON
 * is made of it, and no command is run from it (effect/step.c), so that whoever puts a command
 * together need not look at each word.
 */

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* As many as are read from JSON. */
#define WORDS_FROM_JSON_MAX 65536

struct words {
	char **items; /* NULL-terminated when count > 0 */
	size_t count;
	bool failed; /* a word is missing: out of memory */
};

void words_done(struct words *words);

/* Appends a copy of `text`. -ENOMEM is the only failure, and stays with the list. */
int words_add(struct words *words, const char *text);

/* Appends printf-made text. */
int words_addf(struct words *words, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Appends the parts of `text` between the characters of `separators`, empty parts left out. */
int words_split(struct words *words, const char *text, const char *separators);

/* A word that should be in it cannot be made: the list has failed. Returns -ENOMEM. */
int words_fail(struct words *words);

/* Replaces *to with a copy of *from. */
int words_copy(struct words *to, const struct words *from);

bool words_equal(const struct words *one, const struct words *other); /* in their order */
bool words_contain(const struct words *words, const char *text);

/*
 * "a, b, c" for people, and what finds no room whole is counted: "a, and 2 more". A part of a NID
 * or of a name would be another.
 */
void words_list(const struct words *words, char *text, size_t size);

/* A new JSON array of strings; NULL when out of memory, now or when the list was made. */
json_t *words_to_json(const struct words *words);

/* Fills *ret from a JSON array of strings; -EINVAL for anything else, and for too many. */
int words_from_json(const json_t *json, struct words *ret);
