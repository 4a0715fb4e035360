/* SPDX-License-Identifier: Apache-2.0 */
#include "verbs/check_document.h"

#include "ask/document/tags.h"
#include "ask/document/userdata.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "model/spec/keys.h"
#include "model/spec/nearest.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* EC2's own limit, before base64. Source: AWS user guide, "Add user data". */
#define EC2_USER_DATA_MAX (16 * 1024)

/* In characters. Source: EC2 user guide, "Tag your Amazon EC2 resources", Tag restrictions. */
#define EC2_TAG_VALUE_MAX 256

void check_done(struct check *check)
{
	spec_done(&check->spec);
	*check = (struct check){ 0 };
}

static size_t count_characters(const char *text)
{
	size_t count = 0;

	for (; *text; text++)
		count += ((unsigned char)*text & 0xc0) != 0x80;
	return count;
}

static bool has_tag(const struct metadata *metadata, const char *key)
{
	for (size_t i = 0; i < metadata->tag_count; i++)
		if (strcmp(metadata->tags[i].key, key) == 0)
			return true;
	return false;
}

/* A key of ours but for a letter or two. Capitals are other people's: "Role=web". */
static bool is_misspelt(const char *key)
{
	const char *names[KEY_MAX];

	for (const char *c = key; *c; c++)
		if (isupper((unsigned char)*c))
			return false;
	for (enum spec_key i = 0; i < KEY_MAX; i++)
		names[i] = spec_key_name(i);
	return nearest_name(key, names, KEY_MAX) != NULL;
}

/*
 * What stands before the key of a tag on the command line, where "lustre:" may be left out. Beside
 * tags that have it, others are such as the node ignores ("Name=web"). Other prefixes stay, so that
 * "lustre.role" is found out.
 */
static const char *missing_prefix(const char *text, size_t length, bool is_beside_whole)
{
	char key[64];

	if (tag_may_be_ours(text))
		return "";
	snprintf(key, sizeof(key), "%.*s", (int)length, text);
	if (is_beside_whole && spec_key_find(key) == KEY_MAX && !is_misspelt(key))
		return "";
	return "lustre:";
}

/* "role=oss" or "lustre:role=oss". Returns what is wrong with it, NULL for nothing. */
static const char *take_tag(const char *text, bool is_beside_whole, struct metadata *metadata)
{
	struct metadata_tag *tag = &metadata->tags[metadata->tag_count];
	const char *equals = strchr(text, '=');
	size_t length = equals ? (size_t)(equals - text) : 0;
	const char *prefix = missing_prefix(text, length, is_beside_whole);

	if (length == 0)
		return "is not KEY=VALUE";
	if (metadata->tag_count == TAGS_MAX)
		return "is one tag more than an instance can have";
	if (text_format(tag->key, sizeof(tag->key), "%s%.*s", prefix, (int)length, text) < 0)
		return "has a longer key than EC2 takes";
	if (count_characters(equals + 1) > EC2_TAG_VALUE_MAX ||
	    text_format(tag->value, sizeof(tag->value), "%s", equals + 1) < 0)
		return "has a value of more than 256 characters, which EC2 does not take; give it "
		       "in user-data";
	if (has_tag(metadata, tag->key))
		return "gives its key a second value; a tag has one";
	metadata->tag_count++;
	return NULL;
}

static bool has_whole_key(const struct words *tags)
{
	for (size_t i = 0; i < tags->count; i++)
		if (tag_may_be_ours(tags->items[i]))
			return true;
	return false;
}

static void take_tags(const struct words *tags, struct metadata *metadata,
		      struct problems *problems)
{
	const struct origin origin = { .source = SOURCE_TAG, .name = "--tags" };

	const bool has_whole = has_whole_key(tags);

	for (size_t i = 0; i < tags->count; i++) {
		const char *wrong = take_tag(tags->items[i], has_whole, metadata);

		if (wrong)
			problems_add(problems, &origin, "%.80s%s %s", tags->items[i],
				     strlen(tags->items[i]) > 80 ? "…" : "", wrong);
	}
}

int check_document(const char *data, size_t size, const char *name, const struct words *tags,
		   struct check *ret)
{
	cleanup(settings_done) struct settings settings = { 0 };
	struct origin origin = { .source = SOURCE_USER_DATA };
	struct metadata *metadata = calloc(1, sizeof(*metadata));
	int r;

	*ret = (struct check){ 0 };
	if (!metadata)
		return -ENOMEM;
	snprintf(origin.name, sizeof(origin.name), "%s", name);
	if (size > EC2_USER_DATA_MAX)
		problems_add(&ret->problems, &origin,
			     "has %zu bytes; EC2 takes at most %d as user-data", size,
			     EC2_USER_DATA_MAX);
	take_tags(tags, metadata, &ret->problems);
	r = userdata_parse(data, size, &origin, &settings, &ret->problems);
	if (r == 0)
		r = tags_parse(metadata, &settings, &ret->problems);
	if (r == 0)
		r = spec_merge(&settings, &ret->spec, &ret->problems);
	free(metadata);
	return r;
}

/* A text as it is, everything else as JSON, nothing as "-". */
static void print_value(FILE *stream, const json_t *value)
{
	cleanup(free_pointer) char *text = NULL;

	if (json_is_null(value) || (json_is_array(value) && json_array_size(value) == 0)) {
		fprintf(stream, " %-28s", "-");
	} else if (json_is_string(value)) {
		fprintf(stream, " %-28s", json_string_value(value));
	} else {
		text = json_dumps(value, JSON_ENCODE_ANY);
		fprintf(stream, " %-28s", text ? text : "");
	}
}

char *check_format_spec(const struct spec *spec, bool with_defaults)
{
	cleanup(json_decrefp) json_t *json = spec_to_json(spec);
	char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);

	if (!stream)
		return NULL;
	for (enum spec_key key = 0; key < KEY_MAX; key++) {
		const json_t *item = json_object_get(json, spec_key_name(key));

		if (!with_defaults && spec->origins[key].source == SOURCE_DEFAULT)
			continue;
		fprintf(stream, "%-19s", spec_key_name(key));
		print_value(stream, json_object_get(item, "value"));
		fprintf(stream, " %s\n", json_string_value(json_object_get(item, "source")));
	}
	if (fclose(stream) != 0) {
		free(text);
		return NULL;
	}
	return text;
}
