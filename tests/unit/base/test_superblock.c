/* SPDX-License-Identifier: Apache-2.0 */

/* Superblocks that mke2fs and debugfs wrote: what counts as empty, and what the journal hides. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/superblock.h"

#include "scenes/recorded.h"

static struct recorded machine;
static char disk[4096];

static int start(void **state)
{
	(void)state;
	recorded_start(&machine);
	recorded_device(&machine, "/dev/xvdb", 64 * MIB);
	recorded_path(&machine, "/dev/xvdb", disk);
	return 0;
}

static int end(void **state)
{
	(void)state;
	recorded_end(&machine);
	return 0;
}

static void mke2fs(const char *type)
{
	const char *const argv[] = { "mke2fs",           "-q", "-F", "-t", type, "-L",
				     "lustrewt-OST0017", disk, NULL };

	recorded_program(argv);
}

static void debugfs(const char *request)
{
	const char *const argv[] = { "debugfs", "-w", "-R", request, disk, NULL };

	recorded_program(argv);
}

static struct superblock superblock_of_disk(void)
{
	struct superblock superblock = { 0 };
	struct blockdev *device;
	struct error err;

	if (blockdev_open(disk, BLOCKDEV_READ, &device, &err) < 0 ||
	    superblock_read(device, &superblock, &err) < 0)
		fail_msg("%s", err.text);
	blockdev_close(device);
	return superblock;
}

static void a_blank_disk_has_none(void **state)
{
	struct superblock superblock = superblock_of_disk();

	(void)state;
	assert_false(superblock_is_ext(&superblock));
	assert_false(superblock_is_empty(&superblock));
	assert_false(superblock_needs_recovery(&superblock));
}

/* Of ext4 it is not asked: some mke2fs make an inode for orphans in it. */
static void a_fresh_file_system_is_empty(void **state)
{
	static const char *const types[] = { "ext2", "ext3" };

	(void)state;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		struct superblock superblock;
		char label[SUPERBLOCK_LABEL_SIZE + 1];

		mke2fs(types[i]);
		superblock = superblock_of_disk();
		superblock_label(&superblock, label);
		assert_string_equal(label, "lustrewt-OST0017");
		assert_true(superblock_is_ext(&superblock));
		assert_true(superblock_is_empty(&superblock));
	}
}

static void one_file_or_directory_is_not_empty(void **state)
{
	static const char *const requests[] = { "write /etc/hostname name", "mkdir name",
						"symlink name target" };

	(void)state;
	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		struct superblock superblock;

		mke2fs("ext3");
		debugfs(requests[i]);
		superblock = superblock_of_disk();
		if (superblock_is_empty(&superblock))
			fail_msg("\"%s\" was not seen", requests[i]);
	}
}

/* Not unmounted, or found to be damaged, or with files that are open and have no name. */
static void doubtful_counts_prove_nothing(void **state)
{
	static const char *const requests[] = { "set_super_value state 0",
						"set_super_value state 3",
						"set_super_value last_orphan 12",
						"feature needs_recovery" };

	(void)state;
	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		struct superblock superblock;

		mke2fs("ext3");
		debugfs(requests[i]);
		superblock = superblock_of_disk();
		if (superblock_is_empty(&superblock))
			fail_msg("\"%s\" was not seen", requests[i]);
	}
}

static void a_journal_to_be_replayed_is_seen(void **state)
{
	struct superblock superblock;

	(void)state;
	mke2fs("ext4");
	superblock = superblock_of_disk();
	assert_false(superblock_needs_recovery(&superblock));
	debugfs("feature needs_recovery");
	superblock = superblock_of_disk();
	assert_true(superblock_needs_recovery(&superblock));
}

/* Its own place is overwritten, as by a pvcreate: the copy in the first group after it still tells.
 */
static void the_copy_outlives_the_first(void **state)
{
	const char *const argv[] = { "mke2fs", "-q", "-F", "-t", "ext3", "-b", "4096", disk, NULL };
	static const char zeros[4096];
	struct superblock superblock, copy;
	struct blockdev *device;
	struct error err;

	(void)state;
	recorded_device(&machine, "/dev/xvdb", 256 * MIB);
	recorded_program(argv);
	recorded_write(&machine, "/dev/xvdb", 0, zeros, sizeof(zeros));
	superblock = superblock_of_disk();
	assert_false(superblock_is_ext(&superblock));
	if (blockdev_open(disk, BLOCKDEV_READ, &device, &err) < 0 ||
	    superblock_read_copy(device, &copy, &err) < 0)
		fail_msg("%s", err.text);
	assert_true(superblock_is_ext(&copy));
	blockdev_close(device);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_blank_disk_has_none, start, end),
		cmocka_unit_test_setup_teardown(a_fresh_file_system_is_empty, start, end),
		cmocka_unit_test_setup_teardown(one_file_or_directory_is_not_empty, start, end),
		cmocka_unit_test_setup_teardown(doubtful_counts_prove_nothing, start, end),
		cmocka_unit_test_setup_teardown(the_copy_outlives_the_first, start, end),
		cmocka_unit_test_setup_teardown(a_journal_to_be_replayed_is_seen, start, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
