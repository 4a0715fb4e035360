/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"

#include "base/printable.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define ELLIPSIS "…"

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

void text_set(char *to, size_t size, const char *format, ...)
{
	va_list args;
	int length;

	va_start(args, format);
	length = vsnprintf(to, size, format, args);
	va_end(args);
	if (length < 0 || (size_t)length >= size)
		to[0] = '\0';
}

/* Returns what of `from` is left over: its end where all of it fitted. */
static const char *copy(char *to, size_t size, const char *from, size_t left)
{
	size_t used = 0;

	while (left > 0 && used + 1 < size) {
		size_t length = printable_length(from, left);

		if (length > 1 && used + length >= size)
			break;
		if (length > 0)
			memcpy(to + used, from, length);
		else
			to[used] = '?';
		used += length > 0 ? length : 1;
		left -= length > 0 ? length : 1;
		from += length > 0 ? length : 1;
	}
	to[used] = '\0';
	return from;
}

int text_take(char *to, size_t size, const char *from)
{
	if (*copy(to, size, from, strlen(from)) == '\0')
		return 0;
	to[0] = '\0';
	return -ENAMETOOLONG;
}

/* Puts the ellipsis over the last characters, of which none is left in half. */
static void end_in_ellipsis(char *text, size_t size)
{
	size_t end = strlen(text);

	while (end > 0 && (end + sizeof(ELLIPSIS) > size || (text[end] & 0xc0) == 0x80))
		end--;
	memcpy(text + end, ELLIPSIS, sizeof(ELLIPSIS));
}

void text_copy(char *to, size_t size, const char *from)
{
	size_t length = strlen(from);

	if (copy(to, size, from, length) != from + length && size >= 2 * sizeof(ELLIPSIS))
		end_in_ellipsis(to, size);
}

void text_copy_line(char *to, size_t size, const char *from, size_t length)
{
	const char *rest;
	char *blank;

	while (length > 0 && (from[length - 1] == ' ' || from[length - 1] == '\t'))
		length--;
	rest = copy(to, size, from, length);
	if (rest == from + length || size < 2 * sizeof(ELLIPSIS))
		return;
	end_in_ellipsis(to, size);
	blank = strrchr(to, ' ');
	if (blank && (size_t)(blank - to) + sizeof(" " ELLIPSIS) <= size)
		memcpy(blank + 1, ELLIPSIS, sizeof(ELLIPSIS));
}

void text_vsentence(char *to, size_t size, const char *format, va_list args)
{
	int length = vsnprintf(to, size, format, args);

	printable_make(to);
	if (length >= 0 && (size_t)length >= size && size >= 2 * sizeof(ELLIPSIS))
		end_in_ellipsis(to, size);
}

void text_sentence(char *to, size_t size, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	text_vsentence(to, size, format, args);
	va_end(args);
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
