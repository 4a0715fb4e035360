/* SPDX-License-Identifier: Apache-2.0 */
#include "ask/document/signature.h"

#include "ask/document/encoding.h"
#include "ask/document/line.h"
#include "ask/document/naming.h"

#include <stdio.h>

static const char signature[] = "#lustre-init";

bool signature_is_ours(const char *data, size_t size)
{
	struct line line = line_first(data, size, line_skip_marks(data, size));

	return line_is(&line, signature);
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

/* Whether a text, or its beginning, is for us, or was meant to be. */
static bool is_about_us(const char *text, size_t size)
{
	char unused[1];

	return signature_is_ours(text, size) || naming_has_top_key(text, size) ||
	       naming_has_header(text, size) || naming_find(text, size, unused, sizeof(unused));
}

/*
 * UTF-16 or UTF-32, as some editors save, with or without a mark: one that names us once the zeros
 * are out. Only the beginning is looked at.
 */
static bool is_our_wide_text(const char *data, size_t size)
{
	char text[512];
	size_t used = 0, zeros = 0;

	for (size_t i = 0; i < size && used < sizeof(text); i++) {
		zeros += data[i] == '\0';
		/* Bytes of the mark. */
		if (data[i] != '\0' && (i > 3 || (data[i] != '\xff' && data[i] != '\xfe')))
			text[used++] = data[i];
	}
	return zeros >= 8 && zeros + 4 >= used && is_about_us(text, used);
}

/* base64 that lacks its end, or has something else behind it: what it begins with is plain. */
static bool is_our_broken_base64(const char *data, size_t size)
{
	char text[512];
	size_t used = base64_peek(data, size, text, sizeof(text));

	return used >= 12 && (is_about_us(text, used) || looks_like_gzip(text, used));
}

static bool is_our_zlib(const char *data, size_t size)
{
	char text[512];
	size_t used = zlib_peek(data, size, text, sizeof(text));

	return used > 0 && is_about_us(text, used);
}

bool signature_is_near(const char *data, size_t size, char *text, size_t text_size)
{
	struct line first = line_first(data, size, line_skip_marks(data, size));

	if (is_our_wide_text(data, size))
		snprintf(text, text_size, "is UTF-16; save it as UTF-8");
	else if (naming_find(data, size, text, text_size))
		return true;
	else if (is_our_broken_base64(data, size))
		snprintf(text, text_size,
			 "begins like base64, but is damaged or cut off; encode it again");
	else if (is_our_zlib(data, size))
		snprintf(text, text_size, "is packed by zlib, which is not read here; use gzip");
	else if (first.length > 0 && first.text[0] != '#' && has_our_lines(data, size))
		snprintf(text, text_size,
			 "looks like a document of lustre-init without its first "
			 "line; add %s above it",
			 signature);
	else
		return false;
	return true;
}
