/* SPDX-License-Identifier: Apache-2.0 */
#include "ask/document/name_key.h"

#include "ask/document/line.h"
#include "ask/document/name.h"
#include "ask/document/name_tag.h"

#include <ctype.h>
#include <stdint.h>
#include <string.h>

#define PROPERTIES_MAX 128
#define MAPPING_MAX    512 /* of one in braces: each is looked through for itself */

/* What YAML allows before a key: a tag and an anchor, "!!str &name ". */
static size_t properties_length(const char *text, size_t size)
{
	size_t i = 0;

	if (size > PROPERTIES_MAX)
		size = PROPERTIES_MAX;
	while (i < size && (text[i] == '!' || text[i] == '&')) {
		while (i < size && !isspace((unsigned char)text[i]))
			i++;
		while (i < size && (text[i] == ' ' || text[i] == '\t'))
			i++;
	}
	return i;
}

/* A key, perhaps quoted, with its colon; `text` is where a key may begin. */
static bool is_key(const char *text, size_t size)
{
	size_t i = properties_length(text, size), name;

	while (i < size && strchr("?\"' \t", text[i]) && text[i])
		i++;
	name = name_length(text + i, size - i);
	if (name == 0)
		return false;
	for (i += name; i < size && strchr("\"' \t", text[i]) && text[i];)
		i++;
	/* A document may be cut off behind it. */
	return i == size || text[i] == ':';
}

/* Where a key may begin. */
struct spot {
	const char *text;
	size_t line, rest; /* bytes up to the line's end, and the data's */
	size_t indent;     /* of the line; in braces nothing stands further in */
};

typedef bool (*key_fn)(const struct spot *spot);

static bool is_our_name(const struct spot *spot)
{
	return is_key(spot->text, spot->line);
}

static size_t marks_length(const char *text, size_t size, const char *marks)
{
	size_t i = 0;

	while (i < size && text[i] && strchr(marks, text[i]))
		i++;
	return i;
}

static bool is_tag(const struct spot *spot)
{
	size_t i = marks_length(spot->text, spot->line, "\"'");
	size_t name = name_tag_length(spot->text + i, spot->line - i);

	i += name;
	i += marks_length(spot->text + i, spot->line - i, "\"' \t");
	return name > 0 && i < spot->line && spot->text[i] == ':';
}

static bool is_setting(const struct line *line)
{
	return line_has_key(line, "role") || line_has_key(line, "fsname") ||
	       line_has_key(line, "mgs");
}

/* The entries of a mapping in braces that begins at `text`, without those further in. */
static bool has_setting_in_braces(const char *text, size_t size)
{
	size_t depth = 0;

	if (size > MAPPING_MAX)
		size = MAPPING_MAX;
	for (size_t i = 0; i < size; i++) {
		depth += text[i] == '{' || text[i] == '[';
		depth -= text[i] == '}' || text[i] == ']';
		if (depth == 0)
			return false;
		if (depth == 1 && (text[i] == '{' || text[i] == ',')) {
			struct line entry = line_first(text, size, i + 1);

			if (is_setting(&entry))
				return true;
		}
	}
	return false;
}

/* The lines below that stand further in, as far in as the first of them. */
static bool has_setting_below(const char *text, size_t size, size_t indent)
{
	size_t column = 0;

	for (size_t start = 0; start < size;) {
		struct line line = line_at(text, size, start);

		start = line.end;
		if (line.length == 0 || line.text[0] == '#')
			continue;
		if (line.indent <= indent)
			return false;
		column = column > 0 ? column : line.indent;
		if (line.indent == column && is_setting(&line))
			return true;
	}
	return false;
}

static bool is_lustre(const struct spot *spot)
{
	size_t i = marks_length(spot->text, spot->line, "\"'");
	size_t name = name_prefix_length(spot->text + i, spot->line - i);

	if (name == 0 || name_length(spot->text + i, spot->line - i) > 0)
		return false;
	i += name;
	i += marks_length(spot->text + i, spot->line - i, "\"' \t");
	if (i == spot->line || spot->text[i] != ':')
		return false;
	i++;
	i += marks_length(spot->text + i, spot->line - i, " \t\r\n");
	if (i < spot->line)
		return spot->text[i] == '{' &&
		       has_setting_in_braces(spot->text + i, spot->rest - i);
	return has_setting_below(spot->text + i, spot->rest - i, spot->indent);
}

static bool has_in_braces(const char *data, size_t size, key_fn is)
{
	size_t depth = 0, most = 1;
	bool may_be_key = false;

	for (size_t i = 0; i < size; i++) {
		const char c = data[i];

		if (may_be_key && depth <= most && !isspace((unsigned char)c) &&
		    is(&(struct spot){ data + i, size - i, size - i, SIZE_MAX }))
			return true;
		if (c == '[' && depth == 0)
			most = 2;
		if (c == '"')
			for (i++; i < size && data[i] != '"'; i++)
				i += data[i] == '\\';
		depth += c == '{' || c == '[';
		depth -= (c == '}' || c == ']') && depth > 0;
		may_be_key = c == '{' || c == ',' || (may_be_key && isspace((unsigned char)c));
	}
	return false;
}

/* Whether it goes on like a mapping: a word and a colon. */
static bool is_entry(const struct line *line)
{
	const char *colon = memchr(line->text, ':', line->length);
	size_t length = colon ? (size_t)(colon - line->text) : 0;

	if (length == 0 ||
	    (colon + 1 < line->text + line->length && !isspace((unsigned char)colon[1])))
		return false;
	for (size_t i = 0; i < length; i++)
		if (!isalnum((unsigned char)line->text[i]) && !strchr("\"'-_. ", line->text[i]))
			return false;
	return true;
}

/* Of YAML; of JavaScript's JSON. */
static bool is_comment(const struct line *line)
{
	return line->text[0] == '#' || line_begins(line, "//") || line_begins(line, "/*");
}

/* As cloud-config has it: the key stands in the column of the first one. */
static bool has_in_yaml(const char *data, size_t size, key_fn is)
{
	bool is_begun = false;
	size_t column = 0;

	for (size_t start = line_skip_marks(data, size); start < size;) {
		struct line line = line_at(data, size, start);
		size_t from = start;
		struct spot spot;

		start = line.end;
		if (from == 0 && line_begins(&line, "#!"))
			return false;
		if (line.length == 0 || is_comment(&line) || (!is_begun && line_is_preface(&line)))
			continue;
		if (!is_begun && strchr("{[", line.text[0]))
			return has_in_braces(line.text, size - (size_t)(line.text - data), is);
		if (!is_begun && !is_entry(&line) && !is_key(line.text, line.length) &&
		    line.text[0] != '?')
			return false;
		column = is_begun ? column : line.indent;
		is_begun = true;
		spot = (struct spot){ line.text, line.length, size - (size_t)(line.text - data),
				      line.indent };
		if (line.indent == column && is(&spot))
			return true;
	}
	return false;
}

bool name_key_in_braces(const char *data, size_t size)
{
	return has_in_braces(data, size, is_our_name);
}

bool name_key_tag_in_braces(const char *data, size_t size)
{
	struct line line = line_first(data, size, line_skip_marks(data, size));

	return line.length > 0 && strchr("{[", line.text[0]) && has_in_braces(data, size, is_tag);
}

bool name_key_in_yaml(const char *data, size_t size)
{
	return has_in_yaml(data, size, is_our_name);
}

bool name_key_of_lustre(const char *data, size_t size)
{
	return has_in_yaml(data, size, is_lustre);
}

/* A text whose lines follow, as YAML announces it: "content: |", "- >-". */
static bool announces_text(const struct line *line)
{
	size_t i = line->length;

	while (i > 0 && strchr("+-123456789", line->text[i - 1]))
		i--;
	return i > 1 && strchr("|>", line->text[i - 1]) && strchr(" \t", line->text[i - 2]);
}

/* A key of ours at the top of a text within. */
bool name_key_in_text(const char *data, size_t size)
{
	bool is_begun = false, is_next = false;
	size_t column = 0;

	for (size_t start = 0; start < size;) {
		struct line line = line_at(data, size, start);

		start = line.end;
		if (line.length == 0 || line.text[0] == '#')
			continue;
		if (is_next)
			column = line.indent;
		is_begun = is_next || (is_begun && line.indent >= column);
		is_next = false;
		if (is_begun && line.indent == column && is_key(line.text, line.length))
			return true;
		if (!is_begun)
			is_next = announces_text(&line);
	}
	return false;
}
