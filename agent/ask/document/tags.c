/* SPDX-License-Identifier: Apache-2.0 */
#include "ask/document/tags.h"

#include "base/printable.h"
#include "base/quote.h"
#include "model/spec/keys.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

static const char prefix[] = "lustre:";

bool tag_may_be_ours(const char *key)
{
	while (isspace((unsigned char)*key))
		key++;
	return strncasecmp(key, "lustre", 6) == 0;
}

/*
 * The key of ours that a tag almost spells ("lustre.role", "Lustre:Role", "lustre-init/fs_name"),
 * or NULL: "lustre-team" is somebody's own.
 */
static const char *nearly_spelt(const char *tag)
{
	const char *rest = tag + strspn(tag, " \t") + strlen("lustre");

	if (strncasecmp(rest, "-init", 5) == 0 || strncasecmp(rest, "_init", 5) == 0)
		rest += 5;
	if (!*rest || !strchr(":./-_= \t", *rest))
		return NULL;
	rest += strspn(rest, ":./-_= \t");
	return *rest ? spec_key_nearest(rest) : NULL;
}

static struct origin origin_of_tag(const char *key)
{
	struct origin origin = { .source = SOURCE_TAG };

	snprintf(origin.name, sizeof(origin.name), "instance tag %s", key);
	printable_make(origin.name);
	return origin;
}

/* The tag's value without the blanks around it, as the setting's only word. */
static int add_value(struct setting *setting, const char *value)
{
	size_t size;

	value += strspn(value, " \t\r\n");
	size = strlen(value);
	while (size > 0 && strchr(" \t\r\n", value[size - 1]))
		size--;
	return words_addf(&setting->values, "%.*s", (int)size, value);
}

int tags_parse(const struct metadata *metadata, struct settings *settings,
	       struct problems *problems)
{
	for (size_t i = 0; i < metadata->tag_count; i++) {
		const struct metadata_tag *tag = &metadata->tags[i];
		struct origin origin = origin_of_tag(tag->key);
		struct setting *setting;
		const char *nearest;

		if (strncmp(tag->key, prefix, strlen(prefix)) == 0) {
			if (!budget_take(&settings->budget, BOUND_SETTINGS, 1)) {
				settings_end(settings, BOUND_SETTINGS, &origin, problems);
				return 0;
			}
			setting = settings_add(settings, tag->key + strlen(prefix), &origin);
			if (!setting || add_value(setting, tag->value) < 0)
				return -ENOMEM;
			continue;
		}
		nearest = tag_may_be_ours(tag->key) ? nearly_spelt(tag->key) : NULL;
		if (!nearest)
			continue;
		problems_add(problems, &origin, "%s is not a key; did you mean %s%s?",
			     quote(tag->key).text, prefix, nearest);
		settings->is_incomplete = true;
	}
	return 0;
}
