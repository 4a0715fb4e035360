/* SPDX-License-Identifier: Apache-2.0 */

/* What stop does with the mounts that are ours, with a systemctl that fails and hangs. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "verbs/unmounting.h"

#include "scenes/recorded.h"

#include <errno.h>
#include <unistd.h>

#define SECOND 1000000ULL

static struct recorded machine;
static struct words failures;

static struct own_mount items[] = {
	{ .kind = OWN_MOUNT_CLIENT, .name = "client", .target = "/client" },
	{ .kind = OWN_MOUNT_OST, .name = "lustrewt-OST0001", .target = "/ost1" },
	{ .kind = OWN_MOUNT_OST, .name = "lustrewt-OST0000", .target = "/ost0" },
	{ .kind = OWN_MOUNT_MDT, .name = "lustrewt-MDT0000", .target = "/mdt" },
	{ .kind = OWN_MOUNT_MGT, .name = "MGS", .target = "/mgt" },
	{ .kind = OWN_MOUNT_DOUBTED, .name = "doubted", .target = "/doubted" },
	{ .kind = OWN_MOUNT_STRANGE, .name = "strange", .target = "/strange" },
};
static const struct own_mounts mounts = { .items = items,
					  .count = sizeof(items) / sizeof(items[0]) };

static int start(void **state)
{
	(void)state;
	failures = (struct words){ 0 };
	recorded_start(&machine);
	return 0;
}

static int end(void **state)
{
	(void)state;
	words_done(&failures);
	recorded_end(&machine);
	return 0;
}

/* systemctl writes down which unit it is told to stop, and then does this. */
static void systemctl(const char *does)
{
	char script[512];

	snprintf(script, sizeof(script), "echo \"$2\" >>%s/stopped\n%s", machine.root, does);
	recorded_tool(&machine, "systemctl", script);
}

static void unmount(uint64_t patience_usec)
{
	struct error err;

	if (unmount_all(&mounts, patience_usec, &failures, &err) < 0)
		fail_msg("%s", err.text);
}

/* What systemctl was told, in order, but for those of one kind, which are begun at once. */
static void expect_all_tried(void)
{
	char path[4096], text[256] = "";
	FILE *file;

	recorded_path(&machine, "/stopped", path);
	file = fopen(path, "re");
	assert_non_null(file);
	assert_true(fread(text, 1, sizeof(text) - 1, file) > 0);
	fclose(file);
	if (strcmp(text, "client.mount\nost1.mount\nost0.mount\nmdt.mount\nmgt.mount\n") != 0 &&
	    strcmp(text, "client.mount\nost0.mount\nost1.mount\nmdt.mount\nmgt.mount\n") != 0)
		fail_msg("stopped:\n%s", text);
}

/* The kind that comes next is begun when all of this one have ended. */
static void what_is_ours_is_unmounted_in_order(void **state)
{
	char script[512];

	(void)state;
	snprintf(script, sizeof(script),
		 "cd %s; test $# = 2 || exit 1; case $2 in ost*) sleep 0.3; touch $2 ;; "
		 "mdt.*|mgt.*) test -e ost0.mount -a -e ost1.mount ;; esac",
		 machine.root);
	systemctl(script);
	unmount(60 * SECOND);
	expect_all_tried();
	assert_int_equal(failures.count, 0);
}

static void one_that_fails_keeps_no_other(void **state)
{
	(void)state;
	systemctl("case $2 in client.*|ost1.*) echo target is busy >&2; exit 1 ;; esac");
	unmount(60 * SECOND);
	expect_all_tried();
	assert_int_equal(failures.count, 2);
	assert_string_equal(failures.items[0],
			    "client is still mounted at /client: target is busy");
	assert_string_equal(failures.items[1],
			    "lustrewt-OST0001 is still mounted at /ost1: target is busy");
}

static void one_that_hangs_keeps_no_other(void **state)
{
	(void)state;
	systemctl("case $2 in client.*) sleep 1000 ;; esac");
	unmount(5 * SECOND);
	expect_all_tried();
	assert_int_equal(failures.count, 1);
	assert_non_null(strstr(failures.items[0], "client is still mounted at /client: "));
	assert_non_null(strstr(failures.items[0], "systemctl status 'client.mount'"));
}

/* It ends well, and is not told as one that stays; nor does systemd's own order hold the rest back.
 */
static void one_that_lasts_is_followed_past_its_turn(void **state)
{
	char script[512], path[4096];

	(void)state;
	snprintf(script, sizeof(script),
		 "cd %s; case $2 in client.*) until grep -q mgt stopped; do sleep 0.1; done; "
		 "sleep 0.5; touch over ;; *) test \"$3\" = --job-mode=ignore-dependencies ;; esac",
		 machine.root);
	systemctl(script);
	unmount(12 * SECOND);
	expect_all_tried();
	if (failures.count > 0)
		fail_msg("%s", failures.items[0]);
	recorded_path(&machine, "/over", path);
	assert_int_equal(access(path, F_OK), 0);
}

static void what_lies_over_one_keeps_that_alone(void **state)
{
	(void)state;
	systemctl("exit 0");
	items[2].cover = "scratch";
	unmount(60 * SECOND);
	items[2].cover = NULL;
	assert_int_equal(failures.count, 1);
	assert_string_equal(
		failures.items[0],
		"scratch is mounted over lustrewt-OST0000 at /ost0; unmount that first");
}

static void without_systemctl_each_is_told(void **state)
{
	char *path = strdup(getenv("PATH"));

	(void)state;
	setenv("PATH", machine.root, 1);
	unmount(60 * SECOND);
	setenv("PATH", path, 1);
	free(path);
	assert_int_equal(failures.count, 5);
	assert_non_null(strstr(failures.items[4], "MGS is still mounted at /mgt: "));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_is_ours_is_unmounted_in_order, start, end),
		cmocka_unit_test_setup_teardown(one_that_fails_keeps_no_other, start, end),
		cmocka_unit_test_setup_teardown(one_that_hangs_keeps_no_other, start, end),
		cmocka_unit_test_setup_teardown(one_that_lasts_is_followed_past_its_turn, start,
						end),
		cmocka_unit_test_setup_teardown(what_lies_over_one_keeps_that_alone, start, end),
		cmocka_unit_test_setup_teardown(without_systemctl_each_is_told, start, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
