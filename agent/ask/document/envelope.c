/* SPDX-License-Identifier: Apache-2.0 */
#include "ask/document/envelope.h"

#include "ask/document/encoding.h"
#include "ask/document/line.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#define LINES_BEFORE_VALUE 4 /* "Fn::Base64:", "Fn::Sub: |" */

/* From here to the end of the data. */
static size_t rest_of(const char *data, size_t size, const char *from)
{
	return size - (size_t)(from - data);
}

/* ---- data: URLs ---- */

static size_t peek_url(const char *data, size_t size, char *to, size_t room)
{
	static const char scheme[] = "data:", base64[] = ";base64";
	struct line line = line_first(data, size, line_skip_marks(data, size));
	const char *comma = memchr(line.text, ',', line.length), *body;

	if (!comma || line.length < strlen(scheme) ||
	    strncasecmp(line.text, scheme, strlen(scheme)) != 0)
		return 0;
	body = comma + 1;
	if ((size_t)(comma - line.text) >= strlen(base64) &&
	    strncasecmp(comma - strlen(base64), base64, strlen(base64)) == 0)
		return base64_peek(body, rest_of(data, size, body), to, room);
	return percent_peek(body, rest_of(data, size, body), to, room);
}

/* ---- percent-encoding ---- */

static size_t peek_percent(const char *data, size_t size, char *to, size_t room)
{
	struct line line = line_first(data, size, line_skip_marks(data, size));

	/* Whoever encodes a text for a URL does so with its first character that is no letter. */
	if (!memchr(line.text, '%', line.length))
		return 0;
	return percent_peek(line.text, rest_of(data, size, line.text), to, room);
}

/* ---- BEGIN and END ---- */

static size_t peek_armour(const char *data, size_t size, char *to, size_t room)
{
	static const char *const beginnings[] = { "-----BEGIN", "---- BEGIN", "begin-base64 " };
	struct line line = line_first(data, size, line_skip_marks(data, size));

	for (size_t i = 0; i < sizeof(beginnings) / sizeof(beginnings[0]); i++)
		if (line_begins(&line, beginnings[i]))
			return base64_peek(data + line.end, size - line.end, to, room);
	return 0;
}

/* ---- the value of a key ---- */

/* "UserData", "user-data", "user_data_base64"; its length with the colon, 0 for others. */
static size_t user_data_key_length(const struct line *line)
{
	static const char word[] = "userdata";
	const char *colon = memchr(line->text, ':', line->length);
	size_t matched = 0;

	for (const char *c = line->text; colon && c < colon && matched < strlen(word); c++) {
		if (!isalpha((unsigned char)*c))
			continue;
		if (tolower((unsigned char)*c) != word[matched++])
			return 0;
	}
	return matched == strlen(word) ? (size_t)(colon - line->text) + 1 : 0;
}

/* What YAML and templates have before a value: tags, quotation marks, marks of a text in lines. */
static const char *skip_to_value(const char *text, const char *end)
{
	static const char *const functions[] = { "Fn::Base64:", "Fn::Sub:" };

	for (;;) {
		const char *before = text;

		while (text < end && strchr(" \t\"'|>+-&", *text) && *text)
			text++;
		if (text < end && *text == '!')
			while (text < end && !isspace((unsigned char)*text))
				text++;
		for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++)
			if ((size_t)(end - text) >= strlen(functions[i]) &&
			    memcmp(text, functions[i], strlen(functions[i])) == 0)
				text += strlen(functions[i]);
		if (text == before)
			return text;
	}
}

/* A value in base64, or as it is. */
static size_t peek_at_value(const char *value, size_t size, char *to, size_t room)
{
	size_t used = base64_peek(value, size, to, room);

	if (used > 0)
		return used;
	used = size < room ? size : room;
	memcpy(to, value, used);
	return used;
}

static size_t peek_value(const char *data, size_t size, struct line line, size_t key, char *to,
			 size_t room)
{
	const char *end = line.text + line.length;
	const char *value = skip_to_value(line.text + key, end);

	for (unsigned i = 0; i < LINES_BEFORE_VALUE && value == end && line.end < size; i++) {
		line = line_at(data, size, line.end);
		end = line.text + line.length;
		value = skip_to_value(line.text, end);
	}
	return value < end ? peek_at_value(value, rest_of(data, size, value), to, room) : 0;
}

/* In what is cloud-init's, or a script's, only at the top: such a file may be written there. */
static size_t peek_user_data(const char *data, size_t size, char *to, size_t room)
{
	struct line line = line_first(data, size, line_skip_marks(data, size));
	const bool is_marked = line.length > 0 && line.text[0] == '#';

	/* Of JSON all texts are looked at (json_text.c). */
	if (line_begins(&line, "#!") || (line.length > 0 && strchr("{[", line.text[0])))
		return 0;
	for (size_t start = line_skip_marks(data, size); start < size; start = line.end) {
		size_t key;

		line = line_at(data, size, start);
		key = is_marked && line.indent > 0 ? 0 : user_data_key_length(&line);
		if (key > 0)
			return peek_value(data, size, line, key, to, room);
	}
	return 0;
}

size_t envelope_peek(const char *data, size_t size, char *to, size_t room, const char **ret_where)
{
	static const struct {
		size_t (*peek)(const char *data, size_t size, char *to, size_t room);
		const char *where;
	} kinds[] = {
		{ peek_url, "in a data: URL" },
		{ peek_percent, "in percent-encoding" },
		{ peek_armour, "between lines of BEGIN and END" },
		{ peek_user_data, "as the value of a key" },
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		size_t used = kinds[i].peek(data, size, to, room);

		*ret_where = kinds[i].where;
		if (used > 0)
			return used;
	}
	return 0;
}
