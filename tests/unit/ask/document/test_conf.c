/* SPDX-License-Identifier: Apache-2.0 */

/* The files of conf.d: each says something, and what is wrong with one is a problem of what was
 * asked; that it cannot be read is not. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ask/document/conf.h"

#include "scenes/recorded.h"
#include "scenes/shortage.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct recorded machine;
static struct settings settings;
static struct problems problems;

static int start(void **state)
{
	(void)state;
	recorded_start(&machine);
	settings = (struct settings){ 0 };
	problems = (struct problems){ 0 };
	return 0;
}

static int end(void **state)
{
	(void)state;
	settings_done(&settings);
	recorded_end(&machine);
	return 0;
}

static void files_are_read_in_name_order(void **state)
{
	struct error err;

	(void)state;
	recorded_file(&machine, "/conf.d/20-b.yaml", "#lustre-init\nfsname: second\n");
	recorded_file(&machine, "/conf.d/10-a.yaml", "#lustre-init\nfsname: first\n");
	recorded_file(&machine, "/conf.d/notes.txt", "not a document");
	assert_int_equal(conf_read(machine.root, &settings, &problems, &err), 0);
	assert_int_equal(problems.count, 0);
	assert_int_equal(settings.count, 2);
	assert_string_equal(settings.items[1].values.items[0], "second");
}

static void a_file_that_sets_nothing_is_named(void **state)
{
	static const char *const texts[] = { "", "# fsname: lustrewt\n# mgs: 10.0.0.10\n", "---\n",
					     "{}\n" };

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct error err;

		start(state);
		recorded_file(&machine, "/conf.d/10-site.yaml", "role: oss\nfsname: lustrewt\n");
		recorded_file(&machine, "/conf.d/20-more.yaml", "%s", texts[i]);
		recorded_file(&machine, "/conf.d/30-last.yaml", "mgs: 10.0.0.10\n");
		assert_int_equal(conf_read(machine.root, &settings, &problems, &err), 0);
		assert_int_equal(settings.count, 3);
		assert_int_equal(problems.count, 1);
		assert_non_null(strstr(problems.items[0].origin.name, "/conf.d/20-more.yaml"));
		assert_non_null(strstr(problems.items[0].text, "sets nothing"));
		end(state);
	}
}

static void no_folder_is_no_settings(void **state)
{
	struct error err;

	(void)state;
	assert_int_equal(conf_read(machine.root, &settings, &problems, &err), 0);
	assert_int_equal(settings.count, 0);
}

/* As where it is kept on a disk that is not mounted yet: it may well say what the node is. */
static void a_folder_that_is_not_here_yet_is_not_known(void **state)
{
	struct error err;
	char path[4096];

	(void)state;
	recorded_link(&machine, "/conf.d", "nowhere");
	assert_int_equal(conf_read(machine.root, &settings, &problems, &err), -ENOTCONN);
	assert_non_null(strstr(err.text, "/conf.d is a link to what is not there"));
	recorded_link(&machine, "/etc", "nowhere");
	recorded_path(&machine, "/etc", path);
	assert_int_equal(conf_read(path, &settings, &problems, &err), -ENOTCONN);
}

static void what_is_no_file_is_a_problem(void **state)
{
	struct error err;
	char path[4096];

	(void)state;
	recorded_link(&machine, "/conf.d/10-gone.yaml", "nowhere");
	recorded_file(&machine, "/conf.d/20-folder.yaml/inside", "x");
	recorded_link(&machine, "/conf.d/30-round.yaml", "30-round.yaml");
	recorded_path(&machine, "/conf.d/40-fifo.yaml", path);
	assert_int_equal(mkfifo(path, 0600), 0);
	alarm(10);
	assert_int_equal(conf_read(machine.root, &settings, &problems, &err), 0);
	alarm(0);
	assert_int_equal(problems.count, 4);
}

static void what_cannot_be_read_is_no_problem_of_what_was_asked(void **state)
{
	struct shortage shortage;
	struct error err;

	(void)state;
	recorded_file(&machine, "/conf.d/10-a.yaml", "#lustre-init\nfsname: first\n");
	shortage_begin(&shortage);
	assert_true(conf_read(machine.root, &settings, &problems, &err) < 0);
	shortage_end(&shortage);
	assert_int_equal(problems.count, 0);
	assert_non_null(strstr(err.text, "Too many open files"));
}

/* What comes of one document of that name. */
static void expect(const char *name, size_t setting_count, size_t problem_count)
{
	struct error err;
	char path[64];

	end(NULL);
	start(NULL);
	snprintf(path, sizeof(path), "/conf.d/%s", name);
	recorded_file(&machine, path, "role: oss\n");
	assert_int_equal(conf_read(machine.root, &settings, &problems, &err), 0);
	assert_int_equal(settings.count, setting_count);
	assert_int_equal(problems.count, problem_count);
	assert_int_equal(settings.is_incomplete, problem_count > 0);
}

static void documents_are_read(void **state)
{
	(void)state;
	expect("10-role.yaml", 1, 0);
	expect("10-role.json", 1, 0);
}

/* Whoever wrote it meant it to be read: not "not for this node". */
static void what_almost_ends_so_is_told(void **state)
{
	(void)state;
	expect("10-role.yml", 0, 1);
	expect("10-role.YAML", 0, 1);
	expect("10-role.Json", 0, 1);
	expect("10-role.conf", 0, 1);
}

static void what_editors_and_packages_leave_is_nothing(void **state)
{
	(void)state;
	expect("10-role.yaml~", 0, 0);
	expect("10-role.yaml.rpmnew", 0, 0);
	expect("10-role.yaml.bak", 0, 0);
	expect("10-role.conf.rpmsave", 0, 0);
	expect(".10-role.yml", 0, 0);
	expect("README", 0, 0);
}

static void names_lead_no_terminal(void **state)
{
	struct error err;

	(void)state;
	recorded_file(&machine, "/conf.d/1\x1b[31m\n\xc2\x9b.yml", "role: oss\n");
	assert_int_equal(conf_read(machine.root, &settings, &problems, &err), 0);
	assert_int_equal(problems.count, 1);
	assert_non_null(strstr(problems.items[0].origin.name, "/1?[31m???.yml"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_that_sets_nothing_is_named),
		cmocka_unit_test_setup_teardown(files_are_read_in_name_order, start, end),
		cmocka_unit_test_setup_teardown(no_folder_is_no_settings, start, end),
		cmocka_unit_test_setup_teardown(a_folder_that_is_not_here_yet_is_not_known, start,
						end),
		cmocka_unit_test_setup_teardown(what_is_no_file_is_a_problem, start, end),
		cmocka_unit_test_setup_teardown(what_cannot_be_read_is_no_problem_of_what_was_asked,
						start, end),
		cmocka_unit_test_setup_teardown(documents_are_read, start, end),
		cmocka_unit_test_setup_teardown(what_almost_ends_so_is_told, start, end),
		cmocka_unit_test_setup_teardown(what_editors_and_packages_leave_is_nothing, start,
						end),
		cmocka_unit_test_setup_teardown(names_lead_no_terminal, start, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
