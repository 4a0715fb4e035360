/* SPDX-License-Identifier: Apache-2.0 */

/* S7: what is missing is known before anything is begun. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/spec/spec.h"
#include "observe/platform.h"

#include "scenes/recorded.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/utsname.h>

static struct recorded machine;
static int access_errno; /* what the disk answers with, 0: as it is */

/* In place of libc's, whose EIO takes a broken disk. */
int access(const char *name, int type)
{
	errno = access_errno;
	return access_errno ? -1 : faccessat(AT_FDCWD, name, type, 0);
}

static int start(void **state)
{
	(void)state;
	recorded_start(&machine);
	setenv("PATH", "/nonexistent", 1);
	return 0;
}

static int end(void **state)
{
	(void)state;
	recorded_end(&machine);
	return 0;
}

static struct facts observe(unsigned roles)
{
	struct facts facts = { 0 };
	struct error err;

	if (platform_observe(machine.root, roles, /* inquiries= */ NULL, /* marks= */ NULL, &facts,
			     &err) < 0)
		fail_msg("%s", err.text);
	return facts;
}

static void tools_are_those_of_the_roles(void **state)
{
	struct facts facts = observe(ROLE_CLIENT);

	(void)state;
	assert_true(words_contain(&facts.platform.missing_tools, "mount.lustre"));
	assert_true(words_contain(&facts.platform.missing_tools, "modprobe"));
	assert_false(words_contain(&facts.platform.missing_tools, "lvm"));
	assert_false(words_contain(&facts.platform.missing_tools, "mkfs.lustre"));
	facts_done(&facts);
	facts = observe(ROLE_OSS | ROLE_CLIENT);
	assert_true(words_contain(&facts.platform.missing_tools, "mkfs.lustre"));
	assert_true(words_contain(&facts.platform.missing_tools, "tunefs.lustre"));
	assert_true(words_contain(&facts.platform.missing_tools, "lvm"));
	facts_done(&facts);
	facts = observe(0);
	assert_int_equal(facts.platform.missing_tools.count, 0);
	facts_done(&facts);
}

static void tools_are_found_and_not_run(void **state)
{
	struct facts facts;
	char path[4096];

	(void)state;
	recorded_tool(&machine, "mkfs.lustre", "touch \"${0%/*}/ran\"");
	recorded_file(&machine, "/tools/lctl", "not executable");
	facts = observe(ROLE_OSS);
	assert_false(words_contain(&facts.platform.missing_tools, "mkfs.lustre"));
	assert_true(words_contain(&facts.platform.missing_tools, "lctl"));
	recorded_path(&machine, "/tools/ran", path);
	assert_int_equal(access(path, F_OK), -1);
	facts_done(&facts);
}

static void modules_are_those_that_modprobe_finds(void **state)
{
	struct utsname names;
	struct facts facts;

	(void)state;
	recorded_tool(&machine, "modprobe", "test \"$*\" = '--dry-run lustre'");
	facts = observe(ROLE_CLIENT);
	assert_int_equal(facts.platform.missing_modules.count, 0);
	uname(&names);
	assert_string_equal(facts.platform.kernel, names.release);
	facts_done(&facts);
	/* A client does without the module that drives a target's disk; a server does not. */
	facts = observe(ROLE_OSS);
	assert_int_equal(facts.platform.missing_modules.count, 1);
	assert_string_equal(facts.platform.missing_modules.items[0], "osd_ldiskfs");
	facts_done(&facts);
	recorded_tool(&machine, "modprobe", "exit 1");
	facts = observe(ROLE_CLIENT);
	assert_true(words_contain(&facts.platform.missing_modules, "lustre"));
	facts_done(&facts);
}

/* modprobe is a child less for each module whose files say it all. */
static void modules_with_all_their_files_need_no_modprobe(void **state)
{
	struct utsname names;
	struct facts facts;
	char path[512];

	(void)state;
	uname(&names);
	snprintf(path, sizeof(path), "/lib/modules/%s/modules.dep", names.release);
	recorded_file(&machine, path, "extra/lustre.ko: extra/lnet.ko\nextra/lnet.ko:\n");
	snprintf(path, sizeof(path), "/lib/modules/%s/modules.dep.bin", names.release);
	recorded_file(&machine, path, "%s", "");
	snprintf(path, sizeof(path), "/lib/modules/%s/extra/lustre.ko", names.release);
	recorded_file(&machine, path, "%s", "x");
	recorded_tool(&machine, "modprobe", "exit 1");
	facts = observe(ROLE_CLIENT);
	assert_true(words_contain(&facts.platform.missing_modules, "lustre"));
	facts_done(&facts);
	snprintf(path, sizeof(path), "/lib/modules/%s/extra/lnet.ko", names.release);
	recorded_file(&machine, path, "%s", "x");
	facts = observe(ROLE_CLIENT);
	assert_int_equal(facts.platform.missing_modules.count, 0);
	facts_done(&facts);
	facts = observe(ROLE_OSS);
	assert_string_equal(facts.platform.missing_modules.items[0], "osd_ldiskfs");
	facts_done(&facts);
}

/* As the two print it, shortened. */
#define LUSTRES                                                                        \
	"Supported features: has_journal dir_index filetype 64bit dirdata ea_inode\n " \
	"journal_64bit"
#define STOCK "Supported features: has_journal dir_index filetype 64bit ea_inode\n journal_64bit"

/* To stock e2fsprogs a target is an empty disk. Only a list is an answer: debugfs exits with 0. */
static void what_e2fsprogs_do_not_know_is_told(void **state)
{
	static const struct {
		const char *script, *missing, *unknown;
	} rows[] = {
		{ "echo '" LUSTRES "'", "", "" },
		{ "echo 'debugfs 1.47.1-wc2' >&2; echo '" LUSTRES "'", "", "" },
		{ "echo '" STOCK "'", "dirdata", "" },
		{ "echo '" STOCK " dirdata2'", "dirdata", "" },
		{ "echo 'Supported features:'", "dirdata", "" },
		{ "echo dirdata", "", "debugfs" },
		{ "echo 'debugfs: Unknown request' >&2", "", "Unknown request" },
		{ "echo '" LUSTRES "'; exit 1", "", "status 1" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct platform *platform;
		struct facts facts;

		recorded_tool(&machine, "debugfs", rows[i].script);
		facts = observe(ROLE_OSS);
		platform = &facts.platform;
		assert_int_equal(platform->missing_features.count, rows[i].missing[0] != '\0');
		if (rows[i].missing[0] != '\0')
			assert_string_equal(platform->missing_features.items[0], rows[i].missing);
		assert_int_equal(platform->features_unknown_because[0] != '\0',
				 rows[i].unknown[0] != '\0');
		assert_non_null(strstr(platform->features_unknown_because, rows[i].unknown));
		facts_done(&facts);
	}
}

static void memory_is_what_the_kernel_says(void **state)
{
	static const struct {
		const char *text;
		uint64_t bytes;
	} rows[] = {
		{ "MemTotal:         977956 kB\nMemFree:  1 kB\n", 977956ULL * 1024 },
		{ "MemTotal:       32613272 kB\n", 32613272ULL * 1024 },
		{ "MemTotal: 1 MB\n", 0 },
		{ "MemTotal: 99999999999999999999999 kB\n", 0 },
		{ "MemTotal: kB\n", 0 },
		{ "MemFree: 1 kB\n", 0 },
		{ "", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct facts facts;

		recorded_file(&machine, "/proc/meminfo", "%s", rows[i].text);
		facts = observe(ROLE_CLIENT);
		assert_int_equal(facts.platform.memory, rows[i].bytes);
		facts_done(&facts);
	}
}

static void a_client_needs_no_e2fsprogs(void **state)
{
	struct facts facts;
	char path[4096];

	(void)state;
	recorded_tool(&machine, "debugfs", "touch \"${0%/*}/ran\"");
	facts = observe(ROLE_CLIENT);
	recorded_path(&machine, "/tools/ran", path);
	assert_int_equal(access(path, F_OK), -1);
	assert_string_equal(facts.platform.features_unknown_because, "");
	facts_done(&facts);
}

/* What modprobe ends with where it could not look is not "not there". */
static void a_look_that_failed_is_no_answer(void **state)
{
	static const char *const looks[] = {
		"echo 'modprobe: ERROR: could not open moddep file: Too many open files' >&2; exit "
		"1",
		"echo 'libkmod.so.2: cannot open shared object file' >&2; exit 127",
		"echo 'modprobe: FATAL: Cannot allocate memory' >&2; exit 1",
		"kill -9 $$",
	};
	struct facts facts = { 0 };
	struct error err;

	(void)state;
	for (size_t i = 0; i < sizeof(looks) / sizeof(looks[0]); i++) {
		recorded_tool(&machine, "modprobe", looks[i]);
		if (platform_observe(machine.root, ROLE_CLIENT, /* inquiries= */ NULL,
				     /* marks= */ NULL, &facts, &err) == 0)
			fail_msg("%s", looks[i]);
		assert_non_null(
			strstr(err.text, "cannot tell whether kernel module lustre is there"));
		facts_done(&facts);
	}
	/* It knows what it knows another time. */
	recorded_tool(&machine, "debugfs", "kill -KILL $$");
	assert_int_equal(platform_observe(machine.root, ROLE_OSS, /* inquiries= */ NULL,
					  /* marks= */ NULL, &facts, &err),
			 -ECANCELED);
	assert_non_null(strstr(err.text, "debugfs -c -R supported_features was ended by signal 9"));
	facts_done(&facts);
	/* A kernel that has no modules at all. */
	recorded_tool(
		&machine, "modprobe",
		"echo 'modprobe: FATAL: Module lustre not found in directory /x' >&2; exit 1");
	facts = observe(ROLE_CLIENT);
	assert_true(words_contain(&facts.platform.missing_modules, "lustre"));
	facts_done(&facts);
}

/* A folder of PATH that cannot be looked into may have the tool. */
static void a_path_that_cannot_be_looked_into_is_no_answer(void **state)
{
	struct facts facts = { 0 };
	char path[4096];
	struct error err;

	(void)state;
	recorded_link(&machine, "/round", "round");
	recorded_path(&machine, "/round", path);
	setenv("PATH", path, 1);
	assert_true(platform_observe(machine.root, ROLE_CLIENT, /* inquiries= */ NULL,
				     /* marks= */ NULL, &facts, &err) < 0);
	assert_non_null(strstr(err.text, "cannot tell whether modprobe is installed"));
	facts_done(&facts);
}

/* So may a program of which the disk does not tell whether it can be run. */
static void a_program_that_cannot_be_looked_at_is_no_answer(void **state)
{
	struct facts facts = { 0 };
	struct error err;
	int r;

	(void)state;
	recorded_tool(&machine, "modprobe", "exit 0");
	access_errno = EIO;
	r = platform_observe(machine.root, ROLE_CLIENT, /* inquiries= */ NULL, /* marks= */ NULL,
			     &facts, &err);
	access_errno = 0;
	assert_int_equal(r, -EIO);
	assert_non_null(strstr(err.text, "cannot tell whether modprobe is installed"));
	facts_done(&facts);
}

static void the_board_tells_the_instance(void **state)
{
	static const struct {
		const char *tag, *id;
	} rows[] = {
		{ "i-0a1b2c3d4e5f60017\n", "i-0a1b2c3d4e5f60017" },
		{ "Amazon EC2\n", "" },
		{ "\n", "" },
		{ NULL, "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char id[PLATFORM_INSTANCE_MAX] = "x";
		struct recorded board;

		recorded_start(&board);
		if (rows[i].tag)
			recorded_file(&board, "/sys/class/dmi/id/board_asset_tag", "%s",
				      rows[i].tag);
		platform_board_instance(board.root, id);
		assert_string_equal(id, rows[i].id);
		recorded_end(&board);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(tools_are_those_of_the_roles, start, end),
		cmocka_unit_test_setup_teardown(tools_are_found_and_not_run, start, end),
		cmocka_unit_test(the_board_tells_the_instance),
		cmocka_unit_test_setup_teardown(modules_are_those_that_modprobe_finds, start, end),
		cmocka_unit_test_setup_teardown(modules_with_all_their_files_need_no_modprobe,
						start, end),
		cmocka_unit_test_setup_teardown(what_e2fsprogs_do_not_know_is_told, start, end),
		cmocka_unit_test_setup_teardown(memory_is_what_the_kernel_says, start, end),
		cmocka_unit_test_setup_teardown(a_client_needs_no_e2fsprogs, start, end),
		cmocka_unit_test_setup_teardown(a_look_that_failed_is_no_answer, start, end),
		cmocka_unit_test_setup_teardown(a_path_that_cannot_be_looked_into_is_no_answer,
						start, end),
		cmocka_unit_test_setup_teardown(a_program_that_cannot_be_looked_at_is_no_answer,
						start, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
