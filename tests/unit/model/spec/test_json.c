/* SPDX-License-Identifier: Apache-2.0 */

/* A specification's way to JSON and back. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/spec/spec.h"

#include "scenes/asked.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static void json_goes_there_and_back(void **state)
{
	struct asked scene = { 0 };
	struct spec back = { 0 };
	struct error err = { 0 };
	json_t *json, *again;

	(void)state;
	asked_say(&scene, SOURCE_TAG, "role", "oss+client");
	asked_say(&scene, SOURCE_TAG, "fsname", "lustrewt");
	asked_say(&scene, SOURCE_TAG, "mgs", "10.0.0.10@tcp, mgs2.example.com");
	asked_say(&scene, SOURCE_USER_DATA, "index", "7");
	asked_say(&scene, SOURCE_USER_DATA, "osts", "per-disk");
	asked_say(&scene, SOURCE_USER_DATA, "expect-disks", "2");
	asked_say(&scene, SOURCE_USER_DATA, "disks", "instance-store");
	asked_say(&scene, SOURCE_CONF, "mgt-size", "3%");
	asked_say(&scene, SOURCE_CONF, "mkfs-options", "--mkfsoptions='-i 1048576 -E nodiscard'");
	asked_say(&scene, SOURCE_CONF, "mount-options", "flock,noatime");
	asked_say(&scene, SOURCE_CONF, "client-mount-options", "ro");
	asked_say(&scene, SOURCE_CONF, "fileset", "/projects/genomics");
	asked_say(&scene, SOURCE_CONF, "lnet", "tcp(eth0),tcp1(eth1)");
	asked_say(&scene, SOURCE_CONF, "replace", "yes");
	asked_say(&scene, SOURCE_CONF, "mgs-timeout", "90s");
	assert_int_equal(asked_merge(&scene), 0);
	json = spec_to_json(&scene.spec);
	assert_non_null(json);
	assert_string_equal(
		json_string_value(json_object_get(json_object_get(json, "role"), "source")),
		"instance tag");
	assert_int_equal(spec_from_json(json, &back, &err), 0);
	again = spec_to_json(&back);
	assert_true(json_equal(json, again));
	assert_int_equal(back.mgs_timeout, 90);
	assert_int_equal(back.origins[KEY_MGT_SIZE].source, SOURCE_CONF);
	json_decref(again);
	json_object_del(json, "index");
	assert_int_equal(spec_from_json(json, &back, &err), -EINVAL);
	assert_string_equal(err.text, "index is missing");
	json_decref(json);
	spec_done(&back);
	asked_done(&scene);
}

/* As long as they are written: what we wrote is what we read. */
static void places_are_read_back(void **state)
{
	static const struct {
		const char *name;
		unsigned line, column;
	} places[] = {
		{ "user-data", 0, 0 },
		{ "user-data", 7, 0 },
		{ "user-data, part 2", UINT32_MAX, UINT32_MAX },
		{ "/etc/lustre-init/conf.d/a, line 3.yaml", 0, 0 },
		{ "/etc/lustre-init/conf.d/a, line 3.yaml", 12, 1 },
		{ NULL, UINT32_MAX, UINT32_MAX }, /* as long as a name can be */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		struct asked scene = { 0 };
		struct spec back = { 0 };
		struct error err = { 0 };
		struct origin *origin;
		json_t *json, *again;

		asked_say(&scene, SOURCE_TAG, "role", "oss");
		asked_say(&scene, SOURCE_TAG, "fsname", "lustrewt");
		asked_say(&scene, SOURCE_TAG, "mgs", "10.0.0.10");
		assert_int_equal(asked_merge(&scene), 0);
		origin = &scene.spec.origins[KEY_ROLE];
		memset(origin->name, 'x', sizeof(origin->name) - 1);
		if (places[i].name)
			strcpy(origin->name, places[i].name);
		origin->line = places[i].line;
		origin->column = places[i].column;
		json = spec_to_json(&scene.spec);
		if (spec_from_json(json, &back, &err) < 0)
			fail_msg("%s", err.text);
		again = spec_to_json(&back);
		assert_true(json_equal(json, again));
		assert_string_equal(back.origins[KEY_ROLE].name, origin->name);
		assert_int_equal(back.origins[KEY_ROLE].line, origin->line);
		assert_int_equal(back.origins[KEY_ROLE].column, origin->column);
		json_decref(again);
		json_decref(json);
		spec_done(&back);
		asked_done(&scene);
	}
}

/* Nothing of a specification is read past. */
static void json_that_is_not_understood_is_refused(void **state)
{
	static const struct {
		const char *key, *item;
	} changes[] = {
		{ "roll", "{\"value\": [\"oss\"], \"source\": \"default\"}" },
		{ "Role", "null" },
		{ "role", "null" },
		{ "role", "\"oss\"" },
		{ "role", "{\"value\": [\"oss\"]}" },
		{ "role", "{\"value\": [\"oss\"], \"source\": 1}" },
		{ "role", "{\"value\": [\"oss\"], \"source\": \"default\", \"line\": 1}" },
		{ "role", "{\"value\": [\"ost\"], \"source\": \"default\"}" },
		{ "role", "{\"value\": {}, \"source\": \"default\"}" },
		{ "role", "{\"value\": [[\"oss\"]], \"source\": \"default\"}" },
		{ "replace", "{\"value\": \"perhaps\", \"source\": \"default\"}" },
		{ "index", "{\"value\": 1.5, \"source\": \"default\"}" },
	};
	char longer[512];

	(void)state;
	snprintf(longer, sizeof(longer), "{\"value\": null, \"source\": \"%0300d\"}", 0);
	for (size_t i = 0; i <= sizeof(changes) / sizeof(changes[0]); i++) {
		bool last = i == sizeof(changes) / sizeof(changes[0]);
		const char *key = last ? "fsname" : changes[i].key;
		const char *item = last ? longer : changes[i].item;
		struct asked scene = { 0 };
		struct spec back = { 0 };
		struct error err = { 0 };
		json_t *json;

		asked_say(&scene, SOURCE_TAG, "role", "oss");
		asked_say(&scene, SOURCE_TAG, "fsname", "lustrewt");
		asked_say(&scene, SOURCE_TAG, "mgs", "10.0.0.10");
		assert_int_equal(asked_merge(&scene), 0);
		json = spec_to_json(&scene.spec);
		json_object_set_new(json, key, json_loads(item, JSON_DECODE_ANY, NULL));
		if (spec_from_json(json, &back, &err) != -EINVAL)
			fail_msg("%s: %s is taken", key, item);
		assert_non_null(strstr(err.text, key));
		json_decref(json);
		asked_done(&scene);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(json_goes_there_and_back),
		cmocka_unit_test(places_are_read_back),
		cmocka_unit_test(json_that_is_not_understood_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
