/* SPDX-License-Identifier: Apache-2.0 */

/* The man page and the JSON schema in the tree are those that the table of keys makes. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "model/spec/document.h"
#include "model/spec/keys.h"

#include <string.h>

static void expect_file(const char *path, const char *text)
{
	cleanup(free_pointer) char *found = NULL;
	struct error err = { 0 };

	if (file_read("", path, 1024 * 1024, &found, NULL, &err) < 0)
		fail_msg("%s", err.text);
	if (strcmp(found, text) != 0)
		fail_msg("%s is not what the table of keys says; make update-documents", path);
}

static void the_man_page_is_the_tables(void **state)
{
	cleanup(free_pointer) char *text = spec_document_man();

	(void)state;
	assert_non_null(text);
	expect_file("agent/man/lustre-init.yaml.5", text);
}

static void the_schema_is_the_tables(void **state)
{
	cleanup(free_pointer) char *text = spec_document_schema();

	(void)state;
	assert_non_null(text);
	expect_file("agent/schema/lustre-init.schema.json", text);
}

/* Mistakes in the table itself: a row without its words, or with a default or example it refuses.
 */
static void every_row_is_complete_and_reads_its_own_examples(void **state)
{
	(void)state;
	for (enum spec_key key = 0; key < KEY_MAX; key++) {
		const struct spec_key_row *row = spec_key_row(key);
		const char *texts[] = { row->fallback, row->example };
		struct error why = { 0 };

		assert_non_null(row->name);
		assert_non_null(row->summary);
		assert_non_null(row->example);
		assert_true(row->fallback || row->fallback_is);
		assert_int_equal(spec_key_find(row->name), key);
		for (size_t i = 0; i < 2; i++) {
			struct setting setting = { 0 };
			struct spec spec = { 0 };

			if (!texts[i])
				continue;
			assert_int_equal(words_add(&setting.values, texts[i]), 0);
			if (row->type->read(row, &setting, &spec, &why) < 0)
				fail_msg("%s: %s", row->name, why.text);
			words_done(&setting.values);
			spec_done(&spec);
		}
	}
}

static void the_schema_names_every_key(void **state)
{
	cleanup(free_pointer) char *text = spec_document_schema();
	json_t *json = json_loads(text, 0, NULL);
	const json_t *document, *properties;

	(void)state;
	assert_non_null(json);
	document = json_object_get(json_object_get(json, "definitions"), "document");
	properties = json_object_get(document, "properties");
	assert_int_equal(json_object_size(properties), KEY_MAX);
	assert_true(json_is_false(json_object_get(document, "additionalProperties")));
	for (enum spec_key key = 0; key < KEY_MAX; key++)
		assert_true(json_object_size(json_object_get(properties, spec_key_name(key))) >= 2);
	json_decref(json);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_man_page_is_the_tables),
		cmocka_unit_test(the_schema_is_the_tables),
		cmocka_unit_test(every_row_is_complete_and_reads_its_own_examples),
		cmocka_unit_test(the_schema_names_every_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
