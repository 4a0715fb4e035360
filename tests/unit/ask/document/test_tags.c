/* SPDX-License-Identifier: Apache-2.0 */

/* Instance tags: ours, almost ours, and others. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ask/document/tags.h"

#include <stdio.h>
#include <string.h>

struct scene {
	struct metadata metadata;
	struct settings settings;
	struct problems problems;
};

static struct scene scene;

static void parse(const char *key, const char *value)
{
	scene = (struct scene){ 0 };
	snprintf(scene.metadata.tags[0].key, sizeof(scene.metadata.tags[0].key), "%s", key);
	snprintf(scene.metadata.tags[0].value, sizeof(scene.metadata.tags[0].value), "%s", value);
	scene.metadata.tag_count = 1;
	assert_int_equal(tags_parse(&scene.metadata, &scene.settings, &scene.problems), 0);
}

/* The tag stands before the one that makes the node ours. */
static void parse_beside_role(const char *key, const char *value)
{
	scene = (struct scene){ 0 };
	snprintf(scene.metadata.tags[0].key, sizeof(scene.metadata.tags[0].key), "%s", key);
	snprintf(scene.metadata.tags[0].value, sizeof(scene.metadata.tags[0].value), "%s", value);
	scene.metadata.tags[1] = (struct metadata_tag){ .key = "lustre:role", .value = "oss" };
	scene.metadata.tag_count = 2;
	assert_int_equal(tags_parse(&scene.metadata, &scene.settings, &scene.problems), 0);
}

static void our_tags_become_settings(void **state)
{
	(void)state;
	parse("lustre:mgs", " 10.0.0.10, 10.0.0.11\t");
	assert_int_equal(scene.settings.count, 1);
	assert_string_equal(scene.settings.items[0].key, "mgs");
	assert_string_equal(scene.settings.items[0].values.items[0], "10.0.0.10, 10.0.0.11");
	assert_int_equal(scene.settings.items[0].origin.source, SOURCE_TAG);
	assert_string_equal(scene.settings.items[0].origin.name, "instance tag lustre:mgs");
	assert_int_equal(scene.settings.items[0].origin.line, 0);
	settings_done(&scene.settings);
	/* Also those that are no key, and empty ones: merging says so. */
	parse("lustre:fs-name", "x");
	assert_int_equal(scene.settings.count, 1);
	settings_done(&scene.settings);
	parse("lustre:role", "");
	assert_string_equal(scene.settings.items[0].values.items[0], "");
	settings_done(&scene.settings);
}

/* A tag of our name alone is told by what it says: a version is no role. */
static void our_name_with_roles_is_told(void **state)
{
	static const char *const keys[] = { "lustre-init", "LustreInit", "lustre_init:" };
	static const char *const roles[] = { "oss", "mgs+mds", "MDS, OSS", "[client]", "ost" };
	static const char *const others[] = { "0.1.0", "yes", "oss of the team", "", "+" };

	(void)state;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		assert_true(tag_value_tells(keys[i]));
		for (size_t v = 0; v < sizeof(roles) / sizeof(roles[0]); v++) {
			parse(keys[i], roles[v]);
			assert_int_equal(scene.problems.count, 1);
			assert_non_null(strstr(scene.problems.items[0].text, "lustre:role"));
			assert_true(scene.settings.is_incomplete);
		}
		for (size_t v = 0; v < sizeof(others) / sizeof(others[0]); v++) {
			parse(keys[i], others[v]);
			assert_int_equal(scene.problems.count, 0);
		}
	}
	/* What the nodes of a file system are called, in an inventory. */
	parse("lustre", "client");
	assert_int_equal(scene.problems.count, 0);
	assert_true(tag_value_tells("lustre"));
	assert_true(tag_value_tells("lustre:role"));
	assert_false(tag_value_tells("Lustre:role"));
	assert_false(tag_value_tells("lustre-init.role"));
	assert_false(tag_value_tells("Name"));
}

static void what_is_no_text_is_told(void **state)
{
	(void)state;
	scene = (struct scene){ 0 };
	scene.metadata.tags[0] =
		(struct metadata_tag){ .key = "lustre:mount-point", .is_no_text = true };
	scene.metadata.tag_count = 1;
	assert_int_equal(tags_parse(&scene.metadata, &scene.settings, &scene.problems), 0);
	assert_int_equal(scene.settings.count, 0);
	assert_true(scene.settings.is_incomplete);
	assert_int_equal(scene.problems.count, 1);
	assert_string_equal(scene.problems.items[0].origin.name, "instance tag lustre:mount-point");
	assert_non_null(strstr(scene.problems.items[0].text, "one line"));
	settings_done(&scene.settings);
}

static void near_misses_are_told(void **state)
{
	static const char *const keys[] = {
		"lustre.role",      "lustre/role",      "lustre-role",      "lustre_role",
		"lustre role",      "Lustre:role",      "LUSTRE:ROLE",      "lustre: role",
		"lustre::role",     "lustre-init:role", "lustre-init/Role", "lustre_init.role",
		"Lustre Init:role", "luster:role",      "lustrerole",       "LustreRole",
		" lustre:role",     "lustre :role"
	};

	(void)state;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		/* "lustre: role" and "lustre::role" have our prefix and no key of ours. */
		bool is_prefixed = strncmp(keys[i], "lustre:", 7) == 0;

		assert_true(tag_may_be_ours(keys[i]));
		parse(keys[i], "oss");
		assert_int_equal(scene.settings.count, is_prefixed);
		assert_int_equal(scene.problems.count, !is_prefixed);
		if (!is_prefixed)
			assert_non_null(
				strstr(scene.problems.items[0].text, "did you mean lustre:role?"));
		assert_int_equal(scene.settings.is_incomplete, !is_prefixed);
		settings_done(&scene.settings);
	}
}

static void others_tags_are_others(void **state)
{
	static const char *const keys[] = { "Name",    "lustre",   "lustre-team",
					    "lustre:", "lustrewt", "lustre-initial",
					    "role",    "",         "mylustre:role" };

	(void)state;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		parse(keys[i], "oss");
		assert_int_equal(scene.problems.count, 0);
		/* The prefix alone is a setting without a key, and an error at merging. */
		assert_int_equal(scene.settings.count, strcmp(keys[i], "lustre:") == 0);
		settings_done(&scene.settings);
	}
	assert_false(tag_may_be_ours("Name"));
	assert_false(tag_may_be_ours("mylustre:role"));
}

/* What nobody but us is called is never passed over. */
static void our_programs_name_is_ours(void **state)
{
	(void)state;
	parse("lustre-init:colour", "blue");
	assert_int_equal(scene.problems.count, 1);
	settings_done(&scene.settings);
	parse("lustre-init", "role=oss");
	assert_int_equal(scene.problems.count, 1);
	settings_done(&scene.settings);
	parse("lustre-init", "{\"role\": \"oss\"}");
	assert_int_equal(scene.problems.count, 1);
	settings_done(&scene.settings);
	parse("lustre-init", "0.1.0");
	assert_int_equal(scene.problems.count, 0);
	settings_done(&scene.settings);
}

/* Keys of ours that others have, too, count as mistakes on a node of ours alone. */
static void names_that_others_use_are_theirs(void **state)
{
	static const char *const others[] = { "lustre_mount", "lustre-version", "lustre_fs",
					      "lustre.team",  "Lustre:Owner",   "luster_x" };
	static const char *const nearly[] = { "lustre_index", "lustre-fsname", "lustre_mount_point",
					      "LustreMgs" };

	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		parse(others[i], "/x");
		assert_int_equal(scene.problems.count, 0);
		parse_beside_role(others[i], "/x");
		assert_int_equal(scene.problems.count, 0);
		settings_done(&scene.settings);
	}
	for (size_t i = 0; i < sizeof(nearly) / sizeof(nearly[0]); i++) {
		parse(nearly[i], "/x");
		assert_int_equal(scene.problems.count, 0);
		parse_beside_role(nearly[i], "/x");
		assert_int_equal(scene.problems.count, 1);
		settings_done(&scene.settings);
	}
}

static void names_are_safe_to_print(void **state)
{
	(void)state;
	parse("lustre:r\x1b[31m\xff", "oss");
	assert_string_equal(scene.settings.items[0].origin.name, "instance tag lustre:r?[31m?");
	settings_done(&scene.settings);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(our_tags_become_settings),
		cmocka_unit_test(our_name_with_roles_is_told),
		cmocka_unit_test(what_is_no_text_is_told),
		cmocka_unit_test(near_misses_are_told),
		cmocka_unit_test(others_tags_are_others),
		cmocka_unit_test(our_programs_name_is_ours),
		cmocka_unit_test(names_that_others_use_are_theirs),
		cmocka_unit_test(names_are_safe_to_print),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
