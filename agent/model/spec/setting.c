/* SPDX-License-Identifier: Apache-2.0 */
#include "model/spec/setting.h"

#include "base/json_whole.h"
#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void settings_done(struct settings *settings)
{
	for (size_t i = 0; i < settings->count; i++) {
		free(settings->items[i].key);
		words_done(&settings->items[i].values);
	}
	free(settings->items);
	*settings = (struct settings){ 0 };
}

struct setting *settings_add(struct settings *settings, const char *key,
			     const struct origin *origin)
{
	struct setting *items;
	char *copy;

	items = reallocarray(settings->items, settings->count + 1, sizeof(*items));
	if (!items)
		return NULL;
	settings->items = items;
	copy = strdup(key);
	if (!copy)
		return NULL;
	items[settings->count] = (struct setting){ .key = copy, .origin = *origin };
	return &items[settings->count++];
}

void settings_drop_last(struct settings *settings)
{
	struct setting *last = &settings->items[--settings->count];

	free(last->key);
	words_done(&last->values);
}

void problems_add(struct problems *problems, const struct origin *origin, const char *format, ...)
{
	struct problem *problem;
	va_list args;

	if (problems->count == PROBLEMS_MAX) {
		problems->left_out++;
		return;
	}
	problem = &problems->items[problems->count++];
	problem->origin = *origin;
	va_start(args, format);
	text_vsentence(problem->text, sizeof(problem->text), format, args);
	va_end(args);
}

void settings_end(struct settings *settings, enum bound bound, const struct origin *origin,
		  struct problems *problems)
{
	char text[sizeof(problems->items[0].text)];

	bound_format(bound, text, sizeof(text));
	problems_add(problems, origin, "%s", text);
	settings->is_incomplete = true;
}

void origin_format(const struct origin *origin, char *text, size_t size)
{
	int used = snprintf(text, size, "%s", origin->name);

	if (origin->line == 0 || used < 0 || (size_t)used >= size)
		return;
	if (origin->column == 0)
		snprintf(text + used, size - (size_t)used, ", line %u", origin->line);
	else
		snprintf(text + used, size - (size_t)used, ", line %u, column %u", origin->line,
			 origin->column);
}

void problem_format(const struct problem *problem, char *text, size_t size)
{
	char place[ORIGIN_TEXT_MAX];

	origin_format(&problem->origin, place, sizeof(place));
	snprintf(text, size, "%s: %s", place, problem->text);
}

json_t *problems_to_json(const struct problems *problems)
{
	json_t *array = json_array();

	for (size_t i = 0; array && i < problems->count; i++) {
		const struct problem *problem = &problems->items[i];
		const struct origin *origin = &problem->origin;
		json_t *item = json_pack("{s:o, s:o}", "source", json_text(origin->name), "text",
					 json_text(problem->text));

		if (origin->line > 0)
			json_put(&item, "line", json_integer(origin->line));
		if (origin->column > 0)
			json_put(&item, "column", json_integer(origin->column));
		json_add(&array, item);
	}
	return array;
}
