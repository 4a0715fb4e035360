/* SPDX-License-Identifier: Apache-2.0 */
#include "ask/document/line.h"

#include <string.h>

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

struct line line_at(const char *data, size_t size, size_t start)
{
	const char *newline = memchr(data + start, '\n', size - start);
	size_t end = newline ? (size_t)(newline - data) : size, from = start;
	struct line line = { .end = newline ? end + 1 : size };

	while (start < end && is_blank(data[start]))
		start++;
	while (end > start && is_blank(data[end - 1]))
		end--;
	line.text = data + start;
	line.length = end - start;
	line.indent = start - from;
	return line;
}

struct line line_first(const char *data, size_t size, size_t start)
{
	struct line line = line_at(data, size, start);

	while (line.length == 0 && line.end < size)
		line = line_at(data, size, line.end);
	return line;
}

bool line_begins(const struct line *line, const char *text)
{
	return line->length >= strlen(text) && memcmp(line->text, text, strlen(text)) == 0;
}

bool line_is(const struct line *line, const char *text)
{
	return line->length == strlen(text) && line_begins(line, text);
}

bool line_has_key(const struct line *line, const char *key)
{
	const char *p = line->text, *end = line->text + line->length;

	while (p < end && strchr("\"' \t", *p) && *p)
		p++;
	if ((size_t)(end - p) <= strlen(key) || memcmp(p, key, strlen(key)) != 0)
		return false;
	for (p += strlen(key); p < end && strchr("\"' \t", *p) && *p;)
		p++;
	return p < end && *p == ':';
}

size_t line_skip_marks(const char *data, size_t size)
{
	size_t skipped = 0;

	while (size - skipped >= 3 && memcmp(data + skipped, "\xef\xbb\xbf", 3) == 0)
		skipped += 3;
	return skipped;
}

bool line_is_preface(const struct line *line)
{
	return line->length > 0 && (line->text[0] == '%' || line_is(line, "---"));
}
