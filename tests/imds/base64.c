// SPDX-License-Identifier: Apache-2.0
#include "base64.h"

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static int digit_value(char digit)
{
	static const char alphabet[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *found = digit ? strchr(alphabet, digit) : NULL;

	return found ? (int)(found - alphabet) : -1;
}

/* Only white space and at most two '=' may follow the digits. */
static int padding_after(const char *text)
{
	int padding = 0;

	for (; *text; text++) {
		if (*text == '=')
			padding++;
		else if (!isspace((unsigned char)*text))
			return -1;
	}
	return padding;
}

char *base64_decode(const char *text, size_t *ret_size)
{
	char *bytes = malloc(strlen(text) / 4 * 3 + 4);
	size_t size = 0, digits = 0;
	uint32_t window = 0;

	if (!bytes)
		return NULL;

	for (; *text && *text != '='; text++) {
		int value = digit_value(*text);

		if (isspace((unsigned char)*text))
			continue;
		if (value < 0)
			goto invalid;
		window = window << 6 | (uint32_t)value;
		/* The first digit of a group completes no byte, each later one does. */
		if (digits++ % 4)
			bytes[size++] = (char)(window >> (6 - 2 * ((digits - 1) % 4)) & 0xff);
	}
	if (digits % 4 == 1 || padding_after(text) != (int)((4 - digits % 4) % 4))
		goto invalid;

	bytes[size] = '\0';
	*ret_size = size;
	return bytes;

invalid:
	free(bytes);
	return NULL;
}
