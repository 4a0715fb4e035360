/* SPDX-License-Identifier: Apache-2.0 */

/* Whose user-data is. The documents themselves: test_documents.c; the bounds: test_bounds.c. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ask/document/signature.h"
#include "ask/document/userdata.h"

#include <string.h>

struct scene {
	struct settings settings;
	struct problems problems;
};

static void parse(struct scene *scene, const char *data, size_t size)
{
	const struct origin origin = { .source = SOURCE_USER_DATA, .name = "user-data" };

	*scene = (struct scene){ 0 };
	assert_int_equal(userdata_parse(data, size, &origin, &scene->settings, &scene->problems),
			 0);
}

static void expect_settings(const char *data, size_t size, size_t count)
{
	struct scene scene;

	parse(&scene, data, size);
	assert_int_equal(scene.problems.count, 0);
	assert_int_equal(scene.settings.count, count);
	settings_done(&scene.settings);
}

static void the_signature_is_seen_through_blanks_and_marks(void **state)
{
	(void)state;
	assert_true(signature_is_ours("#lustre-init", 12));
	assert_true(signature_is_ours("\xef\xbb\xbf\r\n\n  #lustre-init \r\nx", 25));
	assert_false(signature_is_ours("#lustre-init2", 13));
	assert_false(signature_is_ours("x\n#lustre-init", 14));
	assert_false(signature_is_ours("#lustre-ini", 11));
	assert_false(signature_is_ours("", 0));
}

static void nobodys_data_is_no_user_data(void **state)
{
	static const char *const texts[] = { "",
					     "\n",
					     "x",
					     "#",
					     "#!/bin/sh\n#lustre-init\n",
					     "role: x\n",
					     "# lustre is nice to have\n",
					     "{}",
					     "{",
					     "Content-Type: text/plain\n\nhello\n" };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		expect_settings(texts[i], strlen(texts[i]), 0);
	expect_settings("a\0b", 3, 0);
	expect_settings("\0", 1, 0);
}

static void parts_are_merged_in_order(void **state)
{
	static const char text[] = "Content-Type: multipart/mixed; boundary=b\n\n"
				   "--b\nContent-Type: text/lustre-init\n\nfsname: a\n"
				   "--b\nContent-Type: text/cloud-config\n\nfsname: x\n"
				   "--b\nContent-Type: text/lustre-init\n\nfsname: b\n"
				   "--b--\n";
	struct scene scene;

	(void)state;
	parse(&scene, text, strlen(text));
	assert_int_equal(scene.problems.count, 0);
	assert_int_equal(scene.settings.count, 2);
	assert_string_equal(scene.settings.items[0].values.items[0], "a");
	assert_int_equal(scene.settings.items[0].origin.line, 6);
	assert_string_equal(scene.settings.items[1].values.items[0], "b");
	assert_int_equal(scene.settings.items[1].origin.line, 14);
	settings_done(&scene.settings);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_signature_is_seen_through_blanks_and_marks),
		cmocka_unit_test(nobodys_data_is_no_user_data),
		cmocka_unit_test(parts_are_merged_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
