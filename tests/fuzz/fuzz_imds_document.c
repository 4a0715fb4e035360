/* SPDX-License-Identifier: Apache-2.0 */

/* The instance identity document: whatever it says, what becomes a field is a name or an address.
 */

#include "ask/imds/keys.h"
#include "fuzz.h"

#include <arpa/inet.h>
#include <string.h>

static bool is_name(const char *text)
{
	return strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.") ==
	       strlen(text);
}

static void check_fields(const struct metadata *metadata)
{
	struct in_addr address;

	must(metadata->instance_id[0], "there is an instance id");
	must(is_name(metadata->instance_id), "the instance id is a name");
	must(is_name(metadata->instance_type), "the instance type is a name");
	must(is_name(metadata->region), "the region is a name");
	must(is_name(metadata->availability_zone), "the zone is a name");
	must(!metadata->local_ipv4[0] || inet_pton(AF_INET, metadata->local_ipv4, &address) == 1,
	     "the address is one");
}

/* The members that are read, with one line of the input each. */
static char *compose(const char *lines, size_t size)
{
	static const char *const names[] = { "instanceId", "instanceType", "region",
					     "availabilityZone", "privateIp" };
	json_t *document = json_object();
	const char *end = lines + size;
	char *text;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) && lines < end; i++) {
		const char *newline = memchr(lines, '\n', (size_t)(end - lines));
		size_t length = (size_t)((newline ? newline : end) - lines);

		json_object_set_new(document, names[i],
				    length ? json_stringn(lines, length) : json_null());
		lines += length + 1;
	}
	text = json_dumps(document, 0);
	json_decref(document);
	return text;
}

static char *make_body(const uint8_t *data, size_t size)
{
	char *body;

	if (size > 0 && data[0] == '=')
		return compose((const char *)data + 1, size - 1);
	body = malloc(size + 1);
	must(body, "there is memory");
	memcpy(body, data, size);
	body[size] = '\0';
	return body;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct metadata *metadata = calloc(1, sizeof(*metadata));
	char *body = make_body(data, size);
	struct error err = { 0 };
	int r;

	must(metadata && body, "there is memory");
	if (size > 0 && data[0] == '=')
		size = strlen(body);
	r = imds_take_document(body, size, metadata, &err);
	must((r == 0) == imds_is_document(body, size), "approved is what can be taken");
	must(r == 0 || (r == err.code && err.text[0]), "a refusal has its sentence");
	if (r == 0)
		check_fields(metadata);
	free(body);
	metadata_done(metadata);
	free(metadata);
	return 0;
}
