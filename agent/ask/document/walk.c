/* SPDX-License-Identifier: Apache-2.0 */
#include "ask/document/walk.h"

#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Where the piece begins, for people. Of the whole, no line is worth naming. */
static struct origin place_of(const struct piece *piece)
{
	struct origin origin = piece->origin;

	if (origin.line > 0)
		origin.line++;
	return origin;
}

int walk_problem(struct walk *walk, const struct piece *piece, const char *format, ...)
{
	char text[sizeof(walk->problems->items[0].text)];
	const struct origin origin = place_of(piece);
	va_list args;

	va_start(args, format);
	text_vsentence(text, sizeof(text), format, args);
	va_end(args);
	problems_add(walk->problems, &origin, "%s", text);
	walk->settings->is_incomplete = true;
	return 0;
}

static bool end(struct walk *walk, const struct piece *piece, enum bound bound)
{
	const struct origin origin = place_of(piece);

	settings_end(walk->settings, bound, &origin, walk->problems);
	return false;
}

bool walk_take(struct walk *walk, const struct piece *piece, enum bound bound, size_t amount)
{
	return budget_take(&walk->settings->budget, bound, amount) || end(walk, piece, bound);
}

bool walk_reach(struct walk *walk, const struct piece *piece, enum bound bound, size_t level)
{
	return budget_reach(&walk->settings->budget, bound, level) || end(walk, piece, bound);
}

bool walk_is_over(const struct walk *walk)
{
	return walk->settings->budget.is_over;
}

struct piece piece_within(const struct piece *piece, size_t offset, size_t size)
{
	struct piece part = *piece;

	part.data += offset;
	part.size = size;
	for (size_t i = 0; i < offset; i++)
		part.origin.line += piece->data[i] == '\n';
	return part;
}

static bool ends_with(const char *text, const char *end)
{
	size_t length = strlen(text);

	return length >= strlen(end) && strcmp(text + length - strlen(end), end) == 0;
}

struct piece piece_decoded(const struct piece *piece, const char *data, size_t size)
{
	struct piece decoded = { data, size, piece->origin, piece->wrappers + 1, piece->is_part };
	size_t used = strlen(decoded.origin.name);

	/* base64 around gzip is decoded once to people. */
	if (!ends_with(decoded.origin.name, ", decoded"))
		snprintf(decoded.origin.name + used, sizeof(decoded.origin.name) - used,
			 ", decoded");
	decoded.origin.line = decoded.origin.column = 0;
	return decoded;
}
