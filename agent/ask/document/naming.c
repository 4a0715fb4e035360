/* SPDX-License-Identifier: Apache-2.0 */
#include "ask/document/naming.h"

#include "ask/document/line.h"
#include "ask/document/name.h"
#include "model/spec/keys.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define SIGNATURE    "#lustre-init"
#define LINES_BEFORE 2 /* such as the first line of a here-document */

/* A way to name us, and what is wrong with it. */
struct kind {
	bool (*is)(const char *data, size_t size);
	const char *fix;
};

static bool is_script(const struct line *line)
{
	return line_begins(line, "#!");
}

/* Quotation marks of a language that printed the text ("b'#lustre-init…'"), and other marks. */
static size_t marks_length(const struct line *line)
{
	size_t i = 0;

	if (line->length > 2 && strchr("bBrRuU$", line->text[0]) && strchr("'\"", line->text[1]))
		i = 1;
	while (i < line->length && !isalnum((unsigned char)line->text[i]))
		i++;
	return i;
}

/* What follows the name where the line begins with it, whatever marks stand before; NULL if not. */
static const char *behind_name(const struct line *line)
{
	size_t marks = marks_length(line);
	const char *word = line->text + marks;
	size_t left = line->length - marks, name = name_length(word, left);
	bool is_comment = memchr(line->text, '#', marks) != NULL;

	/* In a comment, "#lustre-init2" is nothing else. */
	return name > 0 && (is_comment || name_is_word(word, left, name)) ? word + name : NULL;
}

/* "# lustre": too little for a sentence about it. */
static bool is_lustre_alone(const struct line *line)
{
	size_t marks = marks_length(line);

	return line->length == marks + 6 && line->text[0] == '#' &&
	       strncasecmp(line->text + marks, "lustre", 6) == 0;
}

/* The interpreter of a script: "#!/usr/sbin/lustre-init". */
static bool is_interpreter(const struct line *line)
{
	const char *word = line->text, *end = line->text + line->length;

	for (const char *p = line->text; p < end && *p != ' '; p++)
		if (*p == '/' || *p == '!')
			word = p + 1;
	return is_script(line) && name_length(word, (size_t)(end - word)) > 0;
}

static bool is_preface(const struct line *line)
{
	return line->length > 0 && (line->text[0] == '%' || line_is(line, "---"));
}

/* The first line that says something. */
static struct line first_word_line(const char *data, size_t size)
{
	struct line line = line_first(data, size, line_skip_marks(data, size));

	while (is_preface(&line) && !behind_name(&line) && line.end < size)
		line = line_first(data, size, line.end);
	return line;
}

/* "lustre:role=oss", "lustre-init.role: oss": the key of a tag, where a document belongs. */
static bool has_tag_first(const char *data, size_t size)
{
	struct line line = first_word_line(data, size);
	size_t marks = marks_length(&line), left = line.length - marks, length;
	const char *word = line.text + marks;
	size_t prefix = name_prefix_length(word, left);
	char key[64];

	if (prefix == 0 || prefix >= left || !strchr(":./", word[prefix]))
		return false;
	word += prefix + 1;
	left -= prefix + 1;
	for (length = 0; length < left && (isalnum((unsigned char)word[length]) ||
					   word[length] == '-' || word[length] == '_');)
		length++;
	snprintf(key, sizeof(key), "%.*s", (int)(length < sizeof(key) ? length : 0), word);
	return length < left && strchr(":= \t", word[length]) && spec_key_find(key) != KEY_MAX;
}

static bool has_first_word(const char *data, size_t size)
{
	struct line line = first_word_line(data, size);

	return behind_name(&line) || is_lustre_alone(&line) || is_interpreter(&line);
}

const char naming_line_ends[] =
	"has \\n in its text where lines should end; each key stands in a line of its own";

bool naming_has_literal_line_ends(const char *data, size_t size)
{
	struct line line = first_word_line(data, size);
	const char *rest = behind_name(&line);
	size_t left = rest ? (size_t)(line.text + line.length - rest) : 0;

	return rest && (memmem(rest, left, "\\n", 2) || memmem(rest, left, "\\r", 2));
}

static bool is_behind_preface(const char *data, size_t size)
{
	struct line first = line_first(data, size, line_skip_marks(data, size));

	return is_preface(&first) && has_first_word(data, size);
}

/* A signature among the comments that a foreign document begins with, or below a line or two. */
static bool has_signature_below(const char *data, size_t size)
{
	struct line line = line_first(data, size, line_skip_marks(data, size));

	if (is_script(&line))
		return false;
	for (unsigned i = 0; line.length > 0 && line.end < size; i++) {
		if (i >= LINES_BEFORE && line.text[0] != '#')
			break;
		line = line_first(data, size, line.end);
		if (line_is(&line, SIGNATURE))
			return true;
	}
	return false;
}

/* A key, perhaps quoted, with its colon; `text` is where a key may begin. */
static bool is_key(const char *text, size_t size)
{
	size_t i = 0, name;

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

bool naming_has_top_key(const char *data, size_t size)
{
	size_t depth = 0, most = 1;
	bool may_be_key = false;

	for (size_t i = 0; i < size; i++) {
		const char c = data[i];

		if (may_be_key && depth <= most && !isspace((unsigned char)c) &&
		    is_key(data + i, size - i))
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
static bool has_yaml_top_key(const char *data, size_t size)
{
	bool is_begun = false;
	size_t column = 0;

	for (size_t start = line_skip_marks(data, size); start < size;) {
		struct line line = line_at(data, size, start);
		size_t from = start;

		start = line.end;
		if (from == 0 && is_script(&line))
			return false;
		if (line.length == 0 || is_comment(&line) || (!is_begun && is_preface(&line)))
			continue;
		if (!is_begun && strchr("{[", line.text[0]))
			return naming_has_top_key(line.text, size - (size_t)(line.text - data));
		if (!is_begun && !is_entry(&line) && !is_key(line.text, line.length) &&
		    line.text[0] != '?')
			return false;
		column = is_begun ? column : line.indent;
		is_begun = true;
		if (line.indent == column && is_key(line.text, line.length))
			return true;
	}
	return false;
}

static bool first_line_begins(const char *data, size_t size, const char *text)
{
	struct line line = line_first(data, size, line_skip_marks(data, size));

	return line_begins(&line, text);
}

/* A type of ours, or a signature, in whatever way YAML writes a text. */
static bool has_archived(const char *data, size_t size)
{
	if (!first_line_begins(data, size, "#cloud-config-archive"))
		return false;
	for (size_t i = 0; i < size; i++) {
		if (data[i] == '#' && name_length(data + i + 1, size - i - 1) > 0)
			return true;
		if ((i == 0 || !isalnum((unsigned char)data[i - 1])) &&
		    name_is_type(data + i, size - i))
			return true;
	}
	return false;
}

/* An entry as archives have it, in a list or mapping without their first line. */
static bool has_type_entry(const char *data, size_t size)
{
	static const char word[] = "type";
	struct line line = line_first(data, size, line_skip_marks(data, size));

	if (is_script(&line))
		return false;
	for (size_t i = 0; i + sizeof(word) < size; i++) {
		size_t at = i + sizeof(word) - 1;

		if (strncasecmp(data + i, word, sizeof(word) - 1) != 0 ||
		    (i > 0 && (isalnum((unsigned char)data[i - 1]) || data[i - 1] == '-')))
			continue;
		while (at < size && data[at] && strchr("\"': \t", data[at]))
			at++;
		if (memchr(data + i, ':', at - i) && name_is_type(data + at, size - at))
			return true;
	}
	return false;
}

/* "http://…/lustre-init.yaml": a script of that name is somebody's own. */
static bool is_document_url(const struct line *line)
{
	static const char *const ends[] = { "", ".yaml", ".yml", ".json", ".txt", ".gz", ".mime" };
	const char *slash = memrchr(line->text, '/', line->length);
	const char *word = slash ? slash + 1 : line->text;
	size_t left = (size_t)(line->text + line->length - word), name = name_length(word, left);

	for (size_t i = 0; name > 0 && i < sizeof(ends) / sizeof(ends[0]); i++)
		if (left - name == strlen(ends[i]) &&
		    memcmp(word + name, ends[i], left - name) == 0)
			return true;
	return false;
}

bool naming_has_document_url(const char *data, size_t size)
{
	for (size_t start = 0; start < size;) {
		struct line line = line_at(data, size, start);

		if (line.length > 0 && line.text[0] != '#' && is_document_url(&line))
			return true;
		start = line.end;
	}
	return false;
}

static bool has_included(const char *data, size_t size)
{
	return first_line_begins(data, size, "#include") && naming_has_document_url(data, size);
}

bool naming_has_header(const char *data, size_t size)
{
	for (size_t start = 0; start < size;) {
		struct line line = line_at(data, size, start);
		const char *colon = memchr(line.text, ':', line.length);
		const char *end = line.text + line.length;

		start = line.end;
		if (!colon)
			continue;
		for (colon++; colon < end && strchr(" \t\"'", *colon) && *colon;)
			colon++;
		if (name_is_type(colon, (size_t)(end - colon)))
			return true;
	}
	return false;
}

/* A MIME message without its first headers. */
static bool is_broken_message(const char *data, size_t size)
{
	struct line line = line_first(data, size, line_skip_marks(data, size));

	return line.length > 0 && !strchr("#{[", line.text[0]) && naming_has_header(data, size);
}

bool naming_find(const char *data, size_t size, char *text, size_t text_size)
{
	static const struct kind kinds[] = {
		{ naming_has_literal_line_ends, naming_line_ends },
		{ is_behind_preface, SIGNATURE " must be the first line, before ---" },
		{ has_first_word, "the first line must be exactly " SIGNATURE },
		{ has_tag_first, "has keys of tags; in a document the first line is " SIGNATURE
				 ", and the others are KEY: VALUE, such as role: oss" },
		{ has_archived,
		  "holds a document of lustre-init in a #cloud-config-archive, of which nothing is "
		  "read; make it a part text/lustre-init of a MIME message" },
		{ has_signature_below, SIGNATURE " must be the first line, before any other" },
		{ has_included,
		  "names a document of lustre-init by #include, and nothing is fetched; put the "
		  "document itself there" },
		{ is_broken_message,
		  "names the type text/lustre-init, but is no MIME message; its first lines must "
		  "be "
		  "headers such as Content-Type: multipart/mixed; boundary=\"…\"" },
		{ has_type_entry, "has an entry of the type text/lustre-init, where none is read; "
				  "make it a part of "
				  "a MIME message" },
		{ has_yaml_top_key,
		  "has a key lustre-init among the keys of another program, where it is not read; "
		  "make it a document of its own, a part text/lustre-init of a MIME message" },
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (!kinds[i].is(data, size))
			continue;
		snprintf(text, text_size, "%s", kinds[i].fix);
		return true;
	}
	return false;
}
