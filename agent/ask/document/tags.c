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

/* "lustre", or "luster", as it is often misspelt. */
static bool begins_like_us(const char *text)
{
	return strncasecmp(text, "lustre", 6) == 0 || strncasecmp(text, "luster", 6) == 0;
}

bool tag_may_be_ours(const char *key)
{
	while (isspace((unsigned char)*key))
		key++;
	return begins_like_us(key);
}

/* Letters and digits alone, in lower case: "fs_name" is "fsname". */
static void fold(const char *text, char *folded, size_t size)
{
	size_t used = 0;

	for (; *text && used + 1 < size; text++)
		if (isalnum((unsigned char)*text))
			folded[used++] = (char)tolower((unsigned char)*text);
	folded[used] = '\0';
}

/* The key of ours that `text` is but for its dashes and case, NULL for none. */
static const char *find_folded(const char *text)
{
	char folded[64], key[64];

	fold(text, folded, sizeof(folded));
	for (enum spec_key i = 0; i < KEY_MAX; i++) {
		fold(spec_key_name(i), key, sizeof(key));
		if (strcmp(folded, key) == 0)
			return spec_key_name(i);
	}
	return NULL;
}

static bool is_asked_for_a_role(const struct settings *settings)
{
	for (size_t i = 0; i < settings->count; i++)
		if (strcmp(settings->items[i].key, "role") == 0)
			return true;
	return false;
}

/* "oss", "mgs+mds": whether each word of it is a role. */
static bool holds_roles(const char *value)
{
	static const char *const roles[] = { "mgs", "mds", "oss", "client", "mgt", "mdt", "ost" };
	static const char separators[] = "+,/; \t\r\n[]\"'";
	bool has_role = false;

	for (const char *word = value + strspn(value, separators); *word;
	     word += strspn(word, separators)) {
		size_t length = strcspn(word, separators);
		bool is_role = false;

		for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++)
			is_role |= strlen(roles[i]) == length &&
				   strncasecmp(word, roles[i], length) == 0;
		if (!is_role)
			return false;
		has_role = true;
		word += length;
	}
	return has_role;
}

/* "role=oss" as the value of a tag that is named after us and nothing else. */
static bool holds_setting(const char *value)
{
	char word[64];
	size_t length;

	value += strspn(value, " \t{\"'#");
	length = strcspn(value, ":= \t\"'");
	snprintf(word, sizeof(word), "%.*s", (int)(length < sizeof(word) ? length : 0), value);
	return value[length] != '\0' && spec_key_find(word) != KEY_MAX;
}

static const char separators[] = ":./-_= \t";

/* What follows "lustre", or "lustre-init", in a key that begins like us. */
static const char *behind_our_name(const char *key, bool *ret_is_program)
{
	const char *rest = key + strspn(key, " \t") + strlen("lustre");
	const char *init = rest + strspn(rest, "-_ ");

	*ret_is_program = strncasecmp(init, "init", 4) == 0 &&
			  (init[4] == '\0' || strchr(separators, init[4]));
	return *ret_is_program ? init + 4 : rest;
}

bool tag_value_tells(const char *key)
{
	bool is_program;
	const char *rest;

	if (strncmp(key, prefix, strlen(prefix)) == 0)
		return true;
	if (!tag_may_be_ours(key))
		return false;
	rest = behind_our_name(key + strspn(key, " \t\r\n\v\f"), &is_program);
	return rest[strspn(rest, separators)] == '\0';
}

/*
 * Whose is a tag that does not begin with "lustre:"? One of our program's name, "lustre-init.role",
 * is ours whatever follows, and so is "Lustre:role", with the nearest key of ours. "lustre_role" is
 * what others call theirs, too: it is taken for a mistake where it would make the node ours, or the
 * node is ours already, and the key is one of ours. *ret_nearest is that, or NULL.
 */
static bool was_meant_for_us(const struct metadata_tag *tag, bool is_ours, const char **ret_nearest)
{
	bool is_program;
	const char *rest = behind_our_name(tag->key, &is_program);
	size_t length = strspn(rest, separators);

	*ret_nearest = rest[length] ? spec_key_nearest(rest + length) : NULL;
	if (rest[length] == '\0' && is_program && holds_roles(tag->value))
		*ret_nearest = "role";
	if (rest[length] == '\0')
		return *ret_nearest || holds_setting(tag->value);
	if (is_program)
		return true;
	if (memchr(rest, ':', length))
		return *ret_nearest != NULL;
	*ret_nearest = find_folded(rest);
	return *ret_nearest && (is_ours || strcmp(*ret_nearest, "role") == 0);
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

static bool is_ours(const struct metadata_tag *tag)
{
	return strncmp(tag->key, prefix, strlen(prefix)) == 0;
}

static void tell_no_text(struct settings *settings, const struct origin *origin,
			 struct problems *problems)
{
	problems_add(problems, origin,
		     "is no plain text, or too long; set it again, in one line of UTF-8 and with "
		     "a value of at most 256 characters");
	settings->is_incomplete = true;
}

/* 1: there is no more room, which was told. */
static int add_setting(struct settings *settings, const struct metadata_tag *tag,
		       struct problems *problems)
{
	const struct origin origin = origin_of_tag(tag->key);
	struct setting *setting;

	if (!budget_take(&settings->budget, BOUND_SETTINGS, 1)) {
		settings_end(settings, BOUND_SETTINGS, &origin, problems);
		return 1;
	}
	if (tag->is_no_text) {
		tell_no_text(settings, &origin, problems);
		return 0;
	}
	setting = settings_add(settings, tag->key + strlen(prefix), &origin);
	return setting && add_value(setting, tag->value) == 0 ? 0 : -ENOMEM;
}

static void check_other(const struct metadata_tag *tag, struct settings *settings,
			struct problems *problems)
{
	const struct origin origin = origin_of_tag(tag->key);
	const char *nearest;

	if (!tag_may_be_ours(tag->key) ||
	    !was_meant_for_us(tag, is_asked_for_a_role(settings), &nearest))
		return;
	if (nearest)
		problems_add(problems, &origin, "%s is not a key; did you mean %s%s?",
			     quote(tag->key).text, prefix, nearest);
	else
		problems_add(problems, &origin,
			     "%s is not a key; a tag for lustre-init is %sKEY, such as %srole",
			     quote(tag->key).text, prefix, prefix);
	settings->is_incomplete = true;
}

int tags_parse(const struct metadata *metadata, struct settings *settings,
	       struct problems *problems)
{
	int r = 0;

	for (size_t i = 0; i < metadata->tag_count && r == 0; i++)
		if (is_ours(&metadata->tags[i]))
			r = add_setting(settings, &metadata->tags[i], problems);
	if (r != 0)
		return r < 0 ? r : 0;
	/* Only then it is known whether the node is ours. */
	for (size_t i = 0; i < metadata->tag_count; i++)
		if (!is_ours(&metadata->tags[i]))
			check_other(&metadata->tags[i], settings, problems);
	return 0;
}
