/* SPDX-License-Identifier: Apache-2.0 */
#include "ask/document/signature.h"

#include "ask/document/encoding.h"
#include "ask/document/envelope.h"
#include "ask/document/line.h"
#include "ask/document/name_key.h"
#include "ask/document/naming.h"

#include <stdio.h>
#include <string.h>

static const char signature[] = "#lustre-init";

bool signature_is_ours(const char *data, size_t size)
{
	struct line line = line_first(data, size, line_skip_marks(data, size));

	return line_is(&line, signature);
}

/* A line, or in braces no more than an entry of it. */
static struct line entry_at(const char *data, size_t size, size_t start, bool in_braces)
{
	struct line line;
	size_t end = start;

	if (!in_braces)
		return line_at(data, size, start);
	while (end < size && data[end] != ',' && data[end] != '{' && data[end] != '\n')
		end++;
	line = line_at(data, end, start);
	line.end = end < size ? end + 1 : size;
	return line;
}

/* Settings of a document without its signature: a role, and what else every node needs. */
static bool has_our_lines(const char *data, size_t size)
{
	struct line line = line_first(data, size, line_skip_marks(data, size));
	bool has_role = false, has_more = false, is_begun = false, in_braces, is_commented;
	size_t column = 0;

	if (line_begins(&line, "#!"))
		return false;
	is_commented = line_begins(&line, "#");
	in_braces = line.length > 0 && line.text[0] == '{';
	for (size_t start = 0; start < size; start = line.end) {
		line = entry_at(data, size, start, in_braces);
		if (line.length == 0 || line.text[0] == '#')
			continue;
		column = is_begun ? column : line.indent;
		is_begun = true;
		/* What stands further in may be a file that cloud-config writes. */
		if (is_commented && line.indent != column)
			continue;
		has_role |= line_has_key(&line, "role");
		has_more |= line_has_key(&line, "fsname") || line_has_key(&line, "mgs");
	}
	return has_role && has_more;
}

/* Whether a text, or its beginning, is for us, or was meant to be. */
static bool is_about_us(const char *text, size_t size)
{
	char unused[1];

	return signature_is_ours(text, size) || name_key_in_braces(text, size) ||
	       naming_has_header(text, size) || has_our_lines(text, size) ||
	       naming_find(text, size, unused, sizeof(unused));
}

/*
 * UTF-16 or UTF-32, as some editors save, with or without a mark: one that names us once the zeros
 * are out. Only the beginning is looked at.
 */
static bool is_our_wide_text(const char *data, size_t size)
{
	char text[512], decoded[512];
	size_t used = 0, zeros = 0;

	for (size_t i = 0; i < size && used < sizeof(text); i++) {
		zeros += data[i] == '\0';
		/* Bytes of the mark. */
		if (data[i] != '\0' && (i > 3 || (data[i] != '\xff' && data[i] != '\xfe')))
			text[used++] = data[i];
	}
	if (zeros < 8 || zeros + 4 < used)
		return false;
	return is_about_us(text, used) ||
	       is_about_us(decoded, base64_peek(text, used, decoded, sizeof(decoded)));
}

/* base64 that lacks its end, or has something else behind it: what it begins with is plain. */
static bool is_our_broken_base64(const char *data, size_t size)
{
	char text[512];
	size_t quoted = size > 0 && (data[0] == '"' || data[0] == '\'');
	size_t used = base64_peek(data + quoted, size - quoted, text, sizeof(text));

	return used >= 12 && (is_about_us(text, used) || looks_like_gzip(text, used));
}

static bool is_our_zlib(const char *data, size_t size)
{
	char text[512];
	size_t used = zlib_peek(data, size, text, sizeof(text));

	return used > 0 && is_about_us(text, used);
}

/* gzip that was taken for text: blanks before it, or its bytes made UTF-8. */
static bool is_spoilt_gzip(const char *data, size_t size)
{
	static const char *const spoilt[] = { "\x1f\xc2\x8b\x08", "\x1f\xef\xbf\xbd\x08" };
	struct line first = line_first(data, size, line_skip_marks(data, size));

	for (size_t i = 0; i < sizeof(spoilt) / sizeof(spoilt[0]); i++)
		if (line_begins(&first, spoilt[i]))
			return true;
	return looks_like_gzip(first.text, first.length);
}

bool signature_is_packed(const char *data, size_t size)
{
	return looks_like_gzip(data, size) && is_our_zlib(data, size);
}

/* *ret_where: in what. */
static bool is_ours_enveloped(const char *data, size_t size, const char **ret_where)
{
	char text[512];
	size_t used = envelope_peek(data, size, text, sizeof(text), ret_where);

	return used > 0 && (is_about_us(text, used) || signature_is_packed(text, used));
}

bool signature_is_near(const char *data, size_t size, char *text, size_t text_size)
{
	const char *where;

	if (is_our_wide_text(data, size))
		snprintf(text, text_size, "is UTF-16; save it as UTF-8");
	else if (naming_find(data, size, text, text_size))
		return true;
	else if (is_ours_enveloped(data, size, &where))
		snprintf(text, text_size,
			 "holds a document of lustre-init %s, where it is not read; hand over the "
			 "document itself, or plain base64 of it",
			 where);
	else if (is_our_broken_base64(data, size))
		snprintf(text, text_size,
			 "begins like base64, but is damaged or cut off; encode it again");
	else if (!looks_like_gzip(data, size) && is_spoilt_gzip(data, size))
		snprintf(text, text_size,
			 "was gzip before something took it for text; hand it over as base64");
	else if (!looks_like_gzip(data, size) && is_our_zlib(data, size))
		snprintf(text, text_size, "is packed by zlib, which is not read here; use gzip");
	else if (has_our_lines(data, size))
		snprintf(text, text_size,
			 "looks like a document of lustre-init without its first "
			 "line; add %s above it",
			 signature);
	else
		return false;
	return true;
}
