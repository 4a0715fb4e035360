/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The table of the contract: one row per key. The parser, the defaults, `lustre-init spec`, the man
 * page lustre-init.yaml(5) and the JSON schema are all made from it, so they cannot disagree.
 */

#include "model/spec/spec.h"

struct spec_key_row;

/* How values of one kind are read, shown and described. Every function is total over its kind. */
struct value_type {
	/* "size", "time": what the man page calls a value of this kind. */
	const char *name;

	/*
	 * Reads what was written into the row's field of *spec. -EINVAL with a sentence that begins
	 * with the value and ends with the fix ("\"osd\" is no role; …"), or -ENOMEM.
	 */
	int (*read)(const struct spec_key_row *row, const struct setting *setting,
		    struct spec *spec, struct error *why);

	/* The field as JSON, in a form that read() takes back; null when it is unset. */
	json_t *(*to_json)(const struct spec_key_row *row, const struct spec *spec);

	/* The JSON schema of what read() takes, a new object. */
	json_t *(*schema)(const struct spec_key_row *row);
};

struct spec_key_row {
	const char *name;
	const struct value_type *type;
	size_t offset;           /* of the field in struct spec, where the type works on one */
	uint64_t least, most;    /* bounds, where the type has such */
	const char *fallback;    /* the default as one would write it; NULL: none */
	const char *fallback_is; /* the default in words, where it depends on other things */
	const char *summary;     /* one sentence, also in the schema */
	const char *details;     /* further sentences for the man page, or NULL */
	const char *example;     /* a value, as in a document */
};

/* All rows, KEY_MAX of them, by enum spec_key. */
const struct spec_key_row *spec_key_row(enum spec_key key);

/* The key called `name`, or KEY_MAX. */
enum spec_key spec_key_find(const char *name);

/* The known key that `written` most probably stands for ("fs-name" is "fsname"), or NULL. */
const char *spec_key_nearest(const char *written);

/*
 * What a misspelt key deserves: "fs-name" is not a key; did you mean fsname? All keys are named
 * when none is near. `prefix` is what keys have before them where this one stood ("lustre:", or
 * ""). Returns the key that was probably meant, or KEY_MAX.
 */
enum spec_key spec_key_unknown(const char *written, const char *prefix, char *text, size_t size);
