/* SPDX-License-Identifier: Apache-2.0 */

/* The parameters that a client is to have, as lctl prints what it has. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "observe/network/parameters.h"

#include "scenes/recorded.h"

#include <string.h>

/* What is found where lctl does as `script` says, joined by blanks; how it ended. */
static int observe(const char *script, const char *found)
{
	struct words settings = { 0 }, parameters = { 0 };
	struct recorded machine;
	char text[1024] = "";
	struct error err;
	int r;

	recorded_start(&machine);
	recorded_tool(&machine, "lctl", script);
	assert_int_equal(words_add(&settings, "osc.fs-OST*.max_rpcs_in_flight=32"), 0);
	assert_int_equal(words_add(&settings, "ldlm.namespaces.fs-*.lru_size=9600"), 0);
	r = parameters_observe(&settings, &parameters, &err);
	for (size_t i = 0; i < parameters.count; i++)
		strcat(strcat(text, i > 0 ? " " : ""), parameters.items[i]);
	assert_string_equal(text, found);
	words_done(&settings);
	words_done(&parameters);
	recorded_end(&machine);
	return r;
}

static void they_are_asked_for_by_name(void **state)
{
	(void)state;
	assert_int_equal(observe("test \"$*\" = 'get_param osc.fs-OST*.max_rpcs_in_flight "
				 "ldlm.namespaces.fs-*.lru_size' || exit 1\n"
				 "echo osc.fs-OST0000-osc-ff.max_rpcs_in_flight=8\n"
				 "echo ldlm.namespaces.fs-MDT0000-mdc-ff.lru_size=0\n",
				 "osc.fs-OST0000-osc-ff.max_rpcs_in_flight=8 "
				 "ldlm.namespaces.fs-MDT0000-mdc-ff.lru_size=0"),
			 0);
}

/* As for a client without an OST that is up: the others are printed all the same. */
static void one_that_is_not_there_hides_no_other(void **state)
{
	(void)state;
	assert_int_equal(observe("echo 'error: get_param: param_path' >&2\n"
				 "echo osc.fs-OST0000-osc-ff.max_rpcs_in_flight=8\nexit 2\n",
				 "osc.fs-OST0000-osc-ff.max_rpcs_in_flight=8"),
			 0);
}

static void what_is_no_parameter_is_none(void **state)
{
	(void)state;
	assert_int_equal(observe("printf 'a.b=\\nline of it: 4\\nc d=4\\nnonsense\\n'", "a.b="), 0);
	assert_int_equal(observe("exit 0", ""), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(they_are_asked_for_by_name),
		cmocka_unit_test(one_that_is_not_there_hides_no_other),
		cmocka_unit_test(what_is_no_parameter_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
