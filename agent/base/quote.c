/* SPDX-License-Identifier: Apache-2.0 */
#include "base/quote.h"

#include "base/printable.h"

#include <string.h>

struct quote quote_bytes(const char *bytes, size_t size)
{
	/* Room behind the text for "…" (three bytes), the closing mark and the end. */
	const size_t room = QUOTE_MAX - 5;
	struct quote result;
	size_t used = 0, i = 0;

	result.text[used++] = '"';
	while (i < size) {
		size_t length = printable_length(bytes + i, size - i);

		if (used + (length ? length : 1) > room) {
			memcpy(result.text + used, "…", 3);
			used += 3;
			break;
		}
		if (length > 0)
			memcpy(result.text + used, bytes + i, length);
		else
			result.text[used] = '?';
		used += length > 0 ? length : 1;
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
