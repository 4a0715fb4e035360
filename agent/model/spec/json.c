/* SPDX-License-Identifier: Apache-2.0 */
#include "model/spec/spec.h"

#include "base/cleanup.h"
#include "base/json_whole.h"
#include "base/quote.h"
#include "base/text.h"
#include "model/spec/keys.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

json_t *spec_to_json(const struct spec *spec)
{
	json_t *object = json_object();

	for (enum spec_key key = 0; object && key < KEY_MAX; key++) {
		const struct spec_key_row *row = spec_key_row(key);
		char source[ORIGIN_TEXT_MAX];
		json_t *item;

		origin_format(&spec->origins[key], source, sizeof(source));
		item = json_pack("{s:o, s:o}", "value", row->type->to_json(row, spec), "source",
				 json_text(source));
		if (json_object_set_new(object, row->name, item) < 0) {
			json_decref(object);
			return NULL;
		}
	}
	return object;
}

static int word_from_json(const json_t *json, struct words *words)
{
	if (json_is_string(json))
		return words_add(words, json_string_value(json));
	if (json_is_boolean(json))
		return words_add(words, json_is_true(json) ? "true" : "false");
	if (json_is_integer(json))
		return words_addf(words, "%" JSON_INTEGER_FORMAT, json_integer_value(json));
	return -EINVAL;
}

/* A value as spec_to_json() wrote it becomes a setting again, and is read like any other. */
static int setting_from_json(const json_t *value, struct setting *setting)
{
	if (!json_is_array(value))
		return word_from_json(value, &setting->values);
	setting->is_list = true;
	for (size_t i = 0; i < json_array_size(value); i++) {
		int r = word_from_json(json_array_get(value, i), &setting->values);

		if (r < 0)
			return r;
	}
	return 0;
}

/* A number behind `word`; 0, and *at where it was, for none. */
static unsigned take_number(const char **at, const char *word)
{
	const char *digits = *at + strlen(word);
	unsigned long number = 0;
	char *end;

	if (strncmp(*at, word, strlen(word)) != 0 || *digits < '1' || *digits > '9')
		return 0;
	number = strtoul(digits, &end, 10);
	if (number > UINT32_MAX)
		return 0;
	*at = end;
	return (unsigned)number;
}

/* ", line 3, column 5" at the end of what origin_format() wrote; returns where it begins. */
static const char *take_place(const char *text, struct origin *ret)
{
	static const char word[] = ", line ";

	for (const char *from = strstr(text, word); from; from = strstr(from + 1, word)) {
		const char *at = from;

		ret->line = take_number(&at, word);
		ret->column = ret->line > 0 ? take_number(&at, ", column ") : 0;
		if (ret->line > 0 && *at == '\0')
			return from;
	}
	ret->line = ret->column = 0;
	return text + strlen(text);
}

/* Its kind is told by how it begins. */
static int origin_from_text(const char *text, struct origin *ret, struct error *err)
{
	*ret = (struct origin){ .source = SOURCE_CONF };
	if (text_format(ret->name, sizeof(ret->name), "%.*s", (int)(take_place(text, ret) - text),
			text) < 0)
		return error_set(err, -EINVAL, "source: longer than %zu characters",
				 sizeof(ret->name) - 1);
	if (strcmp(text, "default") == 0)
		ret->source = SOURCE_DEFAULT;
	else if (strncmp(text, "user-data", 9) == 0)
		ret->source = SOURCE_USER_DATA;
	else if (strncmp(text, "instance tag", 12) == 0)
		ret->source = SOURCE_TAG;
	return 0;
}

static bool is_unset(const json_t *value)
{
	return json_is_null(value) || (json_is_array(value) && json_array_size(value) == 0);
}

static int key_from_json(const json_t *item, enum spec_key key, struct spec *spec,
			 struct error *err)
{
	const struct spec_key_row *row = spec_key_row(key);
	struct setting setting = { 0 };
	const char *source = json_string_value(json_object_get(item, "source"));
	const json_t *value = json_object_get(item, "value");
	int r;

	if (!value || !source || json_object_size(item) != 2)
		return error_set(err, -EINVAL,
				 "%s: not an object of \"value\" and \"source\" and nothing else",
				 row->name);
	r = origin_from_text(source, &spec->origins[key], err);
	if (r < 0)
		return error_prefix(err, "%s", row->name);
	if (is_unset(value))
		return 0;
	r = setting_from_json(value, &setting);
	if (r < 0)
		error_set(err, r, "value is of a wrong type");
	else
		r = row->type->read(row, &setting, spec, err);
	words_done(&setting.values);
	return r < 0 ? error_prefix(err, "%s", row->name) : 0;
}

/* All keys are there, so one more is one that is not known. */
static int check_keys(const json_t *json, struct error *err)
{
	json_t *object;
	const char *name;
	json_t *item;

	/* json_object_foreach() wants an object it could change, and does not. */
	memcpy(&object, &json, sizeof(object));
	json_object_foreach(object, name, item)
	{
		if (spec_key_find(name) == KEY_MAX)
			return error_set(err, -EINVAL, "unknown key %s", quote(name).text);
	}
	return 0;
}

int spec_from_json(const json_t *json, struct spec *ret, struct error *err)
{
	cleanup(spec_done) struct spec spec = { 0 };
	int r;

	if (!json_is_object(json))
		return error_set(err, -EINVAL, "a specification is a JSON object");
	r = check_keys(json, err);
	if (r < 0)
		return r;
	for (enum spec_key key = 0; key < KEY_MAX; key++) {
		const json_t *item = json_object_get(json, spec_key_name(key));

		r = item ? key_from_json(item, key, &spec, err)
			 : error_set(err, -EINVAL, "%s is missing", spec_key_name(key));

		if (r < 0)
			return r;
	}
	*ret = spec;
	spec = (struct spec){ 0 };
	return 0;
}
