/* SPDX-License-Identifier: Apache-2.0 */
#include "model/quote.h"

#include "model/utf8.h"

#include <stdbool.h>
#include <string.h>

struct quote quote_bytes(const char *bytes, size_t size)
{
	/* Room behind the text for "…" (three bytes), the closing mark and the end. */
	const size_t room = QUOTE_MAX - 5;
	struct quote result;
	size_t used = 0, i = 0;

	result.text[used++] = '"';
	while (i < size) {
		size_t length = utf8_length(bytes + i, size - i);
		/* A line break in a sentence would end it. */
		bool is_plain = length > 0 && !strchr("\t\r\n", bytes[i]);

		if (used + (is_plain ? length : 1) > room) {
			memcpy(result.text + used, "…", 3);
			used += 3;
			break;
		}
		if (is_plain)
			memcpy(result.text + used, bytes + i, length);
		else
			result.text[used] = '?';
		used += is_plain ? length : 1;
		i += length > 0 ? length : 1;
	}
	result.text[used++] = '"';
	result.text[used] = '\0';
	return result;
}

struct quote quote(const char *text)
{
	return quote_bytes(text, strlen(text));
}
