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

	assert_int_equal(module_files_find(machine.root, release, module, &found), 0);
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
		assert_false(module_files_are_there(machine.root, "6.1", "lustre"));
		make(files[i]);
	}
	assert_true(module_files_are_there(machine.root, "6.1", "lustre"));
	assert_false(module_files_are_there(machine.root, "6.1", "ksocklnd"));
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		char path[4096];

		recorded_path(&machine, files[i], path);
		assert_int_equal(unlink(path), 0);
		assert_false(module_files_are_there(machine.root, "6.1", "lustre"));
		make(files[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_module_has_all_it_needs_with_it, start, end),
		cmocka_unit_test_setup_teardown(a_module_is_there_with_all_its_files, start, end),
		cmocka_unit_test_setup_teardown(what_is_not_listed_has_no_files, start, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
