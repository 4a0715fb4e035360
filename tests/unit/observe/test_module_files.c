/* SPDX-License-Identifier: Apache-2.0 */

/* modules.dep, as depmod(8) writes it, and as nobody should. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "observe/module_files.h"

#include "scenes/recorded.h"

static struct recorded machine;

static int start(void **state)
{
	(void)state;
	recorded_start(&machine);
	recorded_file(&machine, "/lib/modules/6.1/modules.dep",
		      "kernel/fs/lustre.konf: kernel/a.ko\n"
		      "extra/xlustre.ko.xz: kernel/b.ko\n"
		      "extra/lustre.ko.xz: extra/ptlrpc.ko.xz kernel/c.ko  /opt/lnet.ko\n"
		      "extra/osd-ldiskfs.ko:\n"
		      "lnet.ko: extra/libcfs.ko");
	return 0;
}

static int end(void **state)
{
	(void)state;
	recorded_end(&machine);
	return 0;
}

static void expect(const char *release, const char *module, const char *files)
{
	struct words found = { 0 };
	char text[1024];

	assert_int_equal(module_files_find(machine.root, release, &module, 1, &found),
			 files[0] != '\0');
	words_list(&found, text, sizeof(text));
	assert_string_equal(text, files);
	words_done(&found);
}

static void a_module_has_all_it_needs_with_it(void **state)
{
	(void)state;
	expect("6.1", "lustre",
	       "/lib/modules/6.1/extra/lustre.ko.xz, /lib/modules/6.1/extra/ptlrpc.ko.xz, "
	       "/lib/modules/6.1/kernel/c.ko, /opt/lnet.ko");
	expect("6.1", "osd_ldiskfs", "/lib/modules/6.1/extra/osd-ldiskfs.ko");
	expect("6.1", "lnet", "/lib/modules/6.1/lnet.ko, /lib/modules/6.1/extra/libcfs.ko");
}

static void what_is_not_listed_has_no_files(void **state)
{
	(void)state;
	expect("6.1", "ksocklnd", "");
	expect("6.1", "ustre", "");
	expect("5.10", "lustre", "");
}

static void several_are_all_listed_or_not(void **state)
{
	static const char *const modules[] = { "lnet", "osd_ldiskfs", "ksocklnd" };
	struct words found = { 0 };

	(void)state;
	assert_int_equal(module_files_find(machine.root, "6.1", modules, 2, &found), 1);
	assert_int_equal(found.count, 3);
	words_done(&found);
	assert_int_equal(module_files_find(machine.root, "6.1", modules, 3, &found), 0);
	assert_int_equal(found.count, 3);
	words_done(&found);
}

/* A list that has one twice has not, for that, the other. */
static void one_twice_is_not_two(void **state)
{
	static const char *const modules[] = { "lustre", "lnet" };
	struct words found = { 0 };

	(void)state;
	recorded_file(&machine, "/lib/modules/6.2/modules.dep", "lustre.ko:\nlustre.ko:\n");
	assert_int_equal(module_files_find(machine.root, "6.2", modules, 2, &found), 0);
	assert_int_equal(found.count, 1);
	words_done(&found);
}

static bool is_there(const char *module)
{
	return module_files_are_there(machine.root, "6.1", &module, 1);
}

static void make(const char *path)
{
	recorded_file(&machine, path, "%s", "x");
}

/* The index, the module, and all it needs; one of them alone is not enough. */
static void a_module_is_there_with_all_its_files(void **state)
{
	static const char *const files[] = {
		"/lib/modules/6.1/modules.dep.bin",
		"/lib/modules/6.1/extra/lustre.ko.xz",
		"/lib/modules/6.1/extra/ptlrpc.ko.xz",
		"/lib/modules/6.1/kernel/c.ko",
		"/opt/lnet.ko",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		assert_false(is_there("lustre"));
		make(files[i]);
	}
	assert_true(is_there("lustre"));
	assert_false(is_there("ksocklnd"));
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		char path[4096];

		recorded_path(&machine, files[i], path);
		assert_int_equal(unlink(path), 0);
		assert_false(is_there("lustre"));
		make(files[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_module_has_all_it_needs_with_it, start, end),
		cmocka_unit_test_setup_teardown(a_module_is_there_with_all_its_files, start, end),
		cmocka_unit_test_setup_teardown(what_is_not_listed_has_no_files, start, end),
		cmocka_unit_test_setup_teardown(several_are_all_listed_or_not, start, end),
		cmocka_unit_test_setup_teardown(one_twice_is_not_two, start, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
