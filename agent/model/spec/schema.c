/* SPDX-License-Identifier: Apache-2.0 */
#include "model/spec/document.h"

#include "base/cleanup.h"
#include "base/json_whole.h"
#include "model/spec/keys.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One key: what its type takes, and what people read while they complete it. */
static json_t *property(const struct spec_key_row *row)
{
	const char *fallback = row->fallback_is ? row->fallback_is : row->fallback;
	json_t *schema = row->type->schema(row);

	json_put(&schema, "description", json_sprintf("%s Default: %s.", row->summary, fallback));
	return schema;
}

/* The document itself: YAML, and what stands inside of "lustre-init" in JSON. */
static json_t *document(void)
{
	json_t *properties = json_object();

	for (enum spec_key key = 0; properties && key < KEY_MAX; key++)
		json_put(&properties, spec_key_name(key), property(spec_key_row(key)));
	return json_pack("{s:s, s:o, s:b}", "type", "object", "properties", properties,
			 "additionalProperties", 0);
}

char *spec_document_schema(void)
{
	cleanup(json_decrefp) json_t *schema = json_pack(
		"{s:s, s:s, s:s, s:[{s:s}, {s:s, s:[s], s:{s:{s:s}}}], s:{s:o}}", "$schema",
		"http://json-schema.org/draft-07/schema#", "title", "lustre-init document",
		"description",
		"What an EC2 instance shall be: in user-data, below the line #lustre-init, or as "
		"JSON inside of \"lustre-init\". See lustre-init.yaml(5).",
		"anyOf", "$ref", "#/definitions/document", "type", "object", "required",
		"lustre-init", "properties", "lustre-init", "$ref", "#/definitions/document",
		"definitions", "document", document());
	cleanup(free_pointer) char *text = schema ? json_dumps(schema, JSON_INDENT(2)) : NULL;
	char *line = NULL;

	if (text && asprintf(&line, "%s\n", text) < 0)
		return NULL;
	return line;
}
