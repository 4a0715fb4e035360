/* SPDX-License-Identifier: Apache-2.0 */
#include "ask/document/walk.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int walk_problem(struct walk *walk, const struct piece *piece, const char *format, ...)
{
	char text[sizeof(walk->problems->items[0].text)];
	struct origin origin = piece->origin;
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	/* Of the whole, no line is worth naming. */
	if (origin.line > 0)
		origin.line++;
	problems_add(walk->problems, &origin, "%s", text);
	walk->settings->is_incomplete = true;
	return 0;
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
	struct piece decoded = { data, size, piece->origin, piece->wrappers + 1 };
	size_t used = strlen(decoded.origin.name);

	/* base64 around gzip is decoded once to people. */
	if (!ends_with(decoded.origin.name, ", decoded"))
		snprintf(decoded.origin.name + used, sizeof(decoded.origin.name) - used,
			 ", decoded");
	decoded.origin.line = decoded.origin.column = 0;
	return decoded;
}
