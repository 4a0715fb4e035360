/* SPDX-License-Identifier: Apache-2.0 */

/* What is registered at an MGS, and which of it is none of its node's. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "decide/doctor/registered.h"
#include "model/finding.h"
#include "observe/network/registry.h"

#include "scenes/recorded.h"

static struct recorded machine;

static int start(void **state)
{
	(void)state;
	recorded_start(&machine);
	return 0;
}

static int end(void **state)
{
	(void)state;
	recorded_end(&machine);
	return 0;
}

/* As lctl prints them (lustre/mgs/lproc_mgs.c); the rest of a file system's text is no name. */
static void names_are_read_from_lctl(void **state)
{
	struct words filesystems = { 0 }, members = { 0 };
	struct error err;
	char text[256];

	(void)state;
	recorded_tool(
		&machine, "lctl",
		"case \"$*\" in\n"
		"'get_param -n mgs.MGS.filesystems') printf 'lustrewt\\nlus-re\\n';;\n"
		"'get_param -n mgs.MGS.live.*') printf 'fsname: lustrewt\\nflags: 0x20 gen: 1\\n"
		"lustrewt-MDT0000\\nlustrewt-OST0017\\n\\nSecure RPC Config Rules:\\n\\n"
		"imperative_recovery_state:\\n    state: full\\n    nonir_clients: 0\\n"
		"fsname: lus-re\\nflags: 0x20 gen: 1\\nlus-re-OST000b\\n';;\n"
		"*) exit 3;;\nesac");
	assert_int_equal(registry_observe(&filesystems, &members, &err), 0);
	assert_int_equal(filesystems.count, 2);
	assert_int_equal(members.count, 3);
	registered_describe("lus-re", &members, text, sizeof(text));
	assert_string_equal(text, "lus-re (lus-re-OST000b)");
	registered_describe("lus", &members, text, sizeof(text));
	assert_string_equal(text, "lus");
	registered_describe("lustrewt", &members, text, sizeof(text));
	assert_string_equal(text, "lustrewt (lustrewt-MDT0000, lustrewt-OST0017)");
	words_done(&filesystems);
	words_done(&members);
}

static void without_an_mgs_there_is_nothing(void **state)
{
	struct words filesystems = { 0 }, members = { 0 };
	struct error err;

	(void)state;
	recorded_tool(&machine, "lctl", "echo 'error: get_param: param_path' >&2; exit 2");
	assert_int_equal(registry_observe(&filesystems, &members, &err), 0);
	assert_int_equal(filesystems.count, 0);
	assert_int_equal(members.count, 0);
}

static void only_a_node_of_a_file_system_calls_others_foreign(void **state)
{
	(void)state;
	assert_true(registered_is_foreign("lustrewt", "lustrwt"));
	assert_true(registered_is_foreign("lustrewt", "Lustrewt"));
	assert_false(registered_is_foreign("lustrewt", "lustrewt"));
	assert_false(registered_is_foreign("", "lustrwt"));
}

/* The specification weighs more than what a person decides, and that more than what may pass. */
static void one_exit_code_speaks_for_all(void **state)
{
	struct findings findings = { 0 };

	(void)state;
	assert_int_equal(findings_exit_code(&findings), 0);
	findings_ok(&findings, "a", "well");
	findings_warn(&findings, "b", "look", "nearly well");
	assert_int_equal(findings_exit_code(&findings), 0);
	findings_fail(&findings, "c", 1, "wait", "away");
	assert_int_equal(findings_exit_code(&findings), 1);
	findings_fail(&findings, "d", 3, "decide", "refused");
	assert_int_equal(findings_exit_code(&findings), 3);
	findings_fail(&findings, "e", 2, "write", "wrong");
	assert_int_equal(findings_exit_code(&findings), 2);
	findings_done(&findings);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_read_from_lctl),
		cmocka_unit_test(without_an_mgs_there_is_nothing),
		cmocka_unit_test(only_a_node_of_a_file_system_calls_others_foreign),
		cmocka_unit_test(one_exit_code_speaks_for_all),
	};

	return cmocka_run_group_tests(tests, start, end);
}
