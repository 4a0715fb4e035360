/* SPDX-License-Identifier: Apache-2.0 */
#include "base/utf8.h"

#include <stdbool.h>

static bool is_control(uint32_t character)
{
	if (character == '\t' || character == '\n' || character == '\r')
		return false;
	return character < 0x20 || (character >= 0x7f && character < 0xa0);
}

size_t utf8_decode(const char *bytes, size_t size, uint32_t *ret)
{
	/* The smallest character that needs so many bytes. */
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	uint32_t character = (unsigned char)bytes[0];
	size_t length;

	*ret = character;
	if (character < 0x80)
		return 1;
	if (character >= 0xc0 && character < 0xe0)
		length = 2;
	else if (character >= 0xe0 && character < 0xf0)
		length = 3;
	else if (character >= 0xf0 && character < 0xf8)
		length = 4;
	else
		return 0;
	if (length > size)
		return 0;
	character &= 0xffu >> (length + 1);
	for (size_t i = 1; i < length; i++) {
		unsigned char next = (unsigned char)bytes[i];

		if ((next & 0xc0) != 0x80)
			return 0;
		character = character << 6 | (next & 0x3f);
	}
	if (character < least[length] || character > 0x10ffff ||
	    (character >= 0xd800 && character < 0xe000))
		return 0;
	*ret = character;
	return length;
}

size_t utf8_length(const char *bytes, size_t size)
{
	uint32_t character;
	size_t length = utf8_decode(bytes, size, &character);

	return length > 0 && is_control(character) ? 0 : length;
}
