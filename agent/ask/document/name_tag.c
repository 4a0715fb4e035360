/* SPDX-License-Identifier: Apache-2.0 */
#include "ask/document/name_tag.h"

#include "ask/document/line.h"
#include "ask/document/name.h"
#include "model/spec/keys.h"

#include <ctype.h>
#include <string.h>

/* Of a word, its letters in lower case and its dashes as ours; its length. */
static size_t take_word(const char *text, size_t size, char *word, size_t room)
{
	size_t length = 0;

	while (length < size &&
	       (isalnum((unsigned char)text[length]) || strchr("-_", text[length])) &&
	       text[length]) {
		if (length + 1 < room)
			word[length] = text[length] == '_'
					       ? '-'
					       : (char)tolower((unsigned char)text[length]);
		length++;
	}
	word[length + 1 < room ? length : 0] = '\0';
	return length;
}

size_t name_tag_length(const char *text, size_t size)
{
	size_t prefix = name_prefix_length(text, size), length;
	/* "lustre_role" is what others call theirs, "lustre-init_role" nobody. */
	const char *separators = name_length(text, size) > 0 ? ":./-_" : ":./";
	char key[64];

	if (prefix == 0 || prefix >= size || text[prefix] == '\0' ||
	    !strchr(separators, text[prefix]))
		return 0;
	length = take_word(text + prefix + 1, size - prefix - 1, key, sizeof(key));
	return spec_key_find(key) != KEY_MAX ? prefix + 1 + length : 0;
}

/* ---- lines ---- */

/* What a shell has before a variable that it sets. */
static size_t command_length(const char *text, size_t size)
{
	static const char *const commands[] = { "export ", "declare -x ", "setenv ", "set ",
						"$env:" };

	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (size > strlen(commands[i]) &&
		    strncasecmp(text, commands[i], strlen(commands[i])) == 0)
			return strlen(commands[i]);
	return 0;
}

/* Quotation marks around a key, and what is between it and its value. */
static size_t skip(const char *text, size_t size, const char *characters)
{
	size_t i = 0;

	while (i < size && text[i] && strchr(characters, text[i]))
		i++;
	return i;
}

static bool sets_ours(const char *text, size_t size)
{
	size_t i = skip(text, size, "\"' \t-"), length = name_tag_length(text + i, size - i);

	i += length;
	return length > 0 && i < size && text[i] && strchr(":= \t\"'", text[i]);
}

/* "NAME=VALUE", "name: value". */
static bool sets_something(const char *text, size_t size)
{
	size_t i = skip(text, size, "\"' \t-"), begin = i;

	while (i < size &&
	       (isalnum((unsigned char)text[i]) || (text[i] && strchr("-_./", text[i]))))
		i++;
	if (i == begin)
		return false;
	i += skip(text + i, size - i, "\"' \t");
	return i < size && (text[i] == '=' || text[i] == ':');
}

/* "#!", "#cloud-boothook": what follows is a script, or read by others line for line. */
static bool is_marked(const struct line *line)
{
	return line->length > 1 && line->text[0] == '#' &&
	       (line->text[1] == '!' || isalnum((unsigned char)line->text[1]));
}

bool name_tag_in_lines(const char *data, size_t size)
{
	bool is_begun = false;
	size_t column = 0;

	for (size_t start = line_skip_marks(data, size); start < size;) {
		struct line line = line_at(data, size, start);
		size_t command = command_length(line.text, line.length);

		start = line.end;
		if (is_marked(&line))
			return false;
		if (line.length == 0 || line.text[0] == '#' || line_is_preface(&line))
			continue;
		column = is_begun ? column : line.indent;
		is_begun = true;
		/* Further in it belongs to what stands above. */
		if (line.indent > column)
			continue;
		if (sets_ours(line.text + command, line.length - command))
			return true;
		if (!sets_something(line.text + command, line.length - command))
			return false;
	}
	return false;
}

/* ---- lists ---- */

/* What may stand before the first tag: "TagSpecifications: [{ResourceType: instance, Tags: [". */
static bool is_preamble(const char *word)
{
	static const char *const words[] = { "tags",    "tag-specifications", "tagspecifications",
					     "tagset",  "resourcetype",       "resource-type",
					     "instance" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(word, words[i]) == 0)
			return true;
	return false;
}

static size_t skip_to_word(const char *data, size_t size, size_t at)
{
	while (at < size && !isalnum((unsigned char)data[at]))
		at++;
	return at;
}

/* Whether it begins as a list of tags; *ret_is_ours: with a tag of ours by its bare name. */
static bool begins_tags(const char *data, size_t size, bool *ret_is_ours)
{
	size_t at = skip_to_word(data, size, line_skip_marks(data, size));
	bool is_preceded = false;
	char word[32];

	*ret_is_ours = false;
	while (at < size) {
		size_t length = take_word(data + at, size - at, word, sizeof(word));

		if (strcmp(word, "key") == 0 || strcmp(word, "value") == 0)
			return true;
		*ret_is_ours = is_preceded && name_tag_length(data + at, size - at) > 0;
		if (*ret_is_ours || !is_preamble(word))
			return *ret_is_ours;
		is_preceded = true;
		at = skip_to_word(data, size, at + length);
	}
	return false;
}

bool name_tag_in_list(const char *data, size_t size)
{
	static const char key[] = "key";
	struct line first = line_first(data, size, line_skip_marks(data, size));
	bool is_ours;

	if ((first.length > 0 && first.text[0] == '#') || !begins_tags(data, size, &is_ours))
		return false;
	for (size_t i = 0; i + sizeof(key) < size && !is_ours; i++) {
		size_t at = i + sizeof(key) - 1;

		if (strncasecmp(data + i, key, sizeof(key) - 1) != 0 ||
		    (i > 0 && isalnum((unsigned char)data[i - 1])))
			continue;
		at += skip(data + at, size - at, "\"'=: \t\r\n");
		is_ours = name_tag_length(data + at, size - at) > 0;
	}
	return is_ours;
}
