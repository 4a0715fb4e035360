/* SPDX-License-Identifier: Apache-2.0 */

/* Modules get their options from modprobe alone, and a client's parameters decide over nothing. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/mount_look.h"
#include "scenes/apply.h"

#include <limits.h>
#include <unistd.h>

static void a_module_is_loaded_with_its_options(void **state)
{
	struct apply_scene s;
	struct plan_module *module;

	(void)state;
	apply_start(&s);
	module = plan_module(&s.plan, "ksocklnd");
	assert_int_equal(words_add(&module->options, "credits=2560"), 0);
	apply_tool(&s, "modprobe", "");
	apply_add(&s, ACTION_LOAD_MODULE, 0, -1);
	apply_run(&s);
	assert_int_equal(apply_outcome(&s, ACTION_LOAD_MODULE)->kind, OUTCOME_DONE);
	assert_true(apply_called(&s, "modprobe ksocklnd credits=2560\n"));
	apply_end(&s);
}

static void set(struct apply_scene *s, const char *lctl)
{
	apply_start(s);
	assert_int_equal(words_add(&s->plan.client.settings, "osc.a-OST*.max_rpcs_in_flight=32"),
			 0);
	assert_int_equal(words_add(&s->plan.client.settings, "mdc.a-MDT*.max_rpcs_in_flight=64"),
			 0);
	apply_tool(s, "lctl", lctl);
	apply_add(s, ACTION_TUNE_CLIENT, -1, -1);
	apply_run(s);
}

static void all_are_set_at_once(void **state)
{
	struct apply_scene s;

	(void)state;
	set(&s, "");
	assert_int_equal(apply_outcome(&s, ACTION_TUNE_CLIENT)->kind, OUTCOME_DONE);
	assert_string_equal(apply_outcome(&s, ACTION_TUNE_CLIENT)->text, "");
	assert_true(apply_called(&s, "lctl set_param osc.a-OST*.max_rpcs_in_flight=32 "
				     "mdc.a-MDT*.max_rpcs_in_flight=64\n"));
	apply_end(&s);
}

/* The file system is mounted, whatever a kernel thinks of a number. */
static void what_cannot_be_set_is_told(void **state)
{
	struct apply_scene s;

	(void)state;
	set(&s,
	    "echo 'error: set_param: setting max_rpcs_in_flight: Invalid argument' >&2; exit 22");
	assert_int_equal(apply_outcome(&s, ACTION_TUNE_CLIENT)->kind, OUTCOME_DONE);
	assert_non_null(strstr(apply_outcome(&s, ACTION_TUNE_CLIENT)->text, "Invalid argument"));
	apply_end(&s);
}

/* A mount outlives us: the mark of it tells the next start that its client is not tuned. */
static void a_mark_is_taken_away(void **state)
{
	struct apply_scene s;
	char path[PATH_MAX];

	(void)state;
	apply_start(&s);
	recorded_file(&s.machine, CLIENT_UNTUNED_PATH, "/mnt/a");
	recorded_path(&s.machine, CLIENT_UNTUNED_PATH, path);
	assert_int_equal(words_add(&s.plan.client.settings, "osc.a-OST*.max_rpcs_in_flight=32"), 0);
	apply_tool(&s, "lctl", "");
	apply_add(&s, ACTION_TUNE_CLIENT, -1, -1);
	apply_run(&s);
	assert_int_not_equal(access(path, F_OK), 0);
	apply_end(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_module_is_loaded_with_its_options),
		cmocka_unit_test(all_are_set_at_once),
		cmocka_unit_test(what_cannot_be_set_is_told),
		cmocka_unit_test(a_mark_is_taken_away),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
