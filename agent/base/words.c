/* SPDX-License-Identifier: Apache-2.0 */
#include "base/words.h"

#include "base/json_whole.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void words_done(struct words *words)
{
	for (size_t i = 0; i < words->count; i++)
		free(words->items[i]);
	free(words->items);
	*words = (struct words){ 0 };
}

int words_fail(struct words *words)
{
	words->failed = true;
	return -ENOMEM;
}

/* Takes `text` over, also when it fails. */
static int add_owned(struct words *words, char *text)
{
	char **items = NULL;

	if (text && !words->failed)
		items = reallocarray(words->items, words->count + 2, sizeof(*items));
	if (!items) {
		free(text);
		return words_fail(words);
	}
	items[words->count] = text;
	items[words->count + 1] = NULL;
	words->items = items;
	words->count++;
	return 0;
}

int words_add(struct words *words, const char *text)
{
	return add_owned(words, strdup(text));
}

int words_addf(struct words *words, const char *format, ...)
{
	char *text = NULL;
	va_list args;
	int length;

	va_start(args, format);
	length = vasprintf(&text, format, args);
	va_end(args);
	return add_owned(words, length < 0 ? NULL : text);
}

int words_split(struct words *words, const char *text, const char *separators)
{
	while (*text) {
		size_t length = strcspn(text, separators);
		int r = 0;

		if (length > 0)
			r = add_owned(words, strndup(text, length));
		if (r < 0)
			return r;
		text += length;
		text += strspn(text, separators);
	}
	return 0;
}

int words_copy(struct words *to, const struct words *from)
{
	struct words copy = { .failed = from->failed };

	for (size_t i = 0; i < from->count; i++)
		words_add(&copy, from->items[i]);
	if (copy.failed) {
		words_done(&copy);
		return -ENOMEM;
	}
	words_done(to);
	*to = copy;
	return 0;
}

bool words_equal(const struct words *one, const struct words *other)
{
	if (one->count != other->count)
		return false;
	for (size_t i = 0; i < one->count; i++)
		if (strcmp(one->items[i], other->items[i]) != 0)
			return false;
	return true;
}

bool words_contain(const struct words *words, const char *text)
{
	for (size_t i = 0; i < words->count; i++)
		if (strcmp(words->items[i], text) == 0)
			return true;
	return false;
}

void words_list(const struct words *words, char *text, size_t size)
{
	static const char rest[] = ", and 18446744073709551615 more";
	size_t used = 0, i = 0;

	text[0] = '\0';
	for (; i < words->count; i++) {
		size_t length = strlen(words->items[i]) + (i > 0 ? 2 : 0);
		size_t after = i + 1 < words->count ? sizeof(rest) : 1;

		if (used + length + after > size)
			break;
		used += (size_t)snprintf(text + used, size - used, "%s%s", i > 0 ? ", " : "",
					 words->items[i]);
	}
	if (i < words->count)
		snprintf(text + used, size - used, i > 0 ? ", and %zu more" : "%zu of them",
			 words->count - i);
}

json_t *words_to_json(const struct words *words)
{
	json_t *array = words->failed ? NULL : json_array();

	for (size_t i = 0; array && i < words->count; i++) {
		if (json_array_append_new(array, json_text(words->items[i])) < 0) {
			json_decref(array);
			return NULL;
		}
	}
	return array;
}

int words_from_json(const json_t *json, struct words *ret)
{
	struct words words = { 0 };
	const json_t *item;
	size_t i;

	if (!json_is_array(json) || json_array_size(json) > WORDS_FROM_JSON_MAX)
		return -EINVAL;
	json_array_foreach(json, i, item)
	{
		int r = json_is_string(item) ? words_add(&words, json_string_value(item)) : -EINVAL;

		if (r < 0) {
			words_done(&words);
			return r;
		}
	}
	words_done(ret);
	*ret = words;
	return 0;
}
