/* SPDX-License-Identifier: Apache-2.0 */
#include "model/spec/value_types.h"

#include "base/cleanup.h"
#include "base/quote.h"
#include "model/spec/mkfs_words.h"
#include "model/spec/mount_words.h"

#include <errno.h>
#include <string.h>

#define OPTIONS_MAX     32
#define OPTION_WORD_MAX 255

/*
 * What mkfs.lustre has room for (lustre_disk.h, mount_utils.h): 512 bytes of mke2fs's options, its
 * own among them, and 4096 for the parameters of a target, an mgsnode= for each MGS among them. It
 * finds out when the volume is made.
 */
#define MKE2FS_OPTIONS_MAX 255
#define PARAMETERS_MAX     2048

static int check_length(const struct words *words, struct error *why)
{
	if (words->count > OPTIONS_MAX)
		return error_set(why, -EINVAL, "%zu words are given; at most %d are possible",
				 words->count, OPTIONS_MAX);
	for (size_t i = 0; i < words->count; i++)
		if (strlen(words->items[i]) > OPTION_WORD_MAX)
			return error_set(why, -EINVAL, "%s is longer than %d characters",
					 quote(words->items[i]).text, OPTION_WORD_MAX);
	return 0;
}

/* The items of a list as they are; a scalar is split at blanks outside of quotation marks. */
static int mkfs_words(const struct setting *setting, struct words *words, struct error *why)
{
	int r;

	if (setting->is_list)
		r = words_copy(words, &setting->values);
	else
		r = mkfs_words_split(setting->values.count ? setting->values.items[0] : "", words,
				     why);
	if (r == -ENOMEM)
		return error_set(why, r, "out of memory");
	if (r == 0 && words->count == 0)
		return error_set(why, -EINVAL, "no value is given; give one or leave the key out");
	return r < 0 ? r : check_length(words, why);
}

/* Options that mkfs.lustre puts together, as many times as they are given. */
static int check_room(const struct words *words, struct error *why)
{
	static const char mke2fs[] = "--mkfsoptions=";
	size_t length = 0, all = 0;

	for (size_t i = 0; i < words->count; i++) {
		all += strlen(words->items[i]) + 1;
		if (strncmp(words->items[i], mke2fs, strlen(mke2fs)) == 0)
			length += strlen(words->items[i] + strlen(mke2fs)) + 1;
	}
	if (length > MKE2FS_OPTIONS_MAX)
		return error_set(
			why, -EINVAL,
			"--mkfsoptions= has %zu characters in all, and mkfs.lustre has room "
			"for %d; leave some out",
			length, MKE2FS_OPTIONS_MAX);
	if (all > PARAMETERS_MAX)
		return error_set(
			why, -EINVAL,
			"the options have %zu characters in all, and mkfs.lustre has room for "
			"%d; leave some out",
			all, PARAMETERS_MAX);
	return 0;
}

static int read_mkfs_options(const struct spec_key_row *row, const struct setting *setting,
			     struct spec *spec, struct error *why)
{
	cleanup(words_done) struct words words = { 0 };
	int r;

	(void)row;
	r = mkfs_words(setting, &words, why);
	if (r == 0)
		r = check_room(&words, why);
	if (r == 0)
		r = mkfs_words_check(&words, why);
	if (r < 0)
		return r;
	return words_copy(&spec->mkfs_options, &words);
}

static json_t *mkfs_options_to_json(const struct spec_key_row *row, const struct spec *spec)
{
	(void)row;
	return words_to_json(&spec->mkfs_options);
}

static json_t *mkfs_options_schema(const struct spec_key_row *row)
{
	(void)row;
	return schema_one_or_more(schema_text("[\"'-](.|\n)*"));
}

const struct value_type value_mkfs_options = {
	.name = "options",
	.read = read_mkfs_options,
	.to_json = mkfs_options_to_json,
	.schema = mkfs_options_schema,
};

static int read_mount_words(const struct setting *setting, struct words *words, struct error *why)
{
	int r = value_list(setting, ", \t", OPTIONS_MAX, words, why);

	if (r == 0)
		r = check_length(words, why);
	for (size_t i = 0; r == 0 && i < words->count; i++)
		r = mount_word_check(words->items[i], why);
	return r;
}

static int read_mount_options(const struct spec_key_row *row, const struct setting *setting,
			      struct spec *spec, struct error *why)
{
	cleanup(words_done) struct words words = { 0 };
	int r = read_mount_words(setting, &words, why);

	return r < 0 ? r : words_copy(value_field(row, spec), &words);
}

static int read_client_mount_options(const struct spec_key_row *row, const struct setting *setting,
				     struct spec *spec, struct error *why)
{
	cleanup(words_done) struct words words = { 0 };
	int r = read_mount_words(setting, &words, why);

	for (size_t i = 0; r == 0 && i < words.count; i++)
		if (mount_word_owner(words.items[i]) == MOUNT_WORD_TARGET)
			r = error_set(why, -EINVAL,
				      "%s is an option of targets, which a client cannot have; "
				      "give it as mount-options",
				      quote(words.items[i]).text);
	return r < 0 ? r : words_copy(value_field(row, spec), &words);
}

static json_t *mount_options_to_json(const struct spec_key_row *row, const struct spec *spec)
{
	return words_to_json(value_field_const(row, spec));
}

static json_t *mount_options_schema(const struct spec_key_row *row)
{
	(void)row;
	return schema_one_or_more(schema_word("[, \t]*[A-Za-z0-9_][A-Za-z0-9_.:/@+=, \t-]*"));
}

const struct value_type value_mount_options = {
	.name = "options",
	.read = read_mount_options,
	.to_json = mount_options_to_json,
	.schema = mount_options_schema,
};

const struct value_type value_client_mount_options = {
	.name = "options",
	.read = read_client_mount_options,
	.to_json = mount_options_to_json,
	.schema = mount_options_schema,
};
