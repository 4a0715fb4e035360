/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * JSON that is whole, or not there: where a part cannot be made, what it should be part of is given
 * up, too, and so is what that would be put into. The end of it is NULL for "out of memory", once.
 */

#include <jansson.h>

/*
 * A new JSON text, with '?' for what is not shown (printable.h): JSON holds nothing but UTF-8, and
 * people read it. NULL only when out of memory.
 */
json_t *json_text(const char *text);

/* Puts `value`, taking the reference, under `key` into *object; else *object becomes NULL. */
static inline void json_put(json_t **object, const char *key, json_t *value)
{
	if (json_object_set_new(*object, key, value) == 0)
		return;
	json_decref(*object);
	*object = NULL;
}

/* Likewise, at the end of an array. */
static inline void json_add(json_t **array, json_t *value)
{
	if (json_array_append_new(*array, value) == 0)
		return;
	json_decref(*array);
	*array = NULL;
}
