/* SPDX-License-Identifier: Apache-2.0 */

/* The files of conf.d, which an image brings along: each is read, and each says something. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ask/document/conf.h"

#include "scenes/recorded.h"

static void a_file_that_sets_nothing_is_named(void **state)
{
	static const char *const texts[] = { "", "# fsname: lustrewt\n# mgs: 10.0.0.10\n", "---\n",
					     "{}\n" };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct settings settings = { 0 };
		struct problems problems = { 0 };
		struct recorded machine;
		struct error err;

		recorded_start(&machine);
		recorded_file(&machine, "/conf.d/10-site.yaml", "role: oss\nfsname: lustrewt\n");
		recorded_file(&machine, "/conf.d/20-more.yaml", "%s", texts[i]);
		recorded_file(&machine, "/conf.d/30-last.yaml", "mgs: 10.0.0.10\n");
		assert_int_equal(conf_read(machine.root, &settings, &problems, &err), 0);
		assert_int_equal(settings.count, 3);
		assert_int_equal(problems.count, 1);
		assert_non_null(strstr(problems.items[0].origin.name, "/conf.d/20-more.yaml"));
		assert_non_null(strstr(problems.items[0].text, "sets nothing"));
		settings_done(&settings);
		recorded_end(&machine);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_that_sets_nothing_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
