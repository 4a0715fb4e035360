/* SPDX-License-Identifier: Apache-2.0 */

/* Whom an MGS holds an export of, as lctl prints it. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "observe/network/registry.h"

#include "scenes/recorded.h"

/* What is found where lctl does as `script` says, joined by blanks. */
static void expect(const char *script, const char *found)
{
	struct words own = { 0 }, exports = { 0 };
	struct recorded machine;
	char text[1024] = "";
	struct error err;

	recorded_start(&machine);
	recorded_tool(&machine, "lctl", script);
	assert_int_equal(words_add(&own, "10.0.0.10@tcp"), 0);
	assert_int_equal(registry_observe_exports(&own, &exports, &err), 0);
	for (size_t i = 0; i < exports.count; i++)
		strcat(strcat(text, i > 0 ? " " : ""), exports.items[i]);
	assert_string_equal(text, found);
	words_done(&own);
	words_done(&exports);
	recorded_end(&machine);
}

static void exports_are_of_other_nodes(void **state)
{
	(void)state;
	expect("test \"$*\" = 'get_param mgs.MGS.exports.*.uuid' || exit 2\n"
	       "echo mgs.MGS.exports.0@lo.uuid=a1\n"
	       "echo mgs.MGS.exports.10.0.0.10@tcp.uuid=a2\n"
	       "echo mgs.MGS.exports.10.0.0.23@tcp.uuid=a3\n"
	       "printf 'mgs.MGS.exports.10.0.0.24@tcp.uuid=\\na4\\na5\\n'\n",
	       "10.0.0.23@tcp 10.0.0.24@tcp");
}

/* The statistics of who has left are kept; an export is not. */
static void who_has_left_is_not_connected(void **state)
{
	(void)state;
	expect("echo mgs.MGS.exports.10.0.0.23@tcp.uuid=\n"
	       "echo mgs.MGS.exports.10.0.0.24@tcp.uuid=a4\n"
	       "echo mgs.MGS.exports.10.0.0.25@tcp.uuid=\n",
	       "10.0.0.24@tcp");
}

static void without_an_mgs_there_are_none(void **state)
{
	(void)state;
	expect("echo 'error: get_param: no such' >&2; exit 2", "");
	expect("echo mgs.MGS.exports.nonsense; echo mgs.MGS.exports..uuid=1; echo uuid=", "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(exports_are_of_other_nodes),
		cmocka_unit_test(who_has_left_is_not_connected),
		cmocka_unit_test(without_an_mgs_there_are_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
