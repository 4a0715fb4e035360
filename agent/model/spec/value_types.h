/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The kinds of value that rows of keys.c have. */

#include "model/spec/keys.h"

/* value_scalar.c: one number, size, share, time or switch. */
extern const struct value_type value_bool;   /* bool */
extern const struct value_type value_number; /* unsigned, least..most */
extern const struct value_type value_stripe; /* uint32_t bytes, a power of two in least..most */
extern const struct value_type value_share;  /* struct size_choice, least..most bytes, or a share */
extern const struct value_type value_seconds; /* unsigned, least..most */
extern const struct value_type value_conns;   /* unsigned, least..most, or 0 for auto */

/* value_choice.c: words with a meaning of their own. */
extern const struct value_type value_roles;
extern const struct value_type value_index;
extern const struct value_type value_osts;
extern const struct value_type value_disks;
extern const struct value_type value_data_loss;
extern const struct value_type value_tuning;

/* value_address.c: names and addresses of nodes and nets. */
extern const struct value_type value_fsname;
extern const struct value_type value_mgs;
extern const struct value_type value_lnet;

/* value_mount_point.c: a place here, and one in the file system. */
extern const struct value_type value_mount_point;
extern const struct value_type value_fileset;

/* value_options.c: words for mkfs.lustre and mount. */
extern const struct value_type value_mkfs_options;
extern const struct value_type value_mount_options;
extern const struct value_type value_client_mount_options;

/* value_written.c: what all of them need. */

/* The row's field in *spec. */
void *value_field(const struct spec_key_row *row, struct spec *spec);
const void *value_field_const(const struct spec_key_row *row, const struct spec *spec);

/* The one word that was written. A list, or nothing, is -EINVAL with a sentence. */
int value_single(const struct setting *setting, const char **ret, struct error *why);

/*
 * The words that were written, each item of a list (or the scalar) split at `separators`. Nothing
 * at all is -EINVAL with a sentence, and so are more than `most` words.
 */
int value_list(const struct setting *setting, const char *separators, size_t most,
	       struct words *ret, struct error *why);

/*
 * -EINVAL with a sentence: `text` is none of the words that are possible, which stand as they are,
 * in lower case. Names the nearest of `words` where there is one, else `all`, such as "subnet,
 * launch or a number".
 */
int value_refuse_choice(const char *text, const char *const words[], size_t count, const char *all,
			struct error *why);

/* Whether `path` is absolute, without empty, "." and ".." components and without a trailing slash.
 */
bool path_is_plain(const char *path);

/*
 * A schema takes all that read() takes, and may take more (tests/unit/model/spec/test_schema.c).
 * Patterns are of the whole text, and of what ECMA-262 and POSIX have in common.
 */
json_t *schema_text(const char *pattern);

/* Likewise of names that may look like something else: 17 and true are such, without quotation
 * marks. */
json_t *schema_word(const char *pattern);

/* {"anyOf": [one, {"type": "array", "items": one}]}: a list, or its only item. Takes `one` over. */
json_t *schema_one_or_more(json_t *one);
