/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The short texts: a listing of tags, their keys as paths, their values, and the keys of one line.
 * The input is the listing, and every one of those values.
 */

#include "ask/document/tags.h"
#include "ask/imds/keys.h"
#include "fuzz.h"

#include <string.h>

static bool is_printable(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return false;
	return true;
}

static void check_path(const char *name)
{
	char encoded[3072];

	if (imds_encode_path(name, encoded, sizeof(encoded)) < 0)
		return;
	for (const char *c = encoded; *c; c++)
		must(*c > ' ' && *c <= '~' && !strchr("?#\"<>\\^`{|}", *c), "a path is plain");
}

static void take_tags(const char *body, size_t size, struct metadata *metadata)
{
	size_t position = 0;
	char name[520];

	while (imds_next_name(body, size, &position, name, sizeof(name))) {
		struct error err = { 0 };

		must(name[0] && is_printable(name), "a name can be printed");
		check_path(name);
		if (!tag_may_be_ours(name))
			continue;
		if (imds_take_tag(name, body, size, metadata, &err) < 0)
			must(err.text[0], "a refusal has its sentence");
	}
	must(metadata->tag_count <= TAGS_MAX, "tags are counted");
	for (size_t i = 0; i < metadata->tag_count; i++)
		must(is_printable(metadata->tags[i].key) && is_printable(metadata->tags[i].value),
		     "a tag can be printed");
}

static void take_lines(const char *body, size_t size, struct metadata *metadata)
{
	if (imds_is_token(body, size))
		must(strlen(body) == size && is_printable(body), "a token is one word");
	if (imds_is_mac(body, size)) {
		imds_take_mac(body, metadata);
		must(strlen(metadata->mac) == 17, "a MAC has its length");
	}
	if (imds_is_cidr(body, size)) {
		imds_take_cidr(body, metadata);
		must(strcmp(metadata->subnet_cidr, body) == 0, "a subnet fits");
	}
	if (imds_is_launch_index(body, size)) {
		imds_take_launch_index(body, metadata);
		must(metadata->launch_index >= 0 && metadata->launch_index <= 99999,
		     "a launch index is small");
	}
	if (imds_take_device("ephemeral0", body, size, metadata, NULL) == 0)
		must(!strstr(metadata->ephemerals.items[0], ".."), "a device is a name");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct metadata *metadata = calloc(1, sizeof(*metadata));
	char *body = malloc(size + 1);
	json_t *json;

	must(metadata && body, "there is memory");
	memcpy(body, data, size);
	body[size] = '\0';
	take_tags(body, size, metadata);
	take_lines(body, size, metadata);
	json = metadata_to_json(metadata);
	must(json, "what was taken has JSON");
	json_decref(json);
	free(body);
	metadata_done(metadata);
	free(metadata);
	return 0;
}
