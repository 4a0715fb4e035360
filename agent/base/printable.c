/* SPDX-License-Identifier: Apache-2.0 */
#include "base/printable.h"

#include "base/utf8.h"

#include <stdbool.h>
#include <string.h>

/* Unicode's controls, formats and separators of lines (Cc, Cf, Zl, Zp), blanks of no width, and
 * what is no character, which systemd does not take; in ascending order. */
static const struct {
	uint32_t first, last;
} hidden[] = {
	{ 0x0000, 0x001f },   { 0x007f, 0x009f },   { 0x00ad, 0x00ad },   { 0x034f, 0x034f },
	{ 0x061c, 0x061c },   { 0x115f, 0x1160 },   { 0x180e, 0x180e },   { 0x200b, 0x200f },
	{ 0x2028, 0x202e },   { 0x2060, 0x206f },   { 0x3164, 0x3164 },   { 0xfdd0, 0xfdef },
	{ 0xfeff, 0xfeff },   { 0xffa0, 0xffa0 },   { 0xfff0, 0xfffb },   { 0xfffe, 0xffff },
	{ 0x1bca0, 0x1bca3 }, { 0x1d173, 0x1d17a }, { 0xe0000, 0xe0fff },
};

static bool is_shown(uint32_t character)
{
	for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]) && character >= hidden[i].first;
	     i++)
		if (character <= hidden[i].last)
			return false;
	return (character & 0xfffe) != 0xfffe;
}

size_t printable_length(const char *bytes, size_t size)
{
	uint32_t character;
	size_t length = utf8_decode(bytes, size, &character);

	return length > 0 && is_shown(character) ? length : 0;
}

void printable_make(char *text)
{
	size_t size = strlen(text);

	for (size_t i = 0; i < size;) {
		size_t length = printable_length(text + i, size - i);

		if (length == 0)
			text[i] = '?';
		i += length > 0 ? length : 1;
	}
}
