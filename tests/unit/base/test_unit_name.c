/* SPDX-License-Identifier: Apache-2.0 */

/* The names of mount units, as systemd-escape --path --suffix=mount (252) writes them. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/unit_name.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

static void names_are_systemds(void **state)
{
	static const char *const pairs[][2] = {
		{ "/srv/lustre/lustrewt-OST0017", "srv-lustre-lustrewt\\x2dOST0017.mount" },
		{ "/mnt/lustrewt", "mnt-lustrewt.mount" },
		{ "/a//b/", "a-b.mount" },
		{ "//", "-.mount" },
		{ "/a b/c%d", "a\\x20b-c\\x25d.mount" },
		{ "/a@b:c_d.e", "a\\x40b:c_d.e.mount" },
		{ "/a\\b", "a\\x5cb.mount" },
		{ "/\xc3\xa9", "\\xc3\\xa9.mount" },
		{ "/.lustre/fs", "\\x2elustre-fs.mount" },
		{ "/..a", "\\x2e.a.mount" },
		{ "/srv/.x", "srv-.x.mount" },
	};
	char name[UNIT_NAME_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		assert_int_equal(unit_name_from_path(pairs[i][0], name), 0);
		assert_string_equal(name, pairs[i][1]);
	}
}

static void what_is_no_place_has_no_name(void **state)
{
	static const char *const paths[] = { "",   "srv",    "./srv", "/srv/../etc",
					     "/.", "/srv/.", "/.." };
	char name[UNIT_NAME_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		assert_int_equal(unit_name_from_path(paths[i], name), -EINVAL);
}

/* The longest name that systemd knows has 255 characters: to the last one, and not beyond. */
static void the_longest_name_is_systemds(void **state)
{
	static const char *const ends[] = { "", "a", "-", "/", "/a" };
	static const size_t lengths[] = { 0, 1, 4, 0, 2 };
	char path[UNIT_NAME_MAX + 8], name[UNIT_NAME_MAX];

	(void)state;
	for (size_t plain = 235; plain < 255; plain++) {
		for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
			size_t length = plain + lengths[i] + strlen(".mount");
			bool fits = length < UNIT_NAME_MAX;

			memset(path, 'x', sizeof(path));
			path[0] = '/';
			strcpy(path + 1 + plain, ends[i]);
			assert_int_equal(unit_name_from_path(path, name), fits ? 0 : -ENAMETOOLONG);
			if (fits)
				assert_int_equal(strlen(name), length);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_systemds),
		cmocka_unit_test(what_is_no_place_has_no_name),
		cmocka_unit_test(the_longest_name_is_systemds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
