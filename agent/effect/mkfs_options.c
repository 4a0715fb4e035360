/* SPDX-License-Identifier: Apache-2.0 */
#include "effect/mkfs_options.h"

#include "base/cleanup.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char prefix[] = "--mkfsoptions=";

/* The operator's mke2fs words: the lists behind -E and -O, each put together, and the others. */
struct mke2fs_words {
	struct words extended, features, others;
};

static void mke2fs_words_done(struct mke2fs_words *words)
{
	words_done(&words->extended);
	words_done(&words->features);
	words_done(&words->others);
}

static struct words *list_behind(struct mke2fs_words *to, const char *word)
{
	if (strncmp(word, "-E", 2) == 0)
		return &to->extended;
	return strncmp(word, "-O", 2) == 0 ? &to->features : NULL;
}

static int take_apart(const struct words *asked, struct mke2fs_words *to)
{
	cleanup(words_done) struct words words = { 0 };

	for (size_t i = 0; i < asked->count; i++)
		if (strncmp(asked->items[i], prefix, strlen(prefix)) == 0 &&
		    words_split(&words, asked->items[i] + strlen(prefix), " ") < 0)
			return -ENOMEM;
	for (size_t i = 0; i < words.count; i++) {
		const char *word = words.items[i];
		struct words *list = list_behind(to, word);
		int r;

		if (!list)
			r = words_add(&to->others, word);
		else if (word[2] != '\0')
			r = words_split(list, word + 2, ",");
		else
			r = i + 1 < words.count ? words_split(list, words.items[++i], ",") : 0;
		if (r < 0)
			return r;
	}
	return 0;
}

/* Is the option, the part before "=", in the list already? */
static bool has_option(const struct words *list, const char *option)
{
	size_t length = strcspn(option, "=");

	for (size_t i = 0; i < list->count; i++)
		if (strncmp(list->items[i], option, length) == 0 &&
		    (list->items[i][length] == '=' || list->items[i][length] == '\0'))
			return true;
	return false;
}

static char *join(const char *start, const struct words *list, const char *between)
{
	char *text = NULL;
	size_t size = 0;
	FILE *stream = list->failed ? NULL : open_memstream(&text, &size);

	if (!stream)
		return NULL;
	fputs(start, stream);
	for (size_t i = 0; i < list->count; i++)
		fprintf(stream, "%s%s", i > 0 ? between : "", list->items[i]);
	if (fclose(stream) != 0) {
		free(text);
		return NULL;
	}
	return text;
}

int mkfs_options_add(struct words *argv, const struct words *asked, const struct words *extended)
{
	cleanup(mke2fs_words_done) struct mke2fs_words words = { 0 };
	cleanup(free_pointer) char *joined = NULL, *features = NULL, *rest = NULL;

	for (size_t i = 0; i < asked->count; i++)
		if (strncmp(asked->items[i], prefix, strlen(prefix)) != 0)
			words_add(argv, asked->items[i]);
	if (asked->failed || extended->failed || take_apart(asked, &words) < 0)
		return words_fail(argv);
	for (size_t i = 0; i < extended->count; i++)
		if (!has_option(&words.extended, extended->items[i]))
			words_add(&words.extended, extended->items[i]);
	joined = join("-E ", &words.extended, ",");
	features = join(words.features.count > 0 ? " -O " : "", &words.features, ",");
	rest = join(words.others.count > 0 ? " " : "", &words.others, " ");
	if (!joined || !features || !rest)
		return words_fail(argv);
	return words_addf(argv, "%s%s%s%s", prefix, joined, features, rest);
}
