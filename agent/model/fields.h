/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A plain struct as a JSON object, by a table: one row for each member. One table serves both ways,
 * so what is written is what is read. What says nothing (empty text, zero, false) is left out, and
 * read back as that, unless its row says `required`: then it is always written, and must be there.
 * An unknown key, or a value of another type or range, is an error that names the key.
 */

#include "base/error.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum field_type {
	FIELD_TEXT,   /* char[size] */
	FIELD_STRING, /* char *, allocated, FIELD_STRING_MAX at most; NULL says nothing */
	FIELD_BOOL,   /* bool */
	FIELD_NUMBER, /* unsigned integer of `size` bytes, 4 or 8 */
	FIELD_INDEX,  /* int, where -1 says nothing (read only where it is `required`) and 0 does */
	FIELD_NAME,   /* enum: its value's name in `names` or by `name`; the first says nothing */
	FIELD_WORDS,  /* struct words */
	FIELD_OBJECT, /* a struct of `fields`, inside */
	FIELD_LIST,   /* a pointer to allocated structs of `fields`, size_t of them at `count` */
	FIELD_VERSION, /* no member: the number `version`, and nothing else is understood */
	FIELD_ARRAY,   /* `capacity` structs of `fields`, inside; size_t of them at `count` */
};

#define FIELD_STRING_MAX (64 * 1024)

/* There are hundreds of rows, in a program that is read from a cold disk: each is a cache line. */
struct field {
	const char *key; /* NULL ends a table */
	enum field_type type;
	uint32_t offset, size;
	uint32_t version;         /* FIELD_VERSION */
	uint64_t most;            /* FIELD_NUMBER: no more than this; 0: what its size takes */
	const char *const *names; /* FIELD_NAME: NULL-terminated */
	union {
		const char *(*name)(unsigned value); /* FIELD_NAME without names; NULL beyond the
							last */
		const struct field *fields;          /* FIELD_OBJECT, _LIST, _ARRAY */
	};
	uint32_t item_size; /* FIELD_LIST, _ARRAY */
	uint32_t count;     /* FIELD_LIST, _ARRAY: offset of the number of items */
	uint32_t capacity;  /* FIELD_ARRAY; FIELD_LIST: at most, 0 for any number */
	bool required;
};

/* Where a member lies: offset and size, for a row of a table. */
#define FIELD_AT(type, member) .offset = offsetof(type, member), .size = sizeof(((type *)0)->member)

/* A new object; NULL when out of memory. */
json_t *fields_to_json(const struct field *fields, const void *values);

/*
 * Fills *values from an object; before, they are zero, or what a key that is left out shall mean.
 * On an error it is partly filled and still to be freed by its owner, as after success. -EINVAL;
 * -ENOMEM.
 */
int fields_from_json(const struct field *fields, const json_t *json, void *values,
		     struct error *err);
