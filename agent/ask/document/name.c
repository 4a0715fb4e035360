/* SPDX-License-Identifier: Apache-2.0 */
#include "ask/document/name.h"

#include <ctype.h>
#include <string.h>

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)tolower((unsigned char)c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The character that `digits` hexadecimal digits are; -1 where they are none. */
static int read_hex(const char *text, size_t size, size_t digits)
{
	int value = 0;

	if (size < digits)
		return -1;
	for (size_t i = 0; i < digits; i++) {
		if (hex_value(text[i]) < 0)
			return -1;
		value = value * 16 + hex_value(text[i]);
	}
	return value;
}

/* The next character in lower case, its escape undone, and how many bytes it takes. */
static int read_character(const char *text, size_t size, size_t *ret_length)
{
	int value = -1;

	*ret_length = 1;
	if (size > 1 && text[0] == '\\') {
		const size_t digits = text[1] == 'u' ? 4 : text[1] == 'x' ? 2 : 0;

		if (digits > 0)
			value = read_hex(text + 2, size - 2, digits);
		*ret_length = value >= 0 ? digits + 2 : 2;
		if (value < 0)
			value = (unsigned char)text[1];
		return value < 0x80 ? tolower(value) : value;
	}
	return tolower((unsigned char)text[0]);
}

/* The bytes that spell `word`, 0 where they do not. */
static size_t spelt(const char *text, size_t size, const char *word)
{
	size_t used = 0;

	for (; *word; word++) {
		size_t length;

		if (used >= size || read_character(text + used, size - used, &length) != *word)
			return 0;
		used += length;
	}
	return used;
}

/* What may stand between the two words: "-", "_", a dash that is no ASCII, nothing. */
static size_t separators_length(const char *text, size_t size)
{
	size_t used = 0;

	while (used < size && used < 8) {
		size_t length;
		int c = read_character(text + used, size - used, &length);

		if (c < 0x80 && !strchr("-_. \t", c))
			break;
		if (c == '\0')
			break;
		used += length;
	}
	return used;
}

static size_t lustre_length(const char *text, size_t size)
{
	size_t used = spelt(text, size, "lustre");

	return used > 0 ? used : spelt(text, size, "luster");
}

size_t name_length(const char *text, size_t size)
{
	size_t used = lustre_length(text, size), init;

	if (used == 0)
		return 0;
	used += separators_length(text + used, size - used);
	init = spelt(text + used, size - used, "init");
	return init > 0 ? used + init : 0;
}

size_t name_prefix_length(const char *text, size_t size)
{
	size_t name = name_length(text, size);

	return name > 0 ? name : lustre_length(text, size);
}

bool name_is_word(const char *text, size_t size, size_t length)
{
	char next = length < size ? text[length] : ' ';

	if (next == '.')
		return length + 1 == size || isspace((unsigned char)text[length + 1]);
	return !isalnum((unsigned char)next) && !strchr("-_/", next);
}

bool name_is_type(const char *text, size_t size)
{
	static const char *const kinds[] = { "text", "application" };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		size_t used = spelt(text, size, kinds[i]), x;

		if (used == 0)
			continue;
		while (used < size && strchr(" \t\\", text[used]))
			used++;
		if (used == size || text[used++] != '/')
			return false;
		while (used < size && strchr(" \t", text[used]))
			used++;
		x = spelt(text + used, size - used, "x-");
		return lustre_length(text + used + x, size - used - x) > 0;
	}
	return false;
}
