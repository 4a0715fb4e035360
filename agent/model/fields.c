/* SPDX-License-Identifier: Apache-2.0 */
#include "model/fields.h"

#include "base/json_whole.h"
#include "base/quote.h"
#include "base/words.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const void *at(const void *values, size_t offset)
{
	return (const char *)values + offset;
}

static void *at_mutable(void *values, size_t offset)
{
	return (char *)values + offset;
}

static uint64_t read_number(const struct field *field, const void *values)
{
	uint64_t large;
	uint32_t small;

	if (field->size == sizeof(small)) {
		memcpy(&small, at(values, field->offset), sizeof(small));
		return small;
	}
	memcpy(&large, at(values, field->offset), sizeof(large));
	return large;
}

static void write_number(const struct field *field, void *values, uint64_t number)
{
	uint32_t small = (uint32_t)number;

	if (field->size == sizeof(small))
		memcpy(at_mutable(values, field->offset), &small, sizeof(small));
	else
		memcpy(at_mutable(values, field->offset), &number, sizeof(number));
}

/* The first item, and how many there are. */
static const void *read_items(const struct field *field, const void *values, size_t *ret_count)
{
	const void *items;

	memcpy(ret_count, at(values, field->count), sizeof(*ret_count));
	if (field->type == FIELD_ARRAY)
		return at(values, field->offset);
	memcpy(&items, at(values, field->offset), sizeof(items));
	return items;
}

static json_t *items_to_json(const struct field *field, const void *values)
{
	json_t *array = json_array();
	size_t count;
	const void *items = read_items(field, values, &count);

	for (size_t i = 0; array && i < count; i++) {
		json_t *item = fields_to_json(field->fields, at(items, i * field->item_size));

		if (json_array_append_new(array, item) < 0) {
			json_decref(array);
			return NULL;
		}
	}
	return array;
}

static const char *read_string(const struct field *field, const void *values)
{
	const char *text;

	memcpy(&text, at(values, field->offset), sizeof(text));
	return text ? text : "";
}

/* The name of a value; NULL beyond the last. */
static const char *name_of(const struct field *field, size_t value)
{
	return field->name ? field->name((unsigned)value) : field->names[value];
}

static json_t *value_to_json(const struct field *field, const void *values)
{
	const void *value = at(values, field->offset);

	switch (field->type) {
	case FIELD_TEXT:
		return json_text(value);
	case FIELD_STRING:
		return json_text(read_string(field, values));
	case FIELD_BOOL:
		return json_boolean(*(const bool *)value);
	case FIELD_NUMBER:
		return json_integer((json_int_t)read_number(field, values));
	case FIELD_INDEX:
		return json_integer(*(const int *)value);
	case FIELD_NAME:
		return json_string(name_of(field, read_number(field, values)));
	case FIELD_WORDS:
		return words_to_json(value);
	case FIELD_OBJECT:
		return fields_to_json(field->fields, value);
	case FIELD_LIST:
	case FIELD_ARRAY:
		return items_to_json(field, values);
	case FIELD_VERSION:
		return json_integer(field->version);
	}
	return NULL;
}

static bool says_nothing(const struct field *field, const void *values, const json_t *json)
{
	if (field->required)
		return false;
	switch (field->type) {
	case FIELD_TEXT:
	case FIELD_STRING:
		return json_string_length(json) == 0;
	case FIELD_BOOL:
		return json_is_false(json);
	case FIELD_NUMBER:
	case FIELD_NAME:
		return read_number(field, values) == 0;
	case FIELD_INDEX:
		return json_integer_value(json) < 0;
	case FIELD_WORDS:
	case FIELD_LIST:
	case FIELD_ARRAY:
		return json_array_size(json) == 0;
	case FIELD_OBJECT:
		return json_object_size(json) == 0;
	case FIELD_VERSION:
		break;
	}
	return false;
}

json_t *fields_to_json(const struct field *fields, const void *values)
{
	json_t *object = json_object();

	for (const struct field *field = fields; object && field->key; field++) {
		json_t *value = value_to_json(field, values);

		if (value && says_nothing(field, values, value)) {
			json_decref(value);
			continue;
		}
		if (json_object_set_new(object, field->key, value) < 0) {
			json_decref(object);
			return NULL;
		}
	}
	return object;
}

static int text_from_json(const struct field *field, const json_t *json, void *values,
			  struct error *err)
{
	size_t length = json_string_length(json);

	if (!json_is_string(json))
		return error_set(err, -EINVAL, "%s: not a text", field->key);
	if (length >= field->size)
		return error_set(err, -EINVAL, "%s: longer than %u characters", field->key,
				 field->size - 1);
	memcpy(at_mutable(values, field->offset), json_string_value(json), length + 1);
	return 0;
}

static int string_from_json(const struct field *field, const json_t *json, void *values,
			    struct error *err)
{
	char *text;

	if (!json_is_string(json))
		return error_set(err, -EINVAL, "%s: not a text", field->key);
	if (json_string_length(json) > FIELD_STRING_MAX)
		return error_set(err, -EINVAL, "%s: longer than %d characters", field->key,
				 FIELD_STRING_MAX);
	text = strdup(json_string_value(json));
	if (!text)
		return error_set(err, -ENOMEM, "out of memory for %s", field->key);
	memcpy(at_mutable(values, field->offset), &text, sizeof(text));
	return 0;
}

static int bool_from_json(const struct field *field, const json_t *json, void *values,
			  struct error *err)
{
	bool value = json_is_true(json);

	if (!json_is_boolean(json))
		return error_set(err, -EINVAL, "%s: neither true nor false", field->key);
	memcpy(at_mutable(values, field->offset), &value, sizeof(value));
	return 0;
}

static json_int_t largest(const struct field *field)
{
	if (field->type == FIELD_INDEX)
		return INT32_MAX;
	if (field->most > 0)
		return (json_int_t)field->most;
	return field->size == sizeof(uint32_t) ? UINT32_MAX : INT64_MAX;
}

static int number_from_json(const struct field *field, const json_t *json, void *values,
			    struct error *err)
{
	json_int_t least = field->type == FIELD_INDEX && field->required ? -1 : 0;
	json_int_t most = largest(field);
	json_int_t number = json_integer_value(json);

	if (!json_is_integer(json) || number < least || number > most)
		return error_set(err, -EINVAL, "%s: not a whole number from %d to %" PRId64,
				 field->key, (int)least, (int64_t)most);
	write_number(field, values, (uint64_t)number);
	return 0;
}

static int version_from_json(const struct field *field, const json_t *json, struct error *err)
{
	if (json_is_integer(json) && json_integer_value(json) == field->version)
		return 0;
	return error_set(err, -EINVAL, "%s: only %u is known here", field->key, field->version);
}

static int name_from_json(const struct field *field, const json_t *json, void *values,
			  struct error *err)
{
	const char *name = json_string_value(json);

	for (size_t i = 0; name && name_of(field, i); i++) {
		if (strcmp(name, name_of(field, i)) == 0) {
			write_number(field, values, i);
			return 0;
		}
	}
	return error_set(err, -EINVAL, "%s: %s is none of its names", field->key,
			 quote(name ? name : "").text);
}

/* Room for `count` items; the pointer, or the count, is in place before the items are filled. */
static int make_items(const struct field *field, size_t count, void *values, void **ret_items,
		      struct error *err)
{
	void *items;

	if ((field->type == FIELD_ARRAY || field->capacity > 0) && count > field->capacity)
		return error_set(err, -EINVAL, "%s: more than %u items", field->key,
				 field->capacity);
	if (field->type == FIELD_ARRAY) {
		memcpy(at_mutable(values, field->count), &count, sizeof(count));
		*ret_items = at_mutable(values, field->offset);
		return 0;
	}
	items = calloc(count ? count : 1, field->item_size);
	if (!items)
		return error_set(err, -ENOMEM, "out of memory for %s", field->key);
	memcpy(at_mutable(values, field->offset), &items, sizeof(items));
	memcpy(at_mutable(values, field->count), &count, sizeof(count));
	*ret_items = items;
	return 0;
}

static int items_from_json(const struct field *field, const json_t *json, void *values,
			   struct error *err)
{
	const json_t *item;
	void *items = NULL;
	size_t i;
	int r;

	if (!json_is_array(json))
		return error_set(err, -EINVAL, "%s: not a list", field->key);
	r = make_items(field, json_array_size(json), values, &items, err);
	if (r < 0)
		return r;
	json_array_foreach(json, i, item)
	{
		r = fields_from_json(field->fields, item, at_mutable(items, i * field->item_size),
				     err);
		if (r < 0) {
			error_prefix(err, "%s %zu", field->key, i + 1);
			return r;
		}
	}
	return 0;
}

static int value_from_json(const struct field *field, const json_t *json, void *values,
			   struct error *err)
{
	void *value = at_mutable(values, field->offset);
	int r;

	switch (field->type) {
	case FIELD_TEXT:
		return text_from_json(field, json, values, err);
	case FIELD_STRING:
		return string_from_json(field, json, values, err);
	case FIELD_BOOL:
		return bool_from_json(field, json, values, err);
	case FIELD_NUMBER:
	case FIELD_INDEX:
		return number_from_json(field, json, values, err);
	case FIELD_NAME:
		return name_from_json(field, json, values, err);
	case FIELD_WORDS:
		r = words_from_json(json, value);
		if (r < 0)
			return error_set(err, r, "%s: not a list of texts", field->key);
		return 0;
	case FIELD_OBJECT:
		r = fields_from_json(field->fields, json, value, err);
		if (r < 0)
			error_prefix(err, "%s", field->key);
		return r;
	case FIELD_LIST:
	case FIELD_ARRAY:
		return items_from_json(field, json, values, err);
	case FIELD_VERSION:
		return version_from_json(field, json, err);
	}
	return -EINVAL;
}

static const struct field *find_field(const struct field *fields, const char *key)
{
	for (const struct field *field = fields; field->key; field++)
		if (strcmp(field->key, key) == 0)
			return field;
	return NULL;
}

static int object_from_json(const struct field *fields, json_t *json, void *values,
			    struct error *err)
{
	const char *key;
	json_t *value;

	json_object_foreach(json, key, value)
	{
		const struct field *field = find_field(fields, key);
		int r;

		if (!field)
			return error_set(err, -EINVAL, "unknown key %s", quote(key).text);
		r = value_from_json(field, value, values, err);
		if (r < 0)
			return r;
	}
	for (const struct field *field = fields; field->key; field++)
		if (field->required && !json_object_get(json, field->key))
			return error_set(err, -EINVAL, "%s is missing", field->key);
	return 0;
}

int fields_from_json(const struct field *fields, const json_t *json, void *values,
		     struct error *err)
{
	json_t *object;

	if (!json_is_object(json))
		return error_set(err, -EINVAL, "not an object");
	/* json_object_foreach() wants an object it could change, and does not. */
	memcpy(&object, &json, sizeof(object));
	return object_from_json(fields, object, values, err);
}
