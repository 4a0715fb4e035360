/* SPDX-License-Identifier: Apache-2.0 */

/* S2: what is mounted, swapped to, or held, wherever it lies above a disk. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/mount_look.h"
#include "observe/storage/disk_links.h"
#include "observe/storage/disk_rows.h"
#include "observe/storage/disk_use.h"
#include "observe/storage/mounts.h"

#include "scenes/recorded_disks.h"

static struct recorded machine;
static struct facts facts;

static int start(void **state)
{
	(void)state;
	facts = (struct facts){ 0 };
	recorded_start(&machine);
	/* Numbers 259:0 to 259:5, in this order. */
	recorded_disk(&machine, "a", "nvme0n1", MIB);
	recorded_partition(&machine, "a/nvme0n1", "nvme0n1p1");
	recorded_disk(&machine, "b", "nvme1n1", MIB);
	recorded_mapper(&machine, "dm-0", "vg-ost0017", "LVM-1", "b/nvme1n1");
	recorded_disk(&machine, "c", "nvme2n1", MIB);
	recorded_disk(&machine, "d", "nvme3n1", MIB);
	recorded_file(&machine, "/proc/swaps", "Filename\tType\tSize\tUsed\tPriority\n");
	recorded_file(&machine, "/proc/self/mountinfo",
		      "22 1 259:1 / / rw,relatime shared:1 - xfs /dev/root rw,attr2\n"
		      "23 22 0:20 / /proc rw - proc proc rw\n"
		      "24 22 0:21 / /dev/shm rw - tmpfs tmpfs rw\n"
		      /* Lustre has a device number of its own; the source tells. */
		      "25 22 0:50 / /srv/lustre/ost rw - lustre /dev/mapper/vg-ost0017 rw\n"
		      "26 22 259:4 / /mnt\\040x ro - ext4 /dev/nvme2n1 ro\n"
		      "27 22 0:51 / /lustre rw - lustre 10.0.0.10@tcp:/lustrewt rw\n"
		      "28 22 259:4 /sub /bind rw - ext4 /dev/nvme2n1 ro\n");
	return 0;
}

static int end(void **state)
{
	(void)state;
	facts_done(&facts);
	recorded_end(&machine);
	return 0;
}

static void read_all(void)
{
	struct error err;

	if (disk_rows_read(machine.root, &facts.disks, &facts.disk_count, &err) < 0 ||
	    mounts_read(machine.root, &facts.mounts, &facts.mount_count, &err) < 0 ||
	    disk_use_find(machine.root, &facts, &err) < 0)
		fail_msg("%s", err.text);
}

static const struct disk *disk(const char *name)
{
	for (size_t i = 0; i < facts.disk_count; i++)
		if (strcmp(facts.disks[i].name, name) == 0)
			return &facts.disks[i];
	fail_msg("no row %s", name);
	abort();
}

static const struct mount_point *mount_at(const char *target)
{
	const struct mount_point *mount = facts_mount_at(&facts, target);

	if (!mount) {
		fail_msg("nothing is mounted at %s", target);
		abort();
	}
	return mount;
}

static void mounts_know_their_devices(void **state)
{
	(void)state;
	read_all();
	assert_string_equal(mount_at("/")->device, "nvme0n1p1");
	assert_string_equal(mount_at("/")->fstype, "xfs");
	assert_string_equal(mount_at("/srv/lustre/ost")->device, "dm-0");
	assert_string_equal(mount_at("/srv/lustre/ost")->source, "/dev/mapper/vg-ost0017");
	assert_false(mount_at("/srv/lustre/ost")->read_only);
	assert_true(mount_at("/mnt x")->read_only);
	assert_true(mount_at("/bind")->read_only);
	assert_string_equal(mount_at("/lustre")->device, "");
	assert_string_equal(mount_at("/lustre")->source, "10.0.0.10@tcp:/lustrewt");
	/* What could hide a mount point of ours stays, the kernel's own does not. */
	assert_non_null(facts_mount_at(&facts, "/dev/shm"));
	assert_null(facts_mount_at(&facts, "/proc"));
}

/* Any user may give a mount of FUSE the name of a disk, and root any other without a device. */
static void a_source_is_a_device_only_where_the_type_has_one(void **state)
{
	static const char *const types[] = { "tmpfs",      "ramfs",       "overlay", "fuse",
					     "fuse.sshfs", "fuse.portal", "nfs4",    "virtiofs",
					     "9p",         "lustre_lite" };

	(void)state;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		recorded_file(&machine, "/proc/self/mountinfo",
			      "22 1 0:60 / /mine rw - %s /dev/nvme3n1 rw\n"
			      "23 1 0:61 / /btrfs rw - btrfs /dev/nvme2n1 rw\n"
			      "24 1 259:4 / /data rw - fuseblk /dev/nvme3n1 rw\n"
			      "25 1 259:99 / /gone rw - xfs /dev/nvme3n1 rw\n",
			      types[i]);
		read_all();
		if (mount_at("/mine")->device[0] != '\0')
			fail_msg("%s is on %s", types[i], mount_at("/mine")->device);
		assert_string_equal(mount_at("/btrfs")->device, "nvme2n1");
		/* Where there is a number, it alone decides. */
		assert_string_equal(mount_at("/data")->device, "nvme2n1");
		assert_string_equal(mount_at("/gone")->device, "");
		assert_false(disk_use_any(disk("nvme3n1")));
		facts_done(&facts);
	}
}

static void disks_know_their_mounts(void **state)
{
	(void)state;
	read_all();
	assert_int_equal(disk("nvme0n1")->mounts.count, 1);
	assert_string_equal(disk("nvme0n1")->mounts.items[0], "/");
	assert_string_equal(disk("nvme1n1")->mounts.items[0], "/srv/lustre/ost");
	assert_int_equal(disk("nvme2n1")->mounts.count, 2);
	assert_int_equal(disk("nvme3n1")->mounts.count, 0);
	assert_true(disk_use_any(disk("nvme0n1")));
	assert_true(disk_use_any(disk("nvme1n1")));
	assert_true(disk_use_any(disk("nvme2n1")));
	assert_false(disk_use_any(disk("nvme3n1")));
}

static void swap_counts_wherever_it_lies(void **state)
{
	(void)state;
	recorded_file(&machine, "/proc/swaps",
		      "Filename\t\t\t\tType\t\tSize\tUsed\tPriority\n"
		      "/swapfile                               file\t\t1\t0\t-2\n"
		      "/dev/dm-0                               partition\t1\t0\t-3\n"
		      "/dev/nvme0n1p1                          partition\t1\t0\t-4\n");
	read_all();
	assert_true(disk("nvme0n1")->swap);
	assert_true(disk("nvme1n1")->swap);
	assert_true(disk("dm-0")->swap);
	assert_false(disk("nvme2n1")->swap);
	assert_false(disk("nvme3n1")->swap);
}

static void links_lead_to_whole_disks(void **state)
{
	struct error err;

	(void)state;
	recorded_link(&machine, "/dev/disk/by-id/nvme-AWS1", "../../nvme3n1");
	recorded_link(&machine, "/dev/disk/by-path/pci-1", "../../nvme3n1");
	recorded_link(&machine, "/dev/disk/by-id/nvme-AWS1-part1", "../../nvme0n1p1");
	recorded_link(&machine, "/dev/disk/by-id/stale", "../../nvme9n1");
	read_all();
	assert_int_equal(disk_links_find(machine.root, &facts, &err), 0);
	assert_int_equal(disk("nvme3n1")->links.count, 2);
	assert_true(disk_is_chosen(disk("nvme3n1"), DISKS_PATH, "/dev/disk/by-path/pci-1"));
	assert_int_equal(disk("nvme0n1")->links.count, 0);
	for (size_t i = 0; i < facts.disk_count; i++)
		assert_false(disk_is_chosen(&facts.disks[i], DISKS_PATH, "/dev/disk/by-id/stale"));
}

static void the_mark_names_the_client_that_is_not_tuned(void **state)
{
	(void)state;
	read_all();
	assert_false(facts_mount_at(&facts, "/lustre")->untuned);
	facts_done(&facts);
	facts = (struct facts){ 0 };
	recorded_file(&machine, CLIENT_UNTUNED_PATH, "/lustre");
	read_all();
	assert_true(facts_mount_at(&facts, "/lustre")->untuned);
	assert_false(facts_mount_at(&facts, "/srv/lustre/ost")->untuned);
	facts_done(&facts);
	facts = (struct facts){ 0 };
	recorded_file(&machine, CLIENT_UNTUNED_PATH, "/lustre/other");
	read_all();
	assert_false(facts_mount_at(&facts, "/lustre")->untuned);
}

/* A client that runs containers has several mounts for each of them. */
static void many_mounts_are_read(void **state)
{
	struct mount_point *mounts = NULL;
	struct error err;
	size_t count;
	char full[4096];
	FILE *file;

	(void)state;
	recorded_path(&machine, "/proc/self/mountinfo", full);
	file = fopen(full, "we");
	assert_non_null(file);
	for (unsigned i = 0; i < 10000; i++)
		fprintf(file, "%u 22 0:%u / /run/pods/%u rw - tmpfs tmpfs rw\n", i + 30, i, i);
	assert_int_equal(fclose(file), 0);
	if (mounts_read(machine.root, &mounts, &count, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(count, 10000);
	facts.mounts = mounts;
	facts.mount_count = count;
}

static void no_mountinfo_is_an_error(void **state)
{
	struct error err;
	size_t count;

	(void)state;
	assert_true(mounts_read("/proc/nonexistent", &facts.mounts, &count, &err) < 0);
	assert_non_null(strstr(err.text, "mountinfo"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(mounts_know_their_devices, start, end),
		cmocka_unit_test_setup_teardown(a_source_is_a_device_only_where_the_type_has_one,
						start, end),
		cmocka_unit_test_setup_teardown(disks_know_their_mounts, start, end),
		cmocka_unit_test_setup_teardown(swap_counts_wherever_it_lies, start, end),
		cmocka_unit_test_setup_teardown(links_lead_to_whole_disks, start, end),
		cmocka_unit_test_setup_teardown(the_mark_names_the_client_that_is_not_tuned, start,
						end),
		cmocka_unit_test_setup_teardown(many_mounts_are_read, start, end),
		cmocka_unit_test_setup_teardown(no_mountinfo_is_an_error, start, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
