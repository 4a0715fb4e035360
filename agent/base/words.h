/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* An owned list of texts: MGS NIDs, mkfs words, LVM tags. Zero-initialise it; words_done() frees
 * it. */

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct words {
	char **items; /* NULL-terminated when count > 0 */
	size_t count;
};

void words_done(struct words *words);

/* Appends a copy of `text`. -ENOMEM is the only failure. */
int words_add(struct words *words, const char *text);

/* Appends printf-made text. */
int words_addf(struct words *words, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Appends the parts of `text` between the characters of `separators`, empty parts left out. */
int words_split(struct words *words, const char *text, const char *separators);

/* Replaces *to with a copy of *from. */
int words_copy(struct words *to, const struct words *from);

bool words_contain(const struct words *words, const char *text);

/* A new JSON array of strings; NULL when out of memory. */
json_t *words_to_json(const struct words *words);

/* Fills *ret from a JSON array of strings; -EINVAL for anything else. */
int words_from_json(const json_t *json, struct words *ret);
