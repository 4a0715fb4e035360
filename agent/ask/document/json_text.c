/* SPDX-License-Identifier: Apache-2.0 */
#include "ask/document/json_text.h"

#include "ask/document/encoding.h"
#include "ask/document/line.h"
#include "ask/document/name.h"

#include <ctype.h>
#include <string.h>

/* The length of the text that begins at `text`, without its quotation marks. */
static size_t text_length(const char *text, size_t size)
{
	size_t i = 0;

	while (i < size && text[i] != '"')
		i += text[i] == '\\' && i + 1 < size ? 2 : 1;
	return i;
}

/* How JSON writes what ends a line, or may stand before it. */
static size_t blank_length(const char *text, size_t size)
{
	if (size > 0 && isspace((unsigned char)*text))
		return 1;
	return size > 1 && text[0] == '\\' && strchr("nrt", text[1]) ? 2 : 0;
}

static size_t blanks_length(const char *text, size_t size)
{
	size_t i = 0, n;

	while ((n = blank_length(text + i, size - i)) > 0)
		i += n;
	return i;
}

/* Its first line is the signature: nothing of it is decoded but its blanks. */
static bool begins_with_signature(const char *text, size_t size)
{
	size_t i = blanks_length(text, size), name;

	if (i == size || text[i] != '#')
		return false;
	i++;
	name = name_length(text + i, size - i);
	i += name;
	return name > 0 && (i == size || blank_length(text + i, size - i) > 0);
}

static bool is_document(const char *text, size_t size)
{
	char decoded[64];

	return begins_with_signature(text, size) ||
	       begins_with_signature(decoded, base64_peek(text, size, decoded, sizeof(decoded)));
}

bool json_text_is_ours(const char *data, size_t size)
{
	static const char own[] = "/etc/lustre-init";
	struct line first = line_first(data, size, line_skip_marks(data, size));
	bool found = false;

	if (first.length == 0 || !strchr("{[", first.text[0]))
		return false;
	for (size_t i = 0; i < size && !found; i++) {
		size_t length;

		if (data[i] != '"')
			continue;
		length = text_length(data + i + 1, size - i - 1);
		found = is_document(data + i + 1, length);
		i += length + 1;
	}
	return found && !memmem(data, size, own, strlen(own));
}
