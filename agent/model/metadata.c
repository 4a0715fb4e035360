/* SPDX-License-Identifier: Apache-2.0 */
#include "model/metadata.h"

#include "base/cleanup.h"
#include "base/json_whole.h"
#include "base/printable.h"
#include "base/quote.h"
#include "base/text.h"
#include "model/fields.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

bool metadata_is_instance_id(const char *text)
{
	static const char accepted[] = "abcdefghijklmnopqrstuvwxyz0123456789-";

	return text[0] != '\0' && text[strspn(text, accepted)] == '\0';
}

void metadata_done(struct metadata *metadata)
{
	/* It may hold secrets of others. */
	if (metadata->user_data)
		explicit_bzero(metadata->user_data, metadata->user_data_size);
	free(metadata->user_data);
	words_done(&metadata->ephemerals);
	words_done(&metadata->other_devices);
	words_done(&metadata->interfaces);
	*metadata = (struct metadata){ 0 };
}

static const struct field metadata_fields[] = {
	{ "instance_id", FIELD_TEXT, FIELD_AT(struct metadata, instance_id), .required = true },
	{ "instance_type", FIELD_TEXT, FIELD_AT(struct metadata, instance_type), .required = true },
	{ "local_ipv4", FIELD_TEXT, FIELD_AT(struct metadata, local_ipv4), .required = true },
	{ "subnet_cidr", FIELD_TEXT, FIELD_AT(struct metadata, subnet_cidr), .required = true },
	{ "mac", FIELD_TEXT, FIELD_AT(struct metadata, mac), .required = true },
	{ "region", FIELD_TEXT, FIELD_AT(struct metadata, region), .required = true },
	{ "availability_zone", FIELD_TEXT, FIELD_AT(struct metadata, availability_zone),
	  .required = true },
	{ "launch_index", FIELD_INDEX, FIELD_AT(struct metadata, launch_index), .required = true },
	{ "tags_enabled", FIELD_BOOL, FIELD_AT(struct metadata, tags_enabled), .required = true },
	{ "ephemerals", FIELD_WORDS, FIELD_AT(struct metadata, ephemerals), .required = true },
	{ "other_devices", FIELD_WORDS, FIELD_AT(struct metadata, other_devices),
	  .required = true },
	{ "interfaces", FIELD_WORDS, FIELD_AT(struct metadata, interfaces) },
	{ "requests", FIELD_NUMBER, FIELD_AT(struct metadata, requests), .required = true },
	{ 0 },
};

static json_t *tags_to_json(const struct metadata *metadata)
{
	json_t *tags = json_object();

	for (size_t i = 0; tags && i < metadata->tag_count; i++) {
		struct metadata_tag tag = metadata->tags[i];

		printable_make(tag.key);
		json_put(&tags, tag.key, tag.is_no_text ? json_null() : json_text(tag.value));
	}
	return tags;
}

json_t *metadata_to_json(const struct metadata *metadata)
{
	json_t *json = fields_to_json(metadata_fields, metadata);

	json_put(&json, "tags", tags_to_json(metadata));
	json_put(&json, "user_data_size",
		 metadata->user_data ? json_integer((json_int_t)metadata->user_data_size)
				     : json_null());
	return json;
}

static int tag_from_json(const char *key, const json_t *value, struct metadata *ret,
			 struct error *err)
{
	struct metadata_tag *tag = &ret->tags[ret->tag_count];
	const char *text = json_is_null(value) ? "" : json_string_value(value);

	tag->is_no_text = json_is_null(value);
	if (!text || text_format(tag->key, sizeof(tag->key), "%s", key) < 0 ||
	    text_format(tag->value, sizeof(tag->value), "%s", text) < 0)
		return error_set(err, -EINVAL, "tag %s is no text, or too long", quote(key).text);
	ret->tag_count++;
	return 0;
}

static int tags_from_json(json_t *tags, struct metadata *ret, struct error *err)
{
	const char *key;
	json_t *value;

	if (!json_is_object(tags) || json_object_size(tags) > TAGS_MAX)
		return error_set(err, -EINVAL, "tags: missing, no object, or more than %d",
				 TAGS_MAX);
	json_object_foreach(tags, key, value)
	{
		int r = tag_from_json(key, value, ret, err);

		if (r < 0)
			return r;
	}
	return 0;
}

/* The bytes are not recorded, so their number is only looked at. */
static int check_user_data_size(const json_t *size, struct error *err)
{
	if (json_is_null(size) || (json_is_integer(size) && json_integer_value(size) >= 0))
		return 0;
	return error_set(err, -EINVAL, "user_data_size: neither a number of bytes nor null");
}

int metadata_from_json(const json_t *json, struct metadata *ret, struct error *err)
{
	cleanup(metadata_done) struct metadata metadata = { 0 };
	cleanup(json_decrefp) json_t *rest = json_is_object(json) ? json_deep_copy(json) : NULL;
	int r;

	if (!json_is_object(json))
		return error_set(err, -EINVAL, "not an object");
	if (!rest)
		return error_set(err, -ENOMEM, "out of memory");
	r = tags_from_json(json_object_get(rest, "tags"), &metadata, err);
	if (r == 0)
		r = check_user_data_size(json_object_get(rest, "user_data_size"), err);
	json_object_del(rest, "tags");
	json_object_del(rest, "user_data_size");
	/* Recordings of before it was asked for have none. */
	if (r == 0 && !json_object_get(rest, "other_devices"))
		r = json_object_set_new(rest, "other_devices", json_array()) < 0
			    ? error_set(err, -ENOMEM, "out of memory")
			    : 0;
	if (r == 0)
		r = fields_from_json(metadata_fields, rest, &metadata, err);
	if (r < 0)
		return r;
	*ret = metadata;
	metadata = (struct metadata){ 0 };
	return 0;
}
