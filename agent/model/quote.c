/* SPDX-License-Identifier: Apache-2.0 */
#include "model/quote.h"

#include <stdbool.h>
#include <string.h>

/* The length of the UTF-8 sequence at `bytes`, 0 when it is broken or not to be shown. */
static size_t printable_length(const unsigned char *bytes, size_t size)
{
	size_t length = bytes[0] < 0x80   ? 1
			: bytes[0] < 0xc2 ? 0
			: bytes[0] < 0xe0 ? 2
			: bytes[0] < 0xf0 ? 3
			: bytes[0] < 0xf5 ? 4
					  : 0;

	if (length == 0 || length > size)
		return 0;
	if (length == 1)
		return bytes[0] >= 0x20 && bytes[0] != 0x7f;
	for (size_t i = 1; i < length; i++)
		if ((bytes[i] & 0xc0) != 0x80)
			return 0;
	/* U+0080 to U+009F are control characters too. */
	return bytes[0] == 0xc2 && bytes[1] < 0xa0 ? 0 : length;
}

struct quote quote_bytes(const char *bytes, size_t size)
{
	/* Room behind the text for "…" (three bytes), the closing mark and the end. */
	const size_t room = QUOTE_MAX - 5;
	struct quote result;
	size_t used = 0, i = 0;

	result.text[used++] = '"';
	while (i < size) {
		size_t length = printable_length((const unsigned char *)bytes + i, size - i);

		if (used + (length ? length : 1) > room) {
			memcpy(result.text + used, "…", 3);
			used += 3;
			break;
		}
		if (length == 0) {
			result.text[used++] = '?';
			i++;
			continue;
		}
		memcpy(result.text + used, bytes + i, length);
		used += length;
		i += length;
	}
	result.text[used++] = '"';
	result.text[used] = '\0';
	return result;
}

struct quote quote(const char *text)
{
	return quote_bytes(text, strlen(text));
}
