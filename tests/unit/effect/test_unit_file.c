/* SPDX-License-Identifier: Apache-2.0 */

/* Mount units: names as systemd escapes them, and texts that keep targets in order. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "effect/unit_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* As systemd-escape --path --suffix=mount writes them. */
static void names_are_systemds(void **state)
{
	static const char *const pairs[][2] = {
		{ "/srv/lustre/lustrewt-OST0017", "srv-lustre-lustrewt\\x2dOST0017.mount" },
		{ "/mnt/lustrewt", "mnt-lustrewt.mount" },
		{ "/a//b/", "a-b.mount" },
		{ "/a b/c%d", "a\\x20b-c\\x25d.mount" },
		{ "/a.b/.c", "a.b-.c.mount" },
	};
	char name[UNIT_NAME_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		assert_int_equal(unit_file_name(pairs[i][0], name, sizeof(name)), 0);
		assert_string_equal(name, pairs[i][1]);
	}
}

static void names_that_are_too_long_are_refused(void **state)
{
	char path[UNIT_NAME_MAX + 2], name[UNIT_NAME_MAX];

	(void)state;
	memset(path, '-', sizeof(path) - 1);
	path[0] = '/';
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(unit_file_name(path, name, sizeof(name)), -ENAMETOOLONG);
}

static char *text_of(const char *what, const struct words *options, const char *after)
{
	char *text = NULL;

	assert_int_equal(unit_file_text("Lustre target X", what, "/srv/x", options, after, &text),
			 0);
	return text;
}

static void targets_are_unmounted_before_what_they_need(void **state)
{
	struct words none = { 0 };
	char *text = text_of("/dev/g/ost", &none, "/srv/lustre/lustrewt-MDT0000");

	(void)state;
	assert_non_null(strstr(text, "\nAfter=srv-lustre-lustrewt\\x2dMDT0000.mount\n"));
	assert_non_null(strstr(text, "blk-availability.service"));
	assert_non_null(strstr(text, "network.target"));
	assert_non_null(strstr(text, "\nConflicts=umount.target\n"));
	/* Jobs after lustre-ready.target are stopped while it is still mounted. */
	assert_non_null(strstr(text, "\nBefore=umount.target lustre-ready.target\n"));
	assert_non_null(strstr(text, "\nDefaultDependencies=no\n"));
	assert_non_null(strstr(text, "\nType=lustre\n"));
	assert_non_null(strstr(text, "\nWhat=/dev/g/ost\n"));
	assert_null(strstr(text, "\nOptions="));
	free(text);
}

static void values_cannot_become_specifiers(void **state)
{
	struct words options = { 0 };
	char *text;

	(void)state;
	assert_int_equal(words_split(&options, "noatime,x=%h", ","), 0);
	text = text_of("10.0.0.10@tcp:/a%b", &options, NULL);
	assert_non_null(strstr(text, "\nWhat=10.0.0.10@tcp:/a%%b\n"));
	assert_non_null(strstr(text, "\nOptions=noatime,x=%%h\n"));
	free(text);
	words_done(&options);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_systemds),
		cmocka_unit_test(names_that_are_too_long_are_refused),
		cmocka_unit_test(targets_are_unmounted_before_what_they_need),
		cmocka_unit_test(values_cannot_become_specifiers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
