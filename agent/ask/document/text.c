/* SPDX-License-Identifier: Apache-2.0 */
#include "ask/document/text.h"

#include "base/utf8.h"

#include <jansson.h>
#include <string.h>

/* Where the `offset`-th byte is. */
static struct origin origin_of_byte(const char *data, size_t offset, const struct origin *base)
{
	struct origin origin = *base;

	origin.line++;
	origin.column = 1;
	for (size_t i = 0; i < offset; i++) {
		origin.column++;
		if (data[i] == '\n') {
			origin.line++;
			origin.column = 1;
		}
	}
	return origin;
}

bool document_is_text(const char *data, size_t size, const struct origin *base,
		      struct problems *problems)
{
	for (size_t i = 0; i < size;) {
		size_t length = utf8_length(data + i, size - i);

		if (length == 0) {
			struct origin origin = origin_of_byte(data, i, base);

			problems_add(
				problems, &origin,
				"holds a byte that is no text (0x%02x); save it as plain UTF-8",
				(unsigned char)data[i]);
			return false;
		}
		i += length;
	}
	return true;
}

bool document_is_json(const char *data, size_t size)
{
	while (size > 0 && strchr(" \t\r\n", *data) && *data) {
		data++;
		size--;
	}
	return size > 0 && *data == '{';
}

/* jansson's sentence ends in what stands near, which is not ours to show. */
static void report_json(const json_error_t *error, const struct origin *base,
			struct problems *problems)
{
	const char *near = strstr(error->text, " near '");
	int length = near ? (int)(near - error->text) : (int)strlen(error->text);
	struct origin origin = *base;

	origin.line += error->line > 0 ? (unsigned)error->line : 1;
	origin.column = error->column > 0 ? (unsigned)error->column : 1;
	problems_add(problems, &origin, "not valid JSON: %.*s", length, error->text);
}

/*
 * jansson builds all of a text before anything of it can be counted, so brackets, colons and commas
 * are counted before. Outside of strings they are the same in text that is no JSON.
 */
bool document_json_fits(const char *data, size_t size, const struct budget *budget,
			size_t *ret_nodes, enum bound *ret_over)
{
	size_t left = budget_left(budget, BOUND_NODES), nodes = 1, depth = 0;
	bool is_string = false;

	for (size_t i = 0; i < size; i++) {
		char c = data[i];

		if (c == '"')
			is_string = !is_string;
		else if (is_string)
			i += c == '\\';
		else if (c == ']' || c == '}')
			depth -= depth > 0;
		else if (c == '[' || c == '{')
			depth++;
		if (!is_string && (c == '[' || c == '{' || c == ':' || c == ','))
			nodes++;
		*ret_over = nodes > left ? BOUND_NODES : BOUND_DEPTH;
		if (nodes > left || depth > bound_row(BOUND_DEPTH)->most)
			return false;
	}
	*ret_nodes = nodes;
	return true;
}

bool document_check_json(const char *data, size_t size, const struct origin *base,
			 struct problems *problems, bool *ret_wrapped)
{
	json_error_t error;
	json_t *root = json_loadb(data, size, 0, &error);

	if (!root) {
		report_json(&error, base, problems);
		return false;
	}
	*ret_wrapped = json_object_get(root, DOCUMENT_WRAPPER);
	json_decref(root);
	return true;
}
