/* SPDX-License-Identifier: Apache-2.0 */

/* Rows of block devices from sysfs: what is a disk, what lies on it, where it is plugged in. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "observe/storage/disk_rows.h"

#include "scenes/recorded_disks.h"

#include <errno.h>

static struct recorded machine;

static int start(void **state)
{
	(void)state;
	recorded_start_bare(&machine);
	return 0;
}

static int end(void **state)
{
	(void)state;
	recorded_end(&machine);
	return 0;
}

static struct facts read_rows(void)
{
	struct facts facts = { 0 };
	struct error err;

	if (disk_rows_read(machine.root, &facts.disks, &facts.disk_count, &err) < 0)
		fail_msg("%s", err.text);
	return facts;
}

static void a_row_tells_what_sysfs_knows(void **state)
{
	struct facts facts;

	(void)state;
	recorded_pci(&machine, "0000:00:1f.0", "0x1d0f");
	recorded_nvme(&machine, 1, "0000:00:1f.0", STORE, 64 * MIB);
	facts = read_rows();
	assert_int_equal(facts.disk_count, 1);
	assert_string_equal(facts.disks[0].name, "nvme1n1");
	assert_string_equal(facts.disks[0].path, "/dev/nvme1n1");
	assert_int_equal(facts.disks[0].size, 64 * MIB);
	assert_int_equal(facts.disks[0].logical_sector, 512);
	assert_string_equal(facts.disks[0].model, STORE);
	assert_string_equal(facts.disks[0].serial, "AWS0001");
	assert_string_equal(facts.disks[0].pci_address, "0000:00:1f.0");
	assert_int_equal(facts.disks[0].kind, DISK_OTHER);
	assert_int_equal(facts.disks[0].blank, BLANK_UNKNOWN);
	facts_done(&facts);
}

static void names_are_in_the_order_of_their_numbers(void **state)
{
	struct facts facts;

	(void)state;
	for (unsigned i = 0; i < 12; i++) {
		char address[16];

		snprintf(address, sizeof(address), "0000:00:%02x.0", 0x10 + i);
		recorded_pci(&machine, address, "0x1d0f");
		recorded_nvme(&machine, i, address, "x", MIB);
	}
	facts = read_rows();
	assert_int_equal(facts.disk_count, 12);
	assert_string_equal(facts.disks[2].name, "nvme2n1");
	assert_string_equal(facts.disks[10].name, "nvme10n1");
	facts_done(&facts);
}

static void what_is_no_disk_has_no_row(void **state)
{
	struct facts facts;

	(void)state;
	recorded_disk(&machine, "virtual/block", "ram0", 64 * MIB);
	recorded_disk(&machine, "virtual/block", "loop0", 0);
	recorded_disk(&machine, "virtual/block", "loop1", MIB);
	recorded_disk(&machine, "virtual/block", "zram0", 0);
	recorded_disk(&machine, "virtual/block", "nvme0c0n1", MIB);
	recorded_file(&machine, "/sys/devices/virtual/block/nvme0c0n1/hidden", "1\n");
	facts = read_rows();
	assert_int_equal(facts.disk_count, 1);
	assert_string_equal(facts.disks[0].name, "loop1");
	facts_done(&facts);
}

/* With multipath the namespace is below a virtual subsystem that links to its controllers. */
static void multipath_disks_have_their_controllers_address(void **state)
{
	struct facts facts;

	(void)state;
	recorded_pci(&machine, "0000:00:1e.0", "0x1d0f");
	recorded_file(&machine, "/sys/devices/pci0000:00/0000:00:1e.0/nvme/nvme3/model", "M\n");
	recorded_disk(&machine, "virtual/nvme-subsystem/nvme-subsys0", "nvme0n1", MIB);
	recorded_link(&machine, "/sys/devices/virtual/nvme-subsystem/nvme-subsys0/nvme0n1/device",
		      "../../nvme-subsys0");
	recorded_link(&machine, "/sys/devices/virtual/nvme-subsystem/nvme-subsys0/nvme3",
		      "../../../pci0000:00/0000:00:1e.0/nvme/nvme3");
	recorded_file(&machine, "/sys/devices/virtual/nvme-subsystem/nvme-subsys0/model", "M \n");
	facts = read_rows();
	assert_int_equal(facts.disk_count, 1);
	assert_string_equal(facts.disks[0].model, "M");
	assert_string_equal(facts.disks[0].pci_address, "0000:00:1e.0");
	facts_done(&facts);
}

/* disk -> partition -> md127 -> md127p1 -> dm-0 -> dm-1: all of it is above the disk. */
static void everything_above_a_disk_holds_it(void **state)
{
	static const char *const expected[] = { "md127", "md127p1", "dm-0", "dm-1" };
	const struct disk *disk;
	struct facts facts;

	(void)state;
	recorded_disk(&machine, "virtio0/block", "vda", MIB);
	recorded_partition(&machine, "virtio0/block/vda", "vda1");
	recorded_disk(&machine, "virtual/block", "md127", MIB);
	recorded_link(&machine, "/sys/devices/virtio0/block/vda/vda1/holders/md127", "x");
	recorded_partition(&machine, "virtual/block/md127", "md127p1");
	recorded_mapper(&machine, "dm-0", "crypt", "CRYPT-1", "virtual/block/md127/md127p1");
	recorded_mapper(&machine, "dm-1", "vg-lv", "LVM-1", "virtual/block/dm-0");
	facts = read_rows();
	assert_int_equal(facts.disk_count, 4);
	disk = &facts.disks[3];
	assert_string_equal(disk->name, "vda");
	assert_int_equal(disk->partitions.count, 1);
	assert_string_equal(disk->partitions.items[0], "vda1");
	assert_int_equal(disk->holders.count, 4);
	for (size_t i = 0; i < 4; i++)
		assert_true(words_contain(&disk->holders, expected[i]));
	/* Device-mapper devices are told by the names that people know. */
	assert_true(words_contain(&facts.disks[0].links, "/dev/mapper/crypt"));
	facts_done(&facts);
}

static void strange_texts_are_made_harmless(void **state)
{
	struct facts facts;

	(void)state;
	recorded_disk(&machine, "x", "sda", MIB);
	recorded_file(&machine, "/sys/devices/x/sda/device/model", "evil\x1b[31m\xff disk\n");
	facts = read_rows();
	assert_string_equal(facts.disks[0].model, "evil?[31m? disk");
	facts_done(&facts);
}

static void no_sysfs_is_an_error(void **state)
{
	struct facts facts = { 0 };
	struct error err;

	(void)state;
	assert_int_equal(disk_rows_read("/proc/nonexistent", &facts.disks, &facts.disk_count, &err),
			 -ENOENT);
	assert_non_null(strstr(err.text, "sysfs"));
}

/* A size of 0, or "not read-only", would be somebody's guess. */
static void an_attribute_that_cannot_be_read_is_not_absent(void **state)
{
	static const char *const names[] = { "size",          "ro",    "dev", "device/model",
					     "device/serial", "hidden" };

	(void)state;
	recorded_pci(&machine, "0000:00:1f.0", "0x1d0f");
	recorded_nvme(&machine, 1, "0000:00:1f.0", STORE, 64 * MIB);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct facts facts = { 0 };
		struct error err;
		char path[64];

		snprintf(path, sizeof(path), "/sys/block/nvme1n1/%s", names[i]);
		recorded_unlink(&machine, path);
		facts = read_rows();
		facts_done(&facts);
		recorded_failing(&machine, path, RECORDED_EIO);
		if (disk_rows_read(machine.root, &facts.disks, &facts.disk_count, &err) != -EIO)
			fail_msg("%s", names[i]);
		recorded_unlink(&machine, path);
		/* It leads to itself: ELOOP is as little an answer. */
		recorded_link(&machine, path, strrchr(path, '/') + 1);
		if (disk_rows_read(machine.root, &facts.disks, &facts.disk_count, &err) == 0)
			fail_msg("%s", names[i]);
		recorded_unlink(&machine, path);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(an_attribute_that_cannot_be_read_is_not_absent,
						start, end),
		cmocka_unit_test_setup_teardown(a_row_tells_what_sysfs_knows, start, end),
		cmocka_unit_test_setup_teardown(names_are_in_the_order_of_their_numbers, start,
						end),
		cmocka_unit_test_setup_teardown(what_is_no_disk_has_no_row, start, end),
		cmocka_unit_test_setup_teardown(multipath_disks_have_their_controllers_address,
						start, end),
		cmocka_unit_test_setup_teardown(everything_above_a_disk_holds_it, start, end),
		cmocka_unit_test_setup_teardown(strange_texts_are_made_harmless, start, end),
		cmocka_unit_test(no_sysfs_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
