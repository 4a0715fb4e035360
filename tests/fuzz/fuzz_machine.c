/* SPDX-License-Identifier: Apache-2.0 */

/* The files of a recorded machine: facts, metadata, specification, check-up; all in each reader. */

#include "fuzz.h"
#include "model/checkup.h"
#include "model/facts.h"
#include "model/metadata.h"
#include "model/spec/spec.h"

#include <errno.h>

static void must_be_told(int r, const struct error *err)
{
	must(r == 0 || r == -EINVAL, "only memory can fail otherwise");
	must(r == 0 || err->text[0] != '\0', "an error says why");
}

static void read_facts(const json_t *json)
{
	struct error err = { 0 };
	struct facts facts = { 0 };
	int r = facts_from_json(json, &facts, &err);

	must_be_told(r, &err);
	for (size_t i = 0; r == 0 && i < facts.interface_count; i++)
		must(facts.interfaces[i].prefix_length <= 32, "a prefix has 32 bits at most");
	if (r == 0)
		json_decref(facts_to_json(&facts));
	facts_done(&facts);
}

static void read_metadata(const json_t *json)
{
	static struct metadata metadata; /* large */
	struct error err = { 0 };
	int r = metadata_from_json(json, &metadata, &err);

	must_be_told(r, &err);
	if (r < 0)
		return;
	must(metadata.tag_count <= TAGS_MAX, "tags are bounded");
	json_decref(metadata_to_json(&metadata));
	metadata_done(&metadata);
}

static void read_others(const json_t *json)
{
	struct error err = { 0 };
	struct checkup checkup;
	struct spec spec = { 0 };

	must_be_told(spec_from_json(json, &spec, &err), &err);
	spec_done(&spec);
	must_be_told(checkup_from_json(json, &checkup, &err), &err);
	checkup_done(&checkup);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	json_t *json = json_loadb((const char *)data, size, JSON_REJECT_DUPLICATES, NULL);

	if (!json)
		return 0;
	read_facts(json);
	read_metadata(json);
	read_others(json);
	json_decref(json);
	return 0;
}
