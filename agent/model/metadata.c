/* SPDX-License-Identifier: Apache-2.0 */
#include "model/metadata.h"

#include "base/cleanup.h"
#include "base/json_whole.h"
#include "base/printable.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

static json_t *tags_to_json(const struct metadata *metadata)
{
	json_t *tags = json_object();

	for (size_t i = 0; tags && i < metadata->tag_count; i++) {
		struct metadata_tag tag = metadata->tags[i];

		printable_make(tag.key);
		json_put(&tags, tag.key, json_text(tag.value));
	}
	return tags;
}

static json_t *whole_to_json(const struct metadata *metadata)
{
	return json_pack(
		"{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:i, s:b, s:o, s:o, s:o, s:o, s:i}",
		"instance_id", json_text(metadata->instance_id), "instance_type",
		json_text(metadata->instance_type), "local_ipv4", json_text(metadata->local_ipv4),
		"subnet_cidr", json_text(metadata->subnet_cidr), "mac", json_text(metadata->mac),
		"region", json_text(metadata->region), "availability_zone",
		json_text(metadata->availability_zone), "launch_index", metadata->launch_index,
		"tags_enabled", metadata->tags_enabled, "tags", tags_to_json(metadata),
		"user_data_size",
		metadata->user_data ? json_integer((json_int_t)metadata->user_data_size)
				    : json_null(),
		"ephemerals", words_to_json(&metadata->ephemerals), "other_devices",
		words_to_json(&metadata->other_devices), "requests", (int)metadata->requests);
}

json_t *metadata_to_json(const struct metadata *metadata)
{
	json_t *json = whole_to_json(metadata);

	if (metadata->interfaces.count > 0 || metadata->interfaces.failed)
		json_put(&json, "interfaces", words_to_json(&metadata->interfaces));
	return json;
}

static int text_from_json(const json_t *json, const char *key, char *text, size_t size,
			  struct error *err)
{
	const char *value = json_string_value(json_object_get(json, key));

	if (!value || strlen(value) >= size)
		return error_set(err, -EINVAL, "metadata: %s is missing or too long", key);
	snprintf(text, size, "%s", value);
	return 0;
}

static int texts_from_json(const json_t *json, struct metadata *ret, struct error *err)
{
	const struct {
		const char *key;
		char *text;
		size_t size;
	} fields[] = {
		{ "instance_id", ret->instance_id, sizeof(ret->instance_id) },
		{ "instance_type", ret->instance_type, sizeof(ret->instance_type) },
		{ "local_ipv4", ret->local_ipv4, sizeof(ret->local_ipv4) },
		{ "subnet_cidr", ret->subnet_cidr, sizeof(ret->subnet_cidr) },
		{ "mac", ret->mac, sizeof(ret->mac) },
		{ "region", ret->region, sizeof(ret->region) },
		{ "availability_zone", ret->availability_zone, sizeof(ret->availability_zone) },
	};

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		int r = text_from_json(json, fields[i].key, fields[i].text, fields[i].size, err);

		if (r < 0)
			return r;
	}
	return 0;
}

static int tags_from_json(json_t *tags, struct metadata *ret, struct error *err)
{
	if (!json_is_object(tags) || json_object_size(tags) > TAGS_MAX)
		return error_set(err, -EINVAL, "metadata: tags is missing or too long");
	for (void *i = json_object_iter(tags); i; i = json_object_iter_next(tags, i)) {
		struct metadata_tag *tag = &ret->tags[ret->tag_count];
		const json_t *value = json_object_iter_value(i);
		const char *key = json_object_iter_key(i);

		if (!json_is_string(value) || strlen(key) >= sizeof(tag->key) ||
		    json_string_length(value) >= sizeof(tag->value))
			return error_set(err, -EINVAL, "metadata: tag %s is unusable", key);
		snprintf(tag->key, sizeof(tag->key), "%s", key);
		snprintf(tag->value, sizeof(tag->value), "%s", json_string_value(value));
		ret->tag_count++;
	}
	return 0;
}

static int devices_from_json(const json_t *json, struct metadata *ret, struct error *err)
{
	const json_t *others = json_object_get(json, "other_devices");
	const json_t *interfaces = json_object_get(json, "interfaces");

	if (words_from_json(json_object_get(json, "ephemerals"), &ret->ephemerals) < 0)
		return error_set(err, -EINVAL, "metadata: ephemerals is not a list of texts");
	/* Recordings of before it was asked for have none. */
	if (others && words_from_json(others, &ret->other_devices) < 0)
		return error_set(err, -EINVAL, "metadata: other_devices is not a list of texts");
	if (interfaces && words_from_json(interfaces, &ret->interfaces) < 0)
		return error_set(err, -EINVAL, "metadata: interfaces is not a list of texts");
	return 0;
}

/* From `least` to what an int takes. */
static bool is_number(const json_t *json, int least)
{
	return json_is_integer(json) && json_integer_value(json) >= least &&
	       json_integer_value(json) <= INT_MAX;
}

int metadata_from_json(const json_t *json, struct metadata *ret, struct error *err)
{
	cleanup(metadata_done) struct metadata metadata = { 0 };
	const json_t *launch_index = json_object_get(json, "launch_index");
	const json_t *tags_enabled = json_object_get(json, "tags_enabled");
	const json_t *requests = json_object_get(json, "requests");
	int r;

	if (!is_number(launch_index, -1) || !json_is_boolean(tags_enabled))
		return error_set(err, -EINVAL, "metadata: launch_index or tags_enabled is missing");
	if (requests && !is_number(requests, 0))
		return error_set(err, -EINVAL, "metadata: requests is no number");
	metadata.launch_index = (int)json_integer_value(launch_index);
	metadata.tags_enabled = json_is_true(tags_enabled);
	metadata.requests = (unsigned)json_integer_value(requests);
	r = texts_from_json(json, &metadata, err);
	if (r == 0)
		r = tags_from_json(json_object_get(json, "tags"), &metadata, err);
	if (r == 0)
		r = devices_from_json(json, &metadata, err);
	if (r < 0)
		return r;
	*ret = metadata;
	metadata = (struct metadata){ 0 };
	return 0;
}
