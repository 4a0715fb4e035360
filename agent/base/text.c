/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define ELLIPSIS "…"

/* The length of the UTF-8 sequence at `text`; 0 when there is none (Unicode, table 3-7). */
static size_t sequence_length(const unsigned char *text)
{
	unsigned char least = 0x80, most = 0xbf;
	size_t length;

	if (text[0] < 0x80)
		return 1;
	if (text[0] < 0xc2 || text[0] > 0xf4)
		return 0;
	length = text[0] < 0xe0 ? 2 : text[0] < 0xf0 ? 3 : 4;
	if (text[0] == 0xe0)
		least = 0xa0;
	else if (text[0] == 0xed)
		most = 0x9f;
	else if (text[0] == 0xf0)
		least = 0x90;
	else if (text[0] == 0xf4)
		most = 0x8f;
	if (text[1] < least || text[1] > most)
		return 0;
	for (size_t i = 2; i < length; i++)
		if ((text[i] & 0xc0) != 0x80)
			return 0;
	return length;
}

static bool is_control(unsigned char byte)
{
	return byte < 0x20 || byte == 0x7f;
}

int text_format(char *to, size_t size, const char *format, ...)
{
	va_list args;
	int length;

	va_start(args, format);
	length = vsnprintf(to, size, format, args);
	va_end(args);
	if (length >= 0 && (size_t)length < size)
		return 0;
	to[0] = '\0';
	return -ENAMETOOLONG;
}

/* Returns what of `from` is left over: "" where all of it fitted. */
static const char *copy(char *to, size_t size, const char *from)
{
	const unsigned char *at = (const unsigned char *)from;
	size_t used = 0;

	while (*at && used + 1 < size) {
		size_t length = sequence_length(at);

		if (length > 1 && used + length >= size)
			break;
		if (length == 0 || is_control(*at)) {
			to[used++] = '?';
			at++;
			continue;
		}
		memcpy(to + used, at, length);
		used += length;
		at += length;
	}
	to[used] = '\0';
	return (const char *)at;
}

int text_take(char *to, size_t size, const char *from)
{
	if (*copy(to, size, from) == '\0')
		return 0;
	to[0] = '\0';
	return -ENAMETOOLONG;
}

void text_copy(char *to, size_t size, const char *from)
{
	size_t end;

	if (*copy(to, size, from) == '\0' || size < 2 * sizeof(ELLIPSIS))
		return;
	/* Over the last characters, of which none is left in half. */
	end = strlen(to);
	while (end + sizeof(ELLIPSIS) > size || (to[end] & 0xc0) == 0x80)
		end--;
	memcpy(to + end, ELLIPSIS, sizeof(ELLIPSIS));
}

void text_copy_padded(char *to, size_t size, const void *from, size_t length)
{
	const char *start = from;
	char text[256];

	while (length > 0 && (start[length - 1] == ' ' || start[length - 1] == '\0'))
		length--;
	while (length > 0 && *start == ' ') {
		start++;
		length--;
	}
	if (length >= sizeof(text))
		length = sizeof(text) - 1;
	memcpy(text, start, length);
	text[length] = '\0';
	text_copy(to, size, text);
}
