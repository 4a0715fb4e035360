/* SPDX-License-Identifier: Apache-2.0 */
#include "ask/document/signature.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static const char signature[] = "#lustre-init";

struct line {
	const char *text; /* without blanks around it */
	size_t length;
	size_t end; /* where the next one begins */
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static struct line line_at(const char *data, size_t size, size_t start)
{
	const char *newline = memchr(data + start, '\n', size - start);
	size_t end = newline ? (size_t)(newline - data) : size;
	struct line line = { .end = newline ? end + 1 : size };

	while (start < end && is_blank(data[start]))
		start++;
	while (end > start && is_blank(data[end - 1]))
		end--;
	line.text = data + start;
	line.length = end - start;
	return line;
}

static size_t skip_byte_order_mark(const char *data, size_t size)
{
	return size >= 3 && memcmp(data, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
}

/* The first line from `start` on that is not blank; of length 0 at the end. */
static struct line first_line(const char *data, size_t size, size_t start)
{
	struct line line = line_at(data, size, start);

	while (line.length == 0 && line.end < size)
		line = line_at(data, size, line.end);
	return line;
}

static bool line_is(const struct line *line, const char *text)
{
	return line->length == strlen(text) && memcmp(line->text, text, line->length) == 0;
}

bool signature_is_ours(const char *data, size_t size)
{
	struct line line = first_line(data, size, skip_byte_order_mark(data, size));

	return line_is(&line, signature);
}

/* "# Lustre_Init: v1": a comment that names us and little else, however it is spelt. */
static bool line_is_near(const struct line *line)
{
	char letters[16];
	size_t used = 0;

	if (line->length == 0 || line->text[0] != '#' || line->length > 40)
		return false;
	for (size_t i = 1; i < line->length && used + 1 < sizeof(letters); i++)
		if (isalnum((unsigned char)line->text[i]))
			letters[used++] = (char)tolower((unsigned char)line->text[i]);
	letters[used] = '\0';
	return strncmp(letters, "lustreinit", 10) == 0 || strcmp(letters, "lustre") == 0;
}

static bool line_begins(const struct line *line, const char *text)
{
	return line->length >= strlen(text) && memcmp(line->text, text, strlen(text)) == 0;
}

/* Lines of a document without its signature: a role, and what else every node needs. */
static bool has_our_lines(const char *data, size_t size)
{
	bool has_role = false, has_more = false;

	for (size_t start = 0; start < size;) {
		struct line line = line_at(data, size, start);

		has_role |= line_begins(&line, "role:");
		has_more |= line_begins(&line, "fsname:") || line_begins(&line, "mgs:");
		start = line.end;
	}
	return has_role && has_more;
}

/* UTF-16, as some editors save: our name is in it once the zeros are out. */
static bool is_our_utf16(const char *data, size_t size)
{
	char text[256];
	size_t used = 0;

	if (size < 2 || (memcmp(data, "\xff\xfe", 2) != 0 && memcmp(data, "\xfe\xff", 2) != 0))
		return false;
	for (size_t i = 2; i < size && used < sizeof(text); i++)
		if (data[i] != '\0')
			text[used++] = data[i];
	return memmem(text, used, "lustre-init", strlen("lustre-init"));
}

bool signature_is_near(const char *data, size_t size, char *text, size_t text_size)
{
	struct line first = first_line(data, size, skip_byte_order_mark(data, size));
	struct line second = first_line(data, size, first.end);

	if (is_our_utf16(data, size))
		snprintf(text, text_size, "is UTF-16; save it as UTF-8");
	else if (line_is_near(&first))
		snprintf(text, text_size, "the first line must be exactly %s", signature);
	else if (line_is(&first, "---") && (line_is(&second, signature) || line_is_near(&second)))
		snprintf(text, text_size, "%s must be the first line, before ---", signature);
	else if (first.length > 0 && first.text[0] != '#' && has_our_lines(data, size))
		snprintf(text, text_size,
			 "looks like a document of lustre-init without its first "
			 "line; add %s above it",
			 signature);
	else
		return false;
	return true;
}
