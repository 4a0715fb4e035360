/* SPDX-License-Identifier: Apache-2.0 */

/* One document to settings: shapes, places, and every mistake at once. Bounds: test_bounds.c. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ask/document/document.h"

#include <string.h>

struct scene {
	struct settings settings;
	struct problems problems;
};

static void parse(struct scene *scene, const char *text, size_t size, unsigned line)
{
	const struct origin origin = { .source = SOURCE_USER_DATA,
				       .name = "user-data",
				       .line = line };

	*scene = (struct scene){ 0 };
	assert_int_equal(document_parse(text, size, &origin, &scene->settings, &scene->problems),
			 0);
}

static void expect_setting(const struct scene *scene, size_t i, const char *key, const char *value,
			   unsigned line, unsigned column)
{
	const struct setting *setting = &scene->settings.items[i];

	assert_true(i < scene->settings.count);
	assert_string_equal(setting->key, key);
	assert_string_equal(setting->values.count ? setting->values.items[0] : "", value);
	assert_int_equal(setting->origin.line, line);
	assert_int_equal(setting->origin.column, column);
}

/* `line` 0: the place is not looked at. */
static void expect_problem(const char *text, const char *sentence, unsigned line, unsigned column)
{
	struct scene scene;

	parse(&scene, text, strlen(text), 0);
	assert_int_equal(scene.problems.count, 1);
	if (!strstr(scene.problems.items[0].text, sentence))
		fail_msg("\"%s\" does not say \"%s\"", scene.problems.items[0].text, sentence);
	if (line > 0) {
		assert_int_equal(scene.problems.items[0].origin.line, line);
		assert_int_equal(scene.problems.items[0].origin.column, column);
	}
	settings_done(&scene.settings);
}

static void yaml_becomes_settings_with_places(void **state)
{
	static const char text[] =
		"role: oss\n\nmgs:\n- a\n-  'b '\nfs-name: \" x \"\nindex: 010\n";
	struct scene scene;

	(void)state;
	parse(&scene, text, strlen(text), 0);
	assert_int_equal(scene.problems.count, 0);
	assert_int_equal(scene.settings.count, 4);
	expect_setting(&scene, 0, "role", "oss", 1, 7);
	expect_setting(&scene, 1, "mgs", "a", 4, 1);
	assert_true(scene.settings.items[1].is_list);
	assert_int_equal(scene.settings.items[1].values.count, 2);
	assert_string_equal(scene.settings.items[1].values.items[1], "b");
	/* A key that is none is shown at the key, and text is as it was written. */
	expect_setting(&scene, 2, "fs-name", "x", 6, 1);
	expect_setting(&scene, 3, "index", "010", 7, 8);
	assert_false(scene.settings.is_incomplete);
	settings_done(&scene.settings);
}

static void json_becomes_settings_with_places(void **state)
{
	static const char text[] = "{\"lustre-init\":{\"role\":[\"mgs\",\"mds\"],\n"
				   "\t\"replace\":true,\"index\":3,\"fsname\":null},\"x\":[{}]}";
	struct scene scene;

	(void)state;
	parse(&scene, text, strlen(text), 0);
	assert_int_equal(scene.problems.count, 0);
	assert_int_equal(scene.settings.count, 4);
	expect_setting(&scene, 0, "role", "mgs", 1, 24);
	expect_setting(&scene, 1, "replace", "true", 2, 12);
	expect_setting(&scene, 2, "index", "3", 2, 25);
	expect_setting(&scene, 3, "fsname", "", 2, 36);
	settings_done(&scene.settings);
}

static void lines_count_from_where_the_document_stood(void **state)
{
	struct scene scene;

	(void)state;
	parse(&scene, "role: oss\nx", 9, 41);
	expect_setting(&scene, 0, "role", "oss", 42, 7);
	settings_done(&scene.settings);
	parse(&scene, "{\"lustre-init\": ", 16, 41);
	assert_int_equal(scene.problems.items[0].origin.line, 42);
	settings_done(&scene.settings);
	parse(&scene, "#\nrole: \x01", 9, 41);
	assert_int_equal(scene.problems.items[0].origin.line, 43);
	settings_done(&scene.settings);
}

static void mistakes_have_a_place_and_a_fix(void **state)
{
	(void)state;
	expect_problem("role: oss\n\tfsname: x\n", "indent with blanks", 2, 1);
	expect_problem("role: oss\nrole: mds\n", "first in line 1", 2, 1);
	expect_problem("role: {a: b}\n", "role: a mapping stands where", 1, 7);
	expect_problem("mgs: [a, [b]]\n", "mgs: a list stands where", 1, 10);
	expect_problem("? [a]\n: b\n", "where a key belongs", 1, 3);
	expect_problem("role: &a oss\nmgs: *a\n", "mgs: an alias (*)", 2, 6);
	expect_problem("mgs: !Ref A\n", "mgs: a YAML tag (!)", 1, 6);
	expect_problem("role: \"a\\0b\"\n", "NUL character", 1, 7);
	expect_problem("- role\n", "KEY: VALUE", 1, 1);
	expect_problem("role\n", "KEY: VALUE", 1, 1);
	expect_problem("role: oss\n---\nrole: mds\n", "a second document", 2, 1);
	expect_problem("role: \xff\n", "0xff", 1, 7);
	expect_problem("{\"lustre-init\": {\"role\": }}", "not valid JSON", 1, 26);
	expect_problem("{\"lustre-init\": []}", "holds no object", 1, 2);
	expect_problem("{\"lustre-init\": {}, \"role\": 1}", "move it inside", 1, 21);
}

/* Nothing of a secret that stands where the syntax breaks may reach a log. */
static void sentences_about_syntax_quote_nothing(void **state)
{
	static const char *const texts[] = {
		"{\"lustre-init\": {\"role\": hunter2}}",
		"{\"lustre-init\": \"hunter2\" \"hunter2\"}",
		"role: oss\n password: hunter2: hunter2\n",
		"role: \"hunter2\n",
		"role: [hunter2\n",
		"hunter2\n",
		"role: %hunter2\n@hunter2\n",
	};
	struct scene scene;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		parse(&scene, texts[i], strlen(texts[i]), 0);
		assert_true(scene.problems.count > 0);
		assert_true(scene.settings.is_incomplete);
		for (size_t k = 0; k < scene.problems.count; k++)
			assert_null(strstr(scene.problems.items[k].text, "hunter2"));
		settings_done(&scene.settings);
	}
}

/* Whoever wrote it meant something by it. */
static void a_document_that_sets_nothing_is_a_mistake(void **state)
{
	static const char *const texts[] = {
		"",
		"#lustre-init\n",
		"# role: oss\n# fsname: x\n",
		"---\n",
		"--- null\n",
		"~\n",
		"{}",
		"{\"lustre-init\": {}}",
		"{\"lustre-init\": {}, \"x\": 1}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		expect_problem(texts[i], "the document sets nothing", 0, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(yaml_becomes_settings_with_places),
		cmocka_unit_test(json_becomes_settings_with_places),
		cmocka_unit_test(lines_count_from_where_the_document_stood),
		cmocka_unit_test(mistakes_have_a_place_and_a_fix),
		cmocka_unit_test(sentences_about_syntax_quote_nothing),
		cmocka_unit_test(a_document_that_sets_nothing_is_a_mistake),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
