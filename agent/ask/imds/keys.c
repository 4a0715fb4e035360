/* SPDX-License-Identifier: Apache-2.0 */
#include "ask/imds/keys.h"

#include "base/cleanup.h"
#include "base/text.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TAG_PREFIX       "lustre:"
#define EPHEMERAL_PREFIX "ephemeral"

/* The longest run of `accepted` that is the whole of a text of 1 to `most` bytes. */
static bool consists_of(const char *body, size_t size, const char *accepted, size_t most)
{
	return size > 0 && size <= most && strspn(body, accepted) == size;
}

#define LOWER  "abcdefghijklmnopqrstuvwxyz"
#define UPPER  "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"
#define NAME   LOWER UPPER DIGITS "-."

bool imds_is_token(const char *body, size_t size)
{
	if (size == 0 || size > IMDS_TOKEN_MAX)
		return false;
	for (size_t i = 0; i < size; i++)
		if (body[i] <= ' ' || body[i] > '~')
			return false;
	return true;
}

bool imds_is_mac(const char *body, size_t size)
{
	if (!consists_of(body, size, DIGITS "abcdefABCDEF:", 17) || size != 17)
		return false;
	for (size_t i = 0; i < size; i++)
		if ((body[i] == ':') != (i % 3 == 2))
			return false;
	return true;
}

static bool is_ipv4(const char *text)
{
	struct in_addr address;

	return inet_pton(AF_INET, text, &address) == 1;
}

bool imds_is_cidr(const char *body, size_t size)
{
	char address[16];
	const char *slash;
	size_t bits_size;

	if (!consists_of(body, size, DIGITS "./", 18))
		return false;
	slash = strchr(body, '/');
	if (!slash || (size_t)(slash - body) >= sizeof(address))
		return false;
	snprintf(address, sizeof(address), "%.*s", (int)(slash - body), body);
	bits_size = strlen(slash + 1);
	return is_ipv4(address) && bits_size > 0 && bits_size <= 2 &&
	       strspn(slash + 1, DIGITS) == bits_size && strtol(slash + 1, NULL, 10) <= 32;
}

bool imds_is_launch_index(const char *body, size_t size)
{
	return consists_of(body, size, DIGITS, 5);
}

void imds_take_mac(const char *body, struct metadata *metadata)
{
	text_set(metadata->mac, sizeof(metadata->mac), "%s", body);
	for (char *c = metadata->mac; *c; c++)
		*c = (char)tolower((unsigned char)*c);
}

void imds_take_cidr(const char *body, struct metadata *metadata)
{
	text_set(metadata->subnet_cidr, sizeof(metadata->subnet_cidr), "%s", body);
}

void imds_take_launch_index(const char *body, struct metadata *metadata)
{
	metadata->launch_index = (int)strtol(body, NULL, 10);
}

/* ---- the identity document ---- */

/* A member that is absent or null leaves "". */
static int take_member(const json_t *document, const char *name, char *field, size_t size,
		       struct error *err)
{
	const json_t *value = json_object_get(document, name);
	const char *text = json_string_value(value);

	field[0] = '\0';
	if (!value || json_is_null(value))
		return 0;
	if (!text || !consists_of(text, json_string_length(value), NAME, size - 1))
		return error_set(err, -EBADMSG, "identity document: \"%s\" is not a name", name);
	memcpy(field, text, strlen(text) + 1);
	return 0;
}

static int take_members(const json_t *document, struct metadata *metadata, struct error *err)
{
	const struct {
		const char *name;
		char *field;
		size_t size;
	} members[] = {
		{ "instanceId", metadata->instance_id, sizeof(metadata->instance_id) },
		{ "instanceType", metadata->instance_type, sizeof(metadata->instance_type) },
		{ "region", metadata->region, sizeof(metadata->region) },
		{ "availabilityZone", metadata->availability_zone,
		  sizeof(metadata->availability_zone) },
		{ "privateIp", metadata->local_ipv4, sizeof(metadata->local_ipv4) },
	};

	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		int r = take_member(document, members[i].name, members[i].field, members[i].size,
				    err);

		if (r < 0)
			return r;
	}
	if (!metadata->instance_id[0])
		return error_set(err, -EBADMSG, "identity document: no instanceId");
	if (!metadata_is_instance_id(metadata->instance_id))
		return error_set(err, -EBADMSG,
				 "identity document: no instance has that instanceId");
	if (metadata->local_ipv4[0] && !is_ipv4(metadata->local_ipv4))
		return error_set(err, -EBADMSG, "identity document: privateIp is no IPv4 address");
	return 0;
}

int imds_take_document(const char *body, size_t size, struct metadata *metadata, struct error *err)
{
	json_error_t where;
	cleanup(json_decrefp) json_t *document =
		json_loadb(body, size, JSON_REJECT_DUPLICATES, &where);

	if (!json_is_object(document))
		return error_set(err, -EBADMSG, "identity document: not a JSON object");
	return take_members(document, metadata, err);
}

bool imds_is_document(const char *body, size_t size)
{
	struct metadata scratch;

	return imds_take_document(body, size, &scratch, /* err= */ NULL) == 0;
}

/* ---- listings and tags ---- */

/* Valid UTF-8 without control characters. */
static bool is_text(const char *text, size_t size)
{
	cleanup(json_decrefp) json_t *utf8 = json_stringn(text, size);

	for (size_t i = 0; i < size; i++)
		if ((unsigned char)text[i] < ' ' || text[i] == 0x7f)
			return false;
	return utf8 != NULL;
}

static bool starts_with_mark(const char *body, size_t size)
{
	return size >= 3 && memcmp(body, "\xef\xbb\xbf", 3) == 0;
}

bool imds_is_listing(const char *body, size_t size)
{
	size_t start = strspn(body, " \t\r\n");

	/* A page, or an error in JSON, would pass for names of other people; so would the first
	 * name behind a byte order mark. */
	if (start < size && (memchr("<{[", body[start], 3) || starts_with_mark(body, size)))
		return false;
	while (start < size) {
		const char *end = memchr(body + start, '\n', size - start);
		size_t length = end ? (size_t)(end - body) - start : size - start;
		size_t mark = length > 0 && body[start + length - 1] == '\r';

		if (length > IMDS_NAME_MAX || !is_text(body + start, length - mark))
			return false;
		start += length + 1;
	}
	return true;
}

bool imds_next_name(const char *body, size_t size, size_t *position, char *name, size_t name_size)
{
	while (*position < size) {
		const char *start = body + *position;
		const char *end = memchr(start, '\n', size - *position);
		size_t length = end ? (size_t)(end - start) : size - *position;

		*position += length + 1;
		if (length > 0 && start[length - 1] == '\r')
			length--;
		if (length == 0 || length >= name_size || !is_text(start, length))
			continue;
		memcpy(name, start, length);
		name[length] = '\0';
		return true;
	}
	return false;
}

bool imds_is_our_tag(const char *key)
{
	return strncmp(key, TAG_PREFIX, strlen(TAG_PREFIX)) == 0;
}

static size_t without_line_end(const char *value, size_t size)
{
	if (size > 0 && value[size - 1] == '\n')
		size--;
	if (size > 0 && value[size - 1] == '\r')
		size--;
	return size;
}

int imds_take_tag(const char *key, const char *value, size_t size, struct metadata *metadata,
		  struct error *err)
{
	struct metadata_tag *tag;

	if (metadata->tag_count == TAGS_MAX)
		return error_set(err, -EBADMSG,
				 "more than %d tags whose key begins with lustre; remove some",
				 TAGS_MAX);
	tag = &metadata->tags[metadata->tag_count++];
	*tag = (struct metadata_tag){ 0 };
	tag->is_no_text = true;
	text_copy(tag->key, sizeof(tag->key), key);
	if (!value || strlen(key) >= sizeof(tag->key))
		return 0;
	size = without_line_end(value, size);
	if (size >= sizeof(tag->value) || !is_text(value, size))
		return 0;
	tag->is_no_text = false;
	memcpy(tag->value, value, size);
	return 0;
}

/* ---- Xen's disks ---- */

bool imds_is_ephemeral(const char *name)
{
	const char *number = name + strlen(EPHEMERAL_PREFIX);

	return strncmp(name, EPHEMERAL_PREFIX, strlen(EPHEMERAL_PREFIX)) == 0 &&
	       consists_of(number, strlen(number), DIGITS, 2);
}

int imds_take_device(const char *name, const char *device, size_t size, struct metadata *metadata,
		     struct error *err)
{
	struct words *devices =
		imds_is_ephemeral(name) ? &metadata->ephemerals : &metadata->other_devices;

	if (!consists_of(name, strlen(name), LOWER DIGITS, 32))
		return error_set(err, -EBADMSG, "block-device-mapping: %.64s is no name of a disk",
				 name);
	if (!consists_of(device, size, LOWER DIGITS "/", 32))
		return error_set(err, -EBADMSG, "block-device-mapping/%s is no device name", name);
	if (words_addf(devices, "%s=%s", name, device) < 0)
		return error_set(err, -ENOMEM, "out of memory");
	return 0;
}

/* ---- paths ---- */

int imds_encode_path(const char *path, char *encoded, size_t size)
{
	static const char plain[] = NAME "_~:@=+,/";
	size_t used = 0;

	for (; *path; path++) {
		bool as_is = strchr(plain, *path) != NULL;

		if (used + (as_is ? 1 : 3) >= size)
			return -ENAMETOOLONG;
		if (as_is)
			encoded[used++] = *path;
		else
			used += (size_t)snprintf(encoded + used, size - used, "%%%02X",
						 (unsigned char)*path);
	}
	encoded[used] = '\0';
	return 0;
}
