/* SPDX-License-Identifier: Apache-2.0 */
#include "model/spec/nearest.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#define NAME_MAX_COMPARED 32

/* Lower case, without separators; false when the name is too long to be a slip of anything known.
 */
static bool fold(const char *name, char folded[NAME_MAX_COMPARED])
{
	size_t used = 0;

	for (; *name; name++) {
		if (strchr("-_./: \t", *name))
			continue;
		if (used + 1 == NAME_MAX_COMPARED)
			return false;
		folded[used++] = (char)tolower((unsigned char)*name);
	}
	folded[used] = '\0';
	return used > 0;
}

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

static size_t apart(size_t a, size_t b)
{
	return a < b ? b - a : a - b;
}

/* Edit distance where swapping two neighbours counts once (optimal string alignment). */
static size_t distance(const char *a, const char *b)
{
	size_t rows[3][NAME_MAX_COMPARED];
	size_t *before = rows[0], *above = rows[1], *here = rows[2];
	size_t length_a = strlen(a), length_b = strlen(b);

	for (size_t j = 0; j <= length_b; j++)
		above[j] = j;
	for (size_t i = 1; i <= length_a; i++) {
		size_t *oldest = before;

		here[0] = i;
		for (size_t j = 1; j <= length_b; j++) {
			here[j] = above[j - 1] + (a[i - 1] != b[j - 1]);
			here[j] = smaller(here[j], smaller(above[j], here[j - 1]) + 1);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				here[j] = smaller(here[j], before[j - 2] + 1);
		}
		before = above;
		above = here;
		here = oldest;
	}
	return above[length_b];
}

/* Whether the shorter of the two, of at least three letters, begins or ends the longer. */
static bool begins_or_ends(const char *a, const char *b)
{
	const char *longer = strlen(a) > strlen(b) ? a : b;
	const char *shorter = longer == a ? b : a;
	size_t length = strlen(shorter);

	return length >= 3 && (strncmp(longer, shorter, length) == 0 ||
			       strcmp(longer + strlen(longer) - length, shorter) == 0);
}

const char *nearest_name(const char *written, const char *const names[], size_t count)
{
	char folded[NAME_MAX_COMPARED], known[NAME_MAX_COMPARED];
	const char *nearest = NULL, *related = NULL;
	size_t nearest_distance = 0, related_length = 0;

	if (!fold(written, folded))
		return NULL;
	for (size_t i = 0; i < count; i++) {
		size_t d;

		if (!fold(names[i], known))
			continue;
		d = distance(folded, known);
		if (d <= (strlen(folded) + 1) / 3 && d <= strlen(known) / 3 + 1 &&
		    (!nearest || d < nearest_distance)) {
			nearest = names[i];
			nearest_distance = d;
		}
		/* Of several related names the longest says most: "ostindexbase" is "index-base".
		 */
		if (begins_or_ends(folded, known) && strlen(known) > related_length) {
			related = names[i];
			related_length = strlen(known);
		}
	}
	/* "lustre:mount-options" is as far from "client-mount-options", which it is not. */
	if (related && nearest_distance >= apart(strlen(folded), related_length))
		return related;
	return nearest ? nearest : related;
}
