/* SPDX-License-Identifier: Apache-2.0 */

/* One --mkfsoptions with one -E in it, whatever the operator wrote. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "effect/mkfs_options.h"

#include <stdio.h>
#include <string.h>

static void expect(const char *asked, const char *expected)
{
	struct words words = { 0 }, ours = { 0 }, argv = { 0 };
	char joined[512] = "";

	assert_int_equal(words_split(&words, asked, "|"), 0);
	assert_int_equal(words_split(&ours, "nodiscard,lazy_itable_init=1", ","), 0);
	assert_int_equal(mkfs_options_add(&argv, &words, &ours), 0);
	for (size_t i = 0; i < argv.count; i++)
		snprintf(joined + strlen(joined), sizeof(joined) - strlen(joined), "%s%s",
			 i > 0 ? "|" : "", argv.items[i]);
	assert_string_equal(joined, expected);
	words_done(&words);
	words_done(&ours);
	words_done(&argv);
}

static void ours_alone(void **state)
{
	(void)state;
	expect("", "--mkfsoptions=-E nodiscard,lazy_itable_init=1");
}

static void other_words_come_along(void **state)
{
	(void)state;
	expect("--param=ost.sync_journal=1|--mkfsoptions=-i 1048576",
	       "--param=ost.sync_journal=1|--mkfsoptions=-E nodiscard,lazy_itable_init=1 "
	       "-i 1048576");
}

/* mkfs.lustre ends with 22 for two -E. */
static void lists_behind_e_become_one(void **state)
{
	(void)state;
	expect("--mkfsoptions=-E stride=64,stripe_width=128 -O x",
	       "--mkfsoptions=-E stride=64,stripe_width=128,nodiscard,lazy_itable_init=1 -O x");
	expect("--mkfsoptions=-Estride=64|--mkfsoptions=-E offset=0",
	       "--mkfsoptions=-E stride=64,offset=0,nodiscard,lazy_itable_init=1");
}

static void lists_behind_o_become_one(void **state)
{
	(void)state;
	expect("--mkfsoptions=-O ^quota|--mkfsoptions=-O^project,x -i 4096",
	       "--mkfsoptions=-E nodiscard,lazy_itable_init=1 -O ^quota,^project,x -i 4096");
}

static void the_operators_word_stays(void **state)
{
	(void)state;
	expect("--mkfsoptions=-E lazy_itable_init=0",
	       "--mkfsoptions=-E lazy_itable_init=0,nodiscard");
	expect("--mkfsoptions=-E nodiscard_x",
	       "--mkfsoptions=-E nodiscard_x,nodiscard,lazy_itable_init=1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ours_alone),
		cmocka_unit_test(other_words_come_along),
		cmocka_unit_test(lists_behind_e_become_one),
		cmocka_unit_test(lists_behind_o_become_one),
		cmocka_unit_test(the_operators_word_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
