/* SPDX-License-Identifier: Apache-2.0 */
#include "ask/document/mime.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* Longer headers are cut; none that matters comes near it. */
#define HEADER_VALUE_MAX 512
#define HEADER_NAME_MAX  64

/* The length of the line at `data`, with its line end. */
static size_t line_length(const char *data, size_t size)
{
	const char *end = memchr(data, '\n', size);

	return end ? (size_t)(end - data) + 1 : size;
}

static size_t without_line_end(const char *line, size_t length)
{
	if (length > 0 && line[length - 1] == '\n')
		length--;
	if (length > 0 && line[length - 1] == '\r')
		length--;
	return length;
}

static size_t blanks_length(const char *text, size_t length)
{
	size_t i = 0;

	while (i < length && (text[i] == ' ' || text[i] == '\t'))
		i++;
	return i;
}

/*
 * The length of the field name at `line`, 0 when it is no header (RFC 5322, 2.2), and where its
 * value begins. Blanks before the colon were allowed once (4.5).
 */
static size_t header_name_length(const char *line, size_t length, size_t *ret_value)
{
	size_t i = 0, colon;

	while (i < length && line[i] > ' ' && line[i] < 0x7f && line[i] != ':')
		i++;
	colon = i + blanks_length(line + i, length - i);
	*ret_value = colon + 1;
	return colon < length && line[colon] == ':' ? i : 0;
}

/* The next token of a header's value: a quoted string or what stands before ; and blanks. */
static const char *read_token(const char *text, char *token, size_t size)
{
	size_t used = 0;
	bool is_quoted = *text == '"';

	if (is_quoted)
		text++;
	while (*text && (is_quoted ? *text != '"' : !strchr("; \t", *text))) {
		if (is_quoted && text[0] == '\\' && text[1])
			text++;
		if (used + 1 < size)
			token[used++] = *text;
		text++;
	}
	token[used] = '\0';
	return is_quoted && *text ? text + 1 : text;
}

/* "text/plain" up to its parameters, whatever quotes, comments and blanks stand in it. */
static const char *read_type(const char *text, char *type, size_t size)
{
	size_t used = 0;
	bool is_whole = false; /* a subtype has begun: a blank ends it */

	for (; *text && *text != ';'; text++) {
		if (strchr(" \t", *text) && is_whole)
			break;
		if (*text == '(')
			text += strcspn(text, ")");
		if (*text == '\0')
			break;
		if (strchr("\" \t)", *text))
			continue;
		is_whole = is_whole || (used > 0 && type[used - 1] == '/');
		if (used + 1 < size)
			type[used++] = *text;
	}
	type[used] = '\0';
	return text;
}

static void lower(char *text)
{
	for (; *text; text++)
		*text = (char)tolower((unsigned char)*text);
}

/* multipart/mixed; boundary="=== 1 ==="; charset=utf-8 */
static void read_content_type(const char *value, struct mime_headers *headers)
{
	value = read_type(value, headers->type, sizeof(headers->type));
	lower(headers->type);
	while (*value) {
		char name[32];
		size_t length;

		value += strspn(value, "; \t");
		length = strcspn(value, "=; \t");
		snprintf(name, sizeof(name), "%.*s", (int)length, value);
		value += length;
		value += strspn(value, " \t");
		if (*value != '=')
			continue;
		value++;
		value += strspn(value, " \t");
		if (strcasecmp(name, "boundary") == 0) {
			value = read_token(value, headers->boundary, sizeof(headers->boundary));
		} else if (strcasecmp(name, "charset") == 0) {
			value = read_token(value, headers->charset, sizeof(headers->charset));
			lower(headers->charset);
		} else {
			char unused[2];

			value = read_token(value, unused, sizeof(unused));
		}
	}
}

/* Of a header that stands there twice the first counts, as for everyone else. */
static void take_header(const char *name, const char *value, struct mime_headers *headers)
{
	if (strcasecmp(name, "content-type") == 0) {
		if (!headers->type[0])
			read_content_type(value, headers);
		headers->is_mime = true;
	} else if (strcasecmp(name, "mime-version") == 0) {
		headers->is_mime = true;
	} else if (strcasecmp(name, "content-transfer-encoding") == 0) {
		if (headers->transfer[0])
			return;
		read_token(value, headers->transfer, sizeof(headers->transfer));
		lower(headers->transfer);
	} else if (strcasecmp(name, "launch-index") == 0) {
		headers->is_launch_only = true;
	}
}

/* Copies the value and its folded lines, a blank for each fold; returns the length of all. */
static size_t read_value(const char *data, size_t size, size_t start, char *value)
{
	size_t used = 0, offset = start;
	bool is_first = true;

	while (offset < size && (is_first || data[offset] == ' ' || data[offset] == '\t')) {
		size_t whole = line_length(data + offset, size - offset);
		size_t length = without_line_end(data + offset, whole);

		/* A line of blanks only ends the headers for people; so it does here. */
		if (!is_first && blanks_length(data + offset, length) == length)
			break;
		for (size_t i = 0; i < length && used + 1 < HEADER_VALUE_MAX; i++) {
			char c = data[offset + i];

			if (used > 0 || (c != ' ' && c != '\t'))
				value[used++] = c == '\0' || c == '\r' ? ' ' : c;
		}
		offset += whole;
		is_first = false;
	}
	while (used > 0 && (value[used - 1] == ' ' || value[used - 1] == '\t'))
		used--;
	value[used] = '\0';
	return offset - start;
}

void mime_read_headers(const char *data, size_t size, struct mime_headers *ret, mime_header_fn each,
		       void *userdata)
{
	char name[HEADER_NAME_MAX], value[HEADER_VALUE_MAX];
	size_t offset = 0;

	*ret = (struct mime_headers){ 0 };
	while (offset < size) {
		size_t whole = line_length(data + offset, size - offset);
		size_t length = without_line_end(data + offset, whole);
		size_t start = offset, value_at;
		size_t name_length = header_name_length(data + offset, length, &value_at);

		if (name_length == 0) {
			ret->lacks_blank = blanks_length(data + offset, length) < length;
			offset += ret->lacks_blank ? 0 : whole;
			break;
		}
		snprintf(name, sizeof(name), "%.*s", (int)name_length, data + offset);
		offset += value_at;
		offset += read_value(data, size, offset, value);
		take_header(name, value, ret);
		if (each)
			each(userdata, name, value, start);
	}
	ret->body = offset;
}

size_t mime_message_start(const char *data, size_t size)
{
	struct mime_headers headers;
	size_t start = 0;

	while (start < size) {
		size_t whole = line_length(data + start, size - start);
		size_t length = without_line_end(data + start, whole);

		if (blanks_length(data + start, length) < length)
			break;
		start += whole;
	}
	if (size - start >= 5 && memcmp(data + start, "From ", 5) == 0)
		start += line_length(data + start, size - start);
	mime_read_headers(data + start, size - start, &headers, /* each= */ NULL,
			  /* userdata= */ NULL);
	return headers.is_mime ? start : size;
}

struct mime_parts mime_parts_of(const char *body, size_t size, const char *boundary)
{
	return (struct mime_parts){ .data = body, .size = size, .boundary = boundary };
}

enum delimiter {
	DELIMITER_NONE,
	DELIMITER_PART,
	DELIMITER_CLOSE,
};

/* RFC 2046, 5.1.1: "--", the boundary, perhaps "--", perhaps blanks, and nothing else. */
static enum delimiter delimiter_of(const struct mime_parts *parts, const char *line, size_t length)
{
	size_t boundary = strlen(parts->boundary);
	enum delimiter found = DELIMITER_PART;

	if (length < boundary + 2 || memcmp(line, "--", 2) != 0 ||
	    memcmp(line + 2, parts->boundary, boundary) != 0)
		return DELIMITER_NONE;
	line += boundary + 2;
	length -= boundary + 2;
	if (length >= 2 && memcmp(line, "--", 2) == 0) {
		found = DELIMITER_CLOSE;
		line += 2;
		length -= 2;
	}
	return blanks_length(line, length) == length ? found : DELIMITER_NONE;
}

/* Finds the next delimiter from *offset on, moves *offset to its line, and tells the line's length.
 */
static enum delimiter find_delimiter(const struct mime_parts *parts, size_t *offset, size_t *length)
{
	while (*offset < parts->size) {
		const char *line = parts->data + *offset;
		enum delimiter found;

		*length = line_length(line, parts->size - *offset);
		found = delimiter_of(parts, line, without_line_end(line, *length));
		if (found != DELIMITER_NONE)
			return found;
		*offset += *length;
	}
	*length = 0;
	return DELIMITER_NONE;
}

bool mime_next_part(struct mime_parts *parts, const char **ret_data, size_t *ret_size)
{
	size_t length, start, end;
	enum delimiter found;

	if (parts->is_closed || parts->boundary[0] == '\0')
		return false;
	if (!parts->is_begun) {
		if (find_delimiter(parts, &parts->next, &length) != DELIMITER_PART)
			return false;
		parts->next += length;
		parts->is_begun = true;
	}
	if (parts->next >= parts->size)
		return false;
	start = end = parts->next;
	found = find_delimiter(parts, &end, &length);
	parts->is_closed = found == DELIMITER_CLOSE;
	parts->next = end + length;
	*ret_data = parts->data + start;
	*ret_size = found == DELIMITER_NONE ? end - start
					    : without_line_end(parts->data + start, end - start);
	return true;
}
