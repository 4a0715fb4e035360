/* SPDX-License-Identifier: Apache-2.0 */
#include "model/spec/value_types.h"

#include "base/quote.h"
#include "model/spec/nearest.h"

#include <errno.h>
#include <string.h>

void *value_field(const struct spec_key_row *row, struct spec *spec)
{
	return (char *)spec + row->offset;
}

const void *value_field_const(const struct spec_key_row *row, const struct spec *spec)
{
	return (const char *)spec + row->offset;
}

static int nothing_written(struct error *why)
{
	return error_set(why, -EINVAL, "no value is given; give one or leave the key out");
}

int value_single(const struct setting *setting, const char **ret, struct error *why)
{
	if (setting->is_list)
		return error_set(why, -EINVAL, "a list is given where one value belongs");
	if (setting->values.count == 0 || setting->values.items[0][0] == '\0')
		return nothing_written(why);
	*ret = setting->values.items[0];
	return 0;
}

int value_refuse_choice(const char *text, const char *const words[], size_t count, const char *all,
			struct error *why)
{
	const char *nearest = nearest_name(text, words, count);

	if (nearest)
		return error_set(why, -EINVAL, "%s is not possible here; did you mean %s?",
				 quote(text).text, nearest);
	return error_set(why, -EINVAL, "%s is not possible here; write %s", quote(text).text, all);
}

int value_list(const struct setting *setting, const char *separators, size_t most,
	       struct words *ret, struct error *why)
{
	for (size_t i = 0; i < setting->values.count; i++)
		if (words_split(ret, setting->values.items[i], separators) < 0)
			return error_set(why, -ENOMEM, "out of memory");
	if (ret->count == 0)
		return nothing_written(why);
	if (ret->count > most)
		return error_set(why, -EINVAL, "%zu values are given; at most %zu are possible",
				 ret->count, most);
	return 0;
}

bool path_is_plain(const char *path)
{
	do {
		size_t length;

		if (*path != '/')
			return false;
		path++;
		length = strcspn(path, "/");
		if (length == 0 || (length == 1 && path[0] == '.') ||
		    (length == 2 && path[0] == '.' && path[1] == '.'))
			return false;
		path += length;
	} while (*path);
	return true;
}

/* The reader leaves out the blanks around a text, so they are right. */
static json_t *pattern_alone(const char *text)
{
	return json_sprintf("^\\s*(%s)\\s*$", text);
}

json_t *schema_text(const char *pattern)
{
	return json_pack("{s:s, s:o}", "type", "string", "pattern", pattern_alone(pattern));
}

json_t *schema_word(const char *pattern)
{
	return json_pack("{s:[s, s, s], s:o}", "type", "string", "number", "boolean", "pattern",
			 pattern_alone(pattern));
}

json_t *schema_one_or_more(json_t *one)
{
	return json_pack("{s:[O, {s:s, s:o, s:i}]}", "anyOf", one, "type", "array", "items", one,
			 "minItems", 1);
}
