/* SPDX-License-Identifier: Apache-2.0 */
#include "ask/document/naming.h"

#include "ask/document/encoding.h"
#include "ask/document/line.h"
#include "ask/document/name.h"
#include "ask/document/name_key.h"
#include "ask/document/name_tag.h"

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

/* The last part of the path that stands at `*p`, which moves behind it and the blanks there. */
static struct line take_path(const char **p, const char *end)
{
	struct line last = { .text = *p };

	for (; *p < end && **p != ' ' && **p != '\t'; (*p)++)
		if (**p == '/')
			last.text = *p + 1;
	last.length = (size_t)(*p - last.text);
	while (*p < end && (**p == ' ' || **p == '\t'))
		(*p)++;
	return last;
}

/* The interpreter of a script: "#!/usr/sbin/lustre-init", "#! /usr/bin/env lustre-init". */
static bool is_interpreter(const struct line *line)
{
	const char *p = line->text, *end = line->text + line->length;
	struct line word;

	if (!is_script(line))
		return false;
	for (p += 2; p < end && (*p == ' ' || *p == '\t');)
		p++;
	word = take_path(&p, end);
	while (p < end && (line_is(&word, "env") || line_begins(&word, "-")))
		word = take_path(&p, end);
	return name_length(word.text, word.length) > 0;
}

/* The first line that says something. */
static struct line first_word_line(const char *data, size_t size)
{
	struct line line = line_first(data, size, line_skip_marks(data, size));

	while (line_is_preface(&line) && !behind_name(&line) && line.end < size)
		line = line_first(data, size, line.end);
	return line;
}

/* "lustre:role=oss", "lustre-init.role: oss": the key of a tag, where a document belongs. */
static bool has_tag_first(const char *data, size_t size)
{
	struct line line = first_word_line(data, size);
	size_t marks = marks_length(&line);
	size_t end = marks + name_tag_length(line.text + marks, line.length - marks);

	return end > marks && end < line.length && strchr(":= \t\"'", line.text[end]);
}

static bool has_tag(const char *data, size_t size)
{
	return has_tag_first(data, size) || name_tag_in_lines(data, size) ||
	       name_key_tag_in_braces(data, size);
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

	return line_is_preface(&first) && has_first_word(data, size);
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

/* "role: oss", which is no command of a shell. */
static bool is_setting(const struct line *line)
{
	size_t length = 0;
	char key[16];

	while (length < line->length && isalpha((unsigned char)line->text[length]))
		length++;
	if (length >= sizeof(key) || length >= line->length || line->text[length] != ':' ||
	    (length + 1 < line->length && !isspace((unsigned char)line->text[length + 1])))
		return false;
	snprintf(key, sizeof(key), "%.*s", (int)length, line->text);
	return strcmp(key, "role") == 0 || strcmp(key, "fsname") == 0 || strcmp(key, "mgs") == 0;
}

/* A document that somebody took for a script: the signature among its first comments, then a
 * setting of ours. */
static bool is_below_interpreter(const char *data, size_t size)
{
	struct line line = line_first(data, size, line_skip_marks(data, size));
	bool is_signed = false;

	if (!is_script(&line))
		return false;
	while (line.length > 0 && line.text[0] == '#') {
		line = line_first(data, size, line.end);
		is_signed = is_signed || line_is(&line, SIGNATURE);
	}
	return is_signed && is_setting(&line);
}

bool naming_has_signature(const char *data, size_t size)
{
	for (size_t start = 0; start < size;) {
		struct line line = line_at(data, size, start);

		if (line_is(&line, SIGNATURE))
			return true;
		start = line.end;
	}
	return false;
}

static bool first_line_begins(const char *data, size_t size, const char *text)
{
	struct line line = line_first(data, size, line_skip_marks(data, size));

	return line_begins(&line, text);
}

/* The bytes of a '#', which YAML's and JSON's texts can also write as an escape. */
static size_t hash_length(const char *text, size_t size)
{
	static const char *const written[] = { "#", "\\x23", "\\u0023" };

	for (size_t i = 0; i < sizeof(written) / sizeof(written[0]); i++)
		if (size >= strlen(written[i]) && memcmp(text, written[i], strlen(written[i])) == 0)
			return strlen(written[i]);
	return 0;
}

/* What is encoded in an entry: the beginning of any word that may be base64. */
static bool has_encoded(const char *data, size_t size)
{
	for (size_t start = 0; start < size;) {
		struct line line = line_at(data, size, start);
		const char *blank = memrchr(line.text, ' ', line.length);
		const char *word = blank ? blank + 1 : line.text;
		size_t length = (size_t)(line.text + line.length - word);
		char text[64];
		size_t used = base64_peek(word, length, text, sizeof(text));
		struct line first;

		start = line.end;
		if (used == 0)
			continue;
		first = line_first(text, used, line_skip_marks(text, used));
		if (behind_name(&first))
			return true;
	}
	return false;
}

/* A type of ours, or a signature, in whatever way YAML writes a text. */
static bool has_archived(const char *data, size_t size)
{
	if (!first_line_begins(data, size, "#cloud-config-archive"))
		return false;
	if (name_key_in_text(data, size) || has_encoded(data, size))
		return true;
	for (size_t i = 0; i < size; i++) {
		size_t hash = hash_length(data + i, size - i);

		if (hash > 0 && name_length(data + i + hash, size - i - hash) > 0)
			return true;
		if ((i == 0 || !isalnum((unsigned char)data[i - 1])) &&
		    name_is_type(data + i, size - i))
			return true;
	}
	return false;
}

/* "text/lustre-init", or no more than our name. */
static bool is_type_value(const char *text, size_t size)
{
	size_t name = name_length(text, size);

	return name_is_type(text, size) || (name > 0 && name_is_word(text, size, name));
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
		if (memchr(data + i, ':', at - i) && is_type_value(data + at, size - at))
			return true;
	}
	return false;
}

/* "http://…/lustre-init.yaml": a script of that name is somebody's own. */
static bool is_document_url(const struct line *line)
{
	static const char *const ends[] = { "", ".yaml", ".yml", ".json", ".txt", ".gz", ".mime" };
	/* What is signed has its signature behind a question mark. */
	const char *mark = memchr(line->text, '?', line->length);
	const char *end = mark ? mark : line->text + line->length;
	const char *slash = memrchr(line->text, '/', (size_t)(end - line->text));
	const char *word = slash ? slash + 1 : line->text;
	size_t left, name;

	mark = memchr(word, '#', (size_t)(end - word));
	left = (size_t)((mark ? mark : end) - word);
	name = name_length(word, left);

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

		/* The first one may stand in the line of the word itself. */
		if (line.length > 0 && (line.text[0] != '#' || line_begins(&line, "#include")) &&
		    is_document_url(&line))
			return true;
		start = line.end;
	}
	return false;
}

static bool has_included(const char *data, size_t size)
{
	return first_line_begins(data, size, "#include") && naming_has_document_url(data, size);
}

/* All that there is: "lustre-init.yaml", as the AWS CLI takes it without "file://" before it. */
static bool is_document_name(const char *data, size_t size)
{
	struct line line = line_first(data, size, line_skip_marks(data, size));
	struct line more = line_first(data, size, line.end);

	if (line.length > 1 && line.text[0] == '@') {
		line.text++;
		line.length--;
	}
	return line.length > 0 && line.text[0] != '#' && more.length == 0 &&
	       !memchr(line.text, ' ', line.length) && is_document_url(&line);
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

static bool is_header_of_message(const struct line *line)
{
	static const char *const names[] = { "content-type:", "mime-version:" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (line->length >= strlen(names[i]) &&
		    strncasecmp(line->text, names[i], strlen(names[i])) == 0)
			return true;
	return false;
}

/* A MIME message without its first headers, or with comments before them. */
static bool is_broken_message(const char *data, size_t size)
{
	struct line line = line_first(data, size, line_skip_marks(data, size));
	bool is_commented = false;

	while (line.length > 0 && line.text[0] == '#' && !is_script(&line)) {
		is_commented = true;
		line = line_first(data, size, line.end);
	}
	if (line.length == 0 || strchr("#{[", line.text[0]) ||
	    (is_commented && !is_header_of_message(&line)))
		return false;
	return naming_has_header(data, size);
}

/* A whole message in one line, its line ends written out. */
bool naming_is_message_in_a_line(const char *data, size_t size)
{
	struct line line = line_first(data, size, line_skip_marks(data, size));

	if (is_script(&line) || line_first(data, size, line.end).length > 0 ||
	    !memmem(line.text, line.length, "\\n", 2))
		return false;
	for (size_t i = 0; i < line.length; i++)
		if (name_is_type(line.text + i, line.length - i))
			return true;
	return false;
}

bool naming_find(const char *data, size_t size, char *text, size_t text_size)
{
	static const struct kind kinds[] = {
		{ naming_has_literal_line_ends, naming_line_ends },
		{ naming_is_message_in_a_line, naming_line_ends },
		{ is_document_name, "is the name of a document, and not the document itself; put "
				    "that there, with the "
				    "AWS CLI as --user-data file://NAME" },
		{ is_behind_preface, SIGNATURE " must be the first line, before ---" },
		{ has_first_word, "the first line must be exactly " SIGNATURE },
		{ name_tag_in_list,
		  "is a list of tags, and they are not read here; set them as tags of the "
		  "instance, or write "
		  "the first line " SIGNATURE " and KEY: VALUE lines, such as role: oss" },
		{ has_tag, "has keys as tags or variables have them; in a document the first line "
			   "is " SIGNATURE ", and the others are KEY: VALUE, such as role: oss" },
		{ has_archived,
		  "holds a document of lustre-init in a #cloud-config-archive, of which nothing is "
		  "read; make it a part text/lustre-init of a MIME message" },
		{ has_signature_below, SIGNATURE " must be the first line, before any other" },
		{ is_below_interpreter, SIGNATURE " must be the first line, before any other" },
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
		{ name_key_of_lustre, "has settings of lustre-init below a key lustre, where they "
				      "are not read; make them a document "
				      "of their own, a part text/lustre-init of a MIME message" },
		{ name_key_in_yaml,
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
