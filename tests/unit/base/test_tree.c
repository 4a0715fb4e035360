/* SPDX-License-Identifier: Apache-2.0 */

/* Where a path leads, on a machine and in a recorded one alike. What is absent is empty; what could
 * not be looked at is neither. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/tree.h"

#include "scenes/recorded.h"
#include "scenes/shortage.h"

#include <errno.h>
#include <limits.h>

static struct recorded machine;

static int start(void **state)
{
	(void)state;
	recorded_start(&machine);
	recorded_file(&machine, "/var/srv/.keep", "%s", "");
	recorded_file(&machine, "/data/file", "%s", "");
	return 0;
}

static int end(void **state)
{
	(void)state;
	recorded_end(&machine);
	return 0;
}

static void expect(const char *path, const char *real)
{
	char found[PATH_MAX];
	struct error err;

	if (tree_resolve(machine.root, path, /* is_left_alone= */ NULL, /* userdata= */ NULL, found,
			 sizeof(found), &err) < 0)
		fail_msg("%s", err.text);
	assert_string_equal(found, real);
}

static void expect_error(const char *path, int code, const char *words)
{
	char found[PATH_MAX];
	struct error err;

	assert_int_equal(tree_resolve(machine.root, path, /* is_left_alone= */ NULL,
				      /* userdata= */ NULL, found, sizeof(found), &err),
			 code);
	assert_non_null(strstr(err.text, words));
}

/* As image-based systems have them: /srv and /mnt are links, absolute or not. */
static void links_are_followed(void **state)
{
	(void)state;
	recorded_link(&machine, "/srv", "var/srv");
	recorded_link(&machine, "/mnt", "/var/srv");
	recorded_link(&machine, "/var/srv/lustre", "../../data/./lustre/");
	recorded_link(&machine, "/again", "srv//lustre");
	recorded_link(&machine, "/up", "../../../data");
	recorded_link(&machine, "/top", "/");
	expect("/data", "/data");
	expect("/srv", "/var/srv");
	expect("/srv/x/y", "/var/srv/x/y");
	expect("/mnt/lustrewt", "/var/srv/lustrewt");
	expect("/srv/lustre/OST", "/data/lustre/OST");
	expect("/again", "/data/lustre");
	/* There is nothing above the root. */
	expect("/up/x", "/data/x");
	expect("/top", "/");
	expect("/top/x", "/x");
	expect("/none/of/it", "/none/of/it");
}

static void what_leads_nowhere_is_an_error(void **state)
{
	char longer[PATH_MAX + 8];

	(void)state;
	recorded_link(&machine, "/ring", "gnir/x");
	recorded_link(&machine, "/gnir", "ring/y");
	recorded_link(&machine, "/self", "self");
	expect_error("/ring", -ELOOP, "ring of symbolic links");
	expect_error("/self/x", -ELOOP, "/self is one of a ring");
	expect_error("/data/file", -ENOTDIR, "/data/file is there, and no directory");
	expect_error("/data/file/x", -ENOTDIR, "/data/file is there");
	memset(longer, 'x', sizeof(longer));
	longer[0] = '/';
	longer[sizeof(longer) - 1] = '\0';
	expect_error(longer, -ENAMETOOLONG, "too long");
}

/* A chain is followed as far as the kernel does, and no further. */
static void a_chain_has_an_end(void **state)
{
	char name[16], target[16];

	(void)state;
	for (int i = 0; i < 42; i++) {
		snprintf(name, sizeof(name), "/link%d", i);
		if (i == 0)
			snprintf(target, sizeof(target), "data");
		else
			snprintf(target, sizeof(target), "link%d", i - 1);
		recorded_link(&machine, name, target);
	}
	expect("/link39", "/data");
	expect_error("/link40", -ELOOP, "ring");
}

static void what_is_absent_is_empty(void **state)
{
	struct words names = { 0 };
	char name[32];

	(void)state;
	recorded_file(&machine, "/sys/block/nvme1n1/size", "8\n");
	assert_int_equal(tree_list(machine.root, "/none", &names), 0);
	assert_int_equal(tree_list(machine.root, "/sys/block/nvme1n1/size", &names), 0);
	assert_int_equal(names.count, 0);
	assert_int_equal(tree_exists(machine.root, "/none"), 0);
	assert_int_equal(tree_exists(machine.root, "/sys/block/nvme1n1/size/none"), 0);
	assert_int_equal(tree_exists(machine.root, "/sys/block"), 1);
	assert_int_equal(tree_link_name(machine.root, "/none", name, sizeof(name)), 0);
	assert_string_equal(name, "");
	/* Neither is a link that is none, or leads nowhere. */
	assert_int_equal(tree_link_name(machine.root, "/sys/block", name, sizeof(name)), 0);
	recorded_link(&machine, "/dev/dangling", "nowhere");
	assert_int_equal(tree_device_name(machine.root, "/dev/dangling", name, sizeof(name)), 0);
	assert_string_equal(name, "");
}

static void what_cannot_be_looked_at_is_not_absent(void **state)
{
	struct words names = { 0 };
	struct shortage shortage;
	char name[32];

	(void)state;
	recorded_link(&machine, "/round", "round");
	assert_int_equal(tree_exists(machine.root, "/round"), -ELOOP);
	assert_int_equal(tree_exists(machine.root, "/round/sys"), -ELOOP);
	assert_int_equal(tree_link_name(machine.root, "/round/sys", name, sizeof(name)), -ELOOP);
	recorded_file(&machine, "/sys/block/dm-0/dm/name", "swap\n");
	shortage_begin(&shortage);
	assert_int_equal(tree_list(machine.root, "/sys/block", &names), -EMFILE);
	assert_int_equal(tree_device_name(machine.root, "/dev/mapper/swap", name, sizeof(name)),
			 -EMFILE);
	shortage_end(&shortage);
	assert_int_equal(tree_device_name(machine.root, "/dev/mapper/swap", name, sizeof(name)), 0);
	assert_string_equal(name, "dm-0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(links_are_followed, start, end),
		cmocka_unit_test_setup_teardown(what_leads_nowhere_is_an_error, start, end),
		cmocka_unit_test_setup_teardown(a_chain_has_an_end, start, end),
		cmocka_unit_test_setup_teardown(what_is_absent_is_empty, start, end),
		cmocka_unit_test_setup_teardown(what_cannot_be_looked_at_is_not_absent, start, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
