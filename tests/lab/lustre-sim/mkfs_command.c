// SPDX-License-Identifier: Apache-2.0
#include "mkfs_command.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum {
	GIB_IN_KB = 1 << 20,
	OST_JOURNAL_MAX_MB = 1024,
	MDT_JOURNAL_MAX_MB = 4096,
};

static const uint64_t tib_in_kb = 1ULL << 30;

__attribute__((format(printf, 2, 3))) static void append(char *text, const char *format, ...)
{
	size_t used = strlen(text);
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text + used, MKFS_COMMAND_SIZE - used, format, arguments);
	va_end(arguments);
}

/* True if `list`, of comma-separated items, has `key` or `key=...`. */
static bool list_has(const char *list, const char *key)
{
	size_t length = strlen(key);

	while (*list) {
		size_t item = strcspn(list, ",");

		if (item >= length && !strncmp(list, key, length) &&
		    (item == length || list[length] == '='))
			return true;
		list += item + (list[item] == ',');
	}
	return false;
}

/* Where a letter option stands as a word of its own; NULL if it does not. */
static char *find_letter(char *text, const char *letter)
{
	char *at = text;

	while ((at = strstr(at, letter))) {
		if (at == text || at[-1] == ' ')
			return at;
		at += strlen(letter);
	}
	return NULL;
}

/* Cuts `letter LIST` out of `text` into `list`. -EINVAL if it stands there twice. */
static int take_list(char *text, const char *letter, char list[static MKFS_COMMAND_SIZE])
{
	char *at = find_letter(text, letter), *value;
	size_t length;

	list[0] = '\0';
	if (!at)
		return 0;
	if (find_letter(at + 2, letter))
		return -EINVAL;
	value = at + 2 + strspn(at + 2, " ");
	length = strcspn(value, " ");
	snprintf(list, MKFS_COMMAND_SIZE, "%.*s", (int)length, value);
	value += length + strspn(value + length, " ");
	memmove(at, value, strlen(value) + 1);
	return 0;
}

static void add_item(char *list, const char *without, const char *key, const char *item)
{
	if (!list_has(list, key) && !list_has(without, key))
		append(list, "%s%s", *list ? "," : "", item);
}

static void add_features(const struct conf *conf, const struct target_options *options, char *list)
{
	const struct {
		const char *name;
		bool wanted;
	} features[] = {
		{ "uninit_bg", true },
		{ "extents", true },
		{ "dirdata", options->data.flags & TARGET_MDT },
		{ "dir_nlink", true },
		{ "quota", true },
		{ "project", true },
		{ "huge_file", true },
		{ "64bit", options->device_kb > 16 * tib_in_kb },
		{ "ea_inode", options->data.flags & TARGET_MDT },
		{ "large_dir", true },
		{ "^fast_commit", true },
		{ "flex_bg", true },
	};

	for (size_t i = 0; i < sizeof(features) / sizeof(features[0]); i++) {
		if (features[i].wanted)
			add_item(list, conf->without_features, features[i].name, features[i].name);
	}
}

static void add_extended(const struct target_options *options, char *list)
{
	/* A value that reserves room for growth on a boundary of 1 MiB; not for 64bit sizes. */
	if ((options->data.flags & TARGET_OST) && options->device_kb > 100 * 1024 &&
	    options->device_kb <= 16 * tib_in_kb)
		add_item(list, "", "resize", "resize=\"4290772992\"");
	add_item(list, "", "lazy_journal_init", "lazy_journal_init");
	add_item(list, "", "lazy_itable_init", "lazy_itable_init=\"0\"");
	add_item(list, "", "packed_meta_blocks", "packed_meta_blocks");
}

static unsigned bytes_per_inode(const struct target_options *options)
{
	if (options->data.flags & TARGET_MDT)
		return 2560;
	if (!(options->data.flags & TARGET_OST) || options->device_kb <= 10ULL * GIB_IN_KB)
		return 0;
	if (options->device_kb > 16 * tib_in_kb)
		return 1 << 20;
	if (options->device_kb > 4 * tib_in_kb)
		return 512 << 10;
	return options->device_kb > tib_in_kb ? 256 << 10 : 69905;
}

static void add_sizes(const struct target_options *options, char *text)
{
	bool mdt = options->data.flags & TARGET_MDT, ost = options->data.flags & TARGET_OST;
	uint64_t journal_mb = options->device_kb * 4 / (1024 * 100);
	uint64_t journal_max = mdt ? MDT_JOURNAL_MAX_MB : OST_JOURNAL_MAX_MB;
	unsigned per_inode = bytes_per_inode(options);

	if ((mdt || ost) && options->device_kb > GIB_IN_KB && !find_letter(text, "-J"))
		append(text, " -J size=%llu",
		       (unsigned long long)(journal_mb < journal_max ? journal_mb : journal_max));
	if ((mdt || ost) && !find_letter(text, "-I"))
		append(text, " -I %d", mdt ? 1024 : 512);
	if (per_inode && !find_letter(text, "-i") && !find_letter(text, "-N"))
		append(text, " -i %u", per_inode);
}

int mkfs_command_options(const struct conf *conf, const struct target_options *options,
			 char list[static MKFS_COMMAND_SIZE])
{
	char features[MKFS_COMMAND_SIZE], extended[MKFS_COMMAND_SIZE];
	bool flex_size;

	snprintf(list, MKFS_COMMAND_SIZE, "%s", options->mkfs_options);
	add_sizes(options, list);
	if (options->verbose < 2)
		append(list, " -q");
	if (take_list(list, "-O", features) < 0) {
		fprintf(stderr, "%s: don't specify multiple -O options\n", options->tool);
		return EINVAL;
	}
	if (take_list(list, "-E", extended) < 0) {
		fprintf(stderr, "%s: don't specify multiple -E options\n", options->tool);
		return EINVAL;
	}
	flex_size = (options->data.flags & TARGET_OST) && !find_letter(list, "-G");
	add_features(conf, options, features);
	add_extended(options, extended);
	append(list, " -O %s", features);
	if (flex_size)
		append(list, " -G 256");
	append(list, " -E %s -F", extended);
	return 0;
}

int mkfs_command_words(char *command, char *words[static MKFS_WORDS_MAX])
{
	int count = 0;
	char *in = command, *out = command;

	for (;;) {
		char quote = '\0';

		in += strspn(in, " ");
		if (!*in)
			break;
		if (count == MKFS_WORDS_MAX - 1)
			return -E2BIG;
		words[count++] = out;
		for (; *in && (quote || *in != ' '); in++) {
			if (quote ? *in == quote : *in == '"' || *in == '\'')
				quote = quote ? '\0' : *in;
			else
				*out++ = *in;
		}
		if (*in)
			in++;
		*out++ = '\0';
	}
	words[count] = NULL;
	return count;
}
