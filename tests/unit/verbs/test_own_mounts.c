/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What stop unmounts, and beside what clean forgets nothing: by the mount table and the groups'
 * tags, whatever became of the report of the boot.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "verbs/own_mounts.h"

#include "scenes/recorded_disks.h"

#include <errno.h>
#include <sys/stat.h>

#define UNITS "/run/systemd/system"

static struct recorded machine;
static struct own_mounts mounts;

/* A group of ours with three volumes, on one disk. */
static const char report[] =
	"{\"report\": [{"
	"\"vg\": [{\"vg_name\":\"lustre-init-1234abcd\", \"vg_uuid\":\"g\", \"vg_size\":\"1\", "
	"\"vg_free\":\"0\", \"vg_tags\":\"lustre-init,lustre-init.pvs=1\", \"pv_count\":\"1\", "
	"\"vg_missing_pv_count\":\"0\", \"vg_systemid\":\"\", \"vg_exported\":\"\", "
	"\"vg_shared\":\"\", \"vg_clustered\":\"\", \"vg_lock_type\":\"\"}],"
	"\"pv\": [{\"pv_name\":\"/dev/sdf\", \"pv_major\":\"259\", \"pv_minor\":\"1\", "
	"\"pv_uuid\":\"p\", \"vg_uuid\":\"g\"}],"
	"\"lv\": ["
	"{\"lv_name\":\"mgt\", \"lv_uuid\":\"a\", \"lv_path\":\"/dev/x/mgt\", \"lv_size\":\"1\", "
	"\"lv_tags\":\"lustre-init,lustre-init.target=MGS\"},"
	"{\"lv_name\":\"mdt0000\", \"lv_uuid\":\"b\", \"lv_path\":\"/dev/x/mdt\", "
	"\"lv_size\":\"1\", \"lv_tags\":\"lustre-init,lustre-init.target=lustrewt-MDT0000\"},"
	"{\"lv_name\":\"ost0017\", \"lv_uuid\":\"c\", \"lv_path\":\"/dev/x/ost\", "
	"\"lv_size\":\"1\", \"lv_tags\":\"lustre-init,lustre-init.target=lustrewt-OST0017\"}]"
	"}]}";

static int start(void **state)
{
	char text[4096];

	(void)state;
	mounts = (struct own_mounts){ 0 };
	recorded_start(&machine);
	/* Numbers 259:0 to 259:4, in this order. */
	recorded_disk(&machine, "a", "nvme0n1", MIB);
	recorded_disk(&machine, "b", "nvme1n1", 64 * MIB);
	recorded_pv(&machine, "/dev/nvme1n1", "abcdefghijklmnopqrstuvwxyz012345");
	recorded_mapper(&machine, "dm-0", "x-mgt", "LVM-ga", "b/nvme1n1");
	recorded_mapper(&machine, "dm-1", "x-mdt", "LVM-gb", "b/nvme1n1");
	recorded_mapper(&machine, "dm-2", "x-ost", "LVM-gc", "b/nvme1n1");
	recorded_file(&machine, "/report.json", "%s\n", report);
	snprintf(text, sizeof(text), "cat %s/report.json", machine.root);
	recorded_tool(&machine, "lvm", text);
	return 0;
}

static int end(void **state)
{
	(void)state;
	own_mounts_done(&mounts);
	recorded_end(&machine);
	return 0;
}

static void mounted(const char *lines)
{
	recorded_file(&machine, "/proc/self/mountinfo", "22 1 259:0 / / rw - xfs /dev/root rw\n%s",
		      lines);
}

/* One that apply wrote: for "Lustre target NAME", or a client. */
static void unit_of(const char *description, const char *name, const char *what)
{
	char path[128];

	snprintf(path, sizeof(path), UNITS "/%s.mount", name);
	recorded_file(&machine, path,
		      "# Written by lustre-init at every boot; changes here are lost.\n"
		      "[Unit]\nDescription=%s\n\n[Mount]\nWhat=%s\nType=lustre\n",
		      description, what);
}

static void unit(const char *name, const char *what)
{
	unit_of("Lustre", name, what);
}

static int find(struct error *err)
{
	own_mounts_done(&mounts);
	return own_mounts_find(machine.root, UNITS, &mounts, err);
}

static void expect(size_t number, enum own_mount_kind kind, const char *name, const char *target)
{
	assert_true(number < mounts.count);
	assert_int_equal(mounts.items[number].kind, kind);
	assert_string_equal(mounts.items[number].name, name);
	assert_string_equal(mounts.items[number].target, target);
}

static void nothing_mounted_is_nothing(void **state)
{
	struct error err;

	(void)state;
	mounted("");
	assert_int_equal(find(&err), 0);
	assert_int_equal(mounts.count, 0);
	assert_int_equal(own_mounts_refuse_any(&mounts, &err), 0);
}

/* Lustre has a device number of its own: the source tells; a mount as ldiskfs shows the device. */
static void targets_are_known_by_their_tags(void **state)
{
	struct error err;

	(void)state;
	mounted("25 22 0:50 / /srv/MGS rw - lustre /dev/mapper/x-mgt rw\n"
		"26 22 259:3 / /srv/mdt rw - ext4 /dev/mapper/x-mdt rw\n"
		"27 22 0:52 / /srv/ost rw - lustre /dev/mapper/x-ost rw\n"
		"28 22 0:53 / /lustre rw - lustre 10.0.0.10@tcp:/lustrewt rw\n");
	unit("lustre", "10.0.0.10@tcp:/lustrewt");
	if (find(&err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(mounts.count, 4);
	expect(0, OWN_MOUNT_CLIENT, "10.0.0.10@tcp:/lustrewt", "/lustre");
	expect(1, OWN_MOUNT_OST, "lustrewt-OST0017", "/srv/ost");
	expect(2, OWN_MOUNT_MDT, "lustrewt-MDT0000", "/srv/mdt");
	expect(3, OWN_MOUNT_MGT, "MGS", "/srv/MGS");
	assert_int_equal(own_mounts_refuse_any(&mounts, &err), -EBUSY);
	assert_non_null(strstr(err.text, "/lustre"));
	assert_non_null(strstr(err.text, "lustre-init stop"));
}

static void what_others_mounted_is_left_and_forbids_to_forget(void **state)
{
	struct error err;

	(void)state;
	mounted("28 22 0:53 / /lustre rw - lustre 10.0.0.10@tcp:/lustrewt rw\n"
		"29 22 0:54 / /nfs rw - nfs4 10.0.0.9:/export rw\n");
	recorded_file(&machine, UNITS "/lustre.mount", "[Mount]\n");
	assert_int_equal(find(&err), 0);
	assert_int_equal(mounts.count, 1);
	expect(0, OWN_MOUNT_STRANGE, "10.0.0.10@tcp:/lustrewt", "/lustre");
	assert_int_equal(own_mounts_refuse_any(&mounts, &err), -EBUSY);
	assert_non_null(strstr(err.text, "unmount it"));
}

/* The group is not there for LVM, but the unit is: still ours. */
static void a_unit_of_ours_is_enough(void **state)
{
	struct error err;

	(void)state;
	mounted("27 22 0:52 / /srv/ost rw - lustre /dev/mapper/x-ost rw\n");
	recorded_file(&machine, "/report.json", "%s", "{\"report\": []}\n");
	unit("srv-ost", "/dev/mapper/x-ost");
	assert_int_equal(find(&err), 0);
	assert_int_equal(mounts.count, 1);
	expect(0, OWN_MOUNT_OST, "/dev/mapper/x-ost", "/srv/ost");
}

/* At a place of ours, with a unit of ours: what is mounted there must be what that unit mounts. */
static void a_place_alone_makes_nothing_ours(void **state)
{
	static const struct {
		const char *what, *mounted;
		size_t count;
		enum own_mount_kind kind;
	} places[] = {
		{ "10.0.0.10@tcp:/lustrewt", "0:53 / /p rw - lustre 10.0.0.10@tcp:/lustrewt rw", 1,
		  OWN_MOUNT_CLIENT },
		{ "mgs@tcp:/lustrewt", "0:53 / /p rw - lustre 10.0.0.10@tcp:/lustrewt rw", 1,
		  OWN_MOUNT_CLIENT },
		{ "mgs@tcp:/lustrewt", "0:53 / /p rw - lustre 10.0.0.10@tcp:/lustre rw", 1,
		  OWN_MOUNT_STRANGE },
		{ "10.0.0.10@tcp:/lustrewt", "0:53 / /p rw - lustre 10.0.0.11@tcp:/lustrewt rw", 1,
		  OWN_MOUNT_STRANGE },
		{ "10.0.0.10@tcp:/lustrewt", "0:53 / /p rw - nfs4 10.0.0.10@tcp:/lustrewt rw", 0,
		  0 },
		{ "10.0.0.10@tcp:/lustrewt", "0:53 / /p rw - fuse.x 10.0.0.10@tcp:/lustrewt rw", 0,
		  0 },
		{ "10.0.0.10@tcp:/lustrewt", "259:1 / /p rw - xfs /dev/nvme1n1 rw", 0, 0 },
		/* A volume without a tag, of which LVM says nothing. */
		{ "/dev/mapper/x-own", "0:53 / /p rw - lustre /dev/mapper/x-own rw", 1,
		  OWN_MOUNT_OST },
		{ "/dev/mapper/x-own", "259:5 / /p rw - ext4 /dev/mapper/x-own rw", 1,
		  OWN_MOUNT_OST },
		{ "/dev/mapper/x-own", "259:5 / /p rw - ldiskfs /dev/mapper/x-own rw", 0, 0 },
		{ "/dev/mapper/x-own", "0:53 / /p rw - lustre /dev/mapper/x-else rw", 1,
		  OWN_MOUNT_STRANGE },
		{ "/dev/mapper/x-own", "259:0 / /p rw - ext4 /dev/mapper/x-own rw", 0, 0 },
		{ "/dev/mapper/x-own", "0:53 / /p rw - fuse.x /dev/mapper/x-own rw", 0, 0 },
		{ "/dev/mapper/x-own", "0:53 / /p rw - tmpfs /dev/mapper/x-own rw", 0, 0 },
		{ "", "0:53 / /p rw - lustre 10.0.0.10@tcp:/lustrewt rw", 1, OWN_MOUNT_STRANGE },
	};
	struct error err;

	(void)state;
	recorded_mapper(&machine, "dm-3", "x-own", "LVM-gd", "b/nvme1n1");
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		char line[256];

		snprintf(line, sizeof(line), "30 22 %s\n", places[i].mounted);
		mounted(line);
		unit("p", places[i].what);
		assert_int_equal(find(&err), 0);
		if (mounts.count != places[i].count ||
		    (mounts.count > 0 && mounts.items[0].kind != places[i].kind))
			fail_msg("%s for %s: %zu, kind %d", places[i].mounted, places[i].what,
				 mounts.count, mounts.count > 0 ? (int)mounts.items[0].kind : -1);
	}
}

/* A volume of ours that a person looks into is not ours to unmount, and no target that serves. */
static void a_volume_of_ours_may_be_mounted_by_others(void **state)
{
	struct error err;

	(void)state;
	mounted("27 22 259:4 / /rescue rw - ldiskfs /dev/mapper/x-ost rw\n");
	assert_int_equal(find(&err), 0);
	assert_int_equal(mounts.count, 1);
	expect(0, OWN_MOUNT_STRANGE, "lustrewt-OST0017", "/rescue");
	assert_int_equal(own_mounts_refuse_any(&mounts, &err), -EBUSY);
	assert_non_null(strstr(err.text, "lustre-init did not mount it"));
}

/* systemctl stop would unmount what lies over it. */
static void what_lies_over_it_is_seen(void **state)
{
	struct error err;

	(void)state;
	mounted("27 22 0:52 / /srv/ost rw - lustre /dev/mapper/x-ost rw\n"
		"28 27 0:60 / /srv/ost rw - tmpfs scratch rw\n");
	assert_int_equal(find(&err), 0);
	assert_int_equal(mounts.count, 1);
	expect(0, OWN_MOUNT_OST, "lustrewt-OST0017", "/srv/ost");
	assert_string_equal(mounts.items[0].cover, "scratch");
	mounted("27 22 0:52 / /srv/ost rw - lustre /dev/mapper/x-ost rw\n");
	assert_int_equal(find(&err), 0);
	assert_null(mounts.items[0].cover);
}

/* A disk of ours in the same machine whose group LVM does not tell of, and its mapper is mounted.
 */
static void second_disk_dies(void)
{
	recorded_disk(&machine, "c", "nvme2n1", 64 * MIB);
	recorded_mapper(&machine, "dm-3", "y-mgt", "LVM-ha", "c/nvme2n1");
	recorded_unlink(&machine, "/dev/nvme2n1");
}

/* Likewise, and the disk's driver waits for ever: to open it, or to read it, has no end. */
static void second_disk_hangs(void)
{
	char path[4096];

	second_disk_dies();
	recorded_path(&machine, "/dev/nvme2n1", path);
	assert_int_equal(mkfifo(path, 0600), 0);
}

/* Of what lies on it nothing is known, and nothing else is less known for it. */
static void a_dead_disk_keeps_no_other_from_being_found(void **state)
{
	struct error err;

	(void)state;
	second_disk_dies();
	mounted("26 22 0:51 / /srv/MGS rw - lustre /dev/mapper/y-mgt rw\n"
		"27 22 0:52 / /srv/ost rw - lustre /dev/mapper/x-ost rw\n");
	if (find(&err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(mounts.count, 2);
	expect(0, OWN_MOUNT_OST, "lustrewt-OST0017", "/srv/ost");
	assert_null(mounts.items[0].doubt);
	expect(1, OWN_MOUNT_DOUBTED, "/dev/mapper/y-mgt", "/srv/MGS");
	assert_non_null(strstr(mounts.items[1].doubt, "/dev/nvme2n1"));
	assert_int_equal(own_mounts_refuse_any(&mounts, &err), -EIO);
	assert_non_null(strstr(err.text, "/dev/nvme2n1"));
}

/* Who reads it would hang with it: a child asks first, and is given up. */
static void a_disk_that_hangs_keeps_no_other_from_being_found(void **state)
{
	struct error err;

	(void)state;
	second_disk_hangs();
	mounted("26 22 0:51 / /srv/MGS rw - lustre /dev/mapper/y-mgt rw\n"
		"27 22 0:52 / /srv/ost rw - lustre /dev/mapper/x-ost rw\n");
	if (find(&err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(mounts.count, 2);
	expect(0, OWN_MOUNT_OST, "lustrewt-OST0017", "/srv/ost");
	expect(1, OWN_MOUNT_DOUBTED, "/dev/mapper/y-mgt", "/srv/MGS");
	assert_non_null(strstr(mounts.items[1].doubt, "/dev/nvme2n1 does not answer"));
}

/*
 * Its own unit knows whose it is, and what: its turn is that of its kind, and the disk is not even
 * looked at, which may hang.
 */
static void what_lies_on_a_dead_disk_is_known_by_its_unit(void **state)
{
	struct error err;

	(void)state;
	second_disk_dies();
	mounted("27 22 0:52 / /srv/ost rw - lustre /dev/mapper/x-ost rw\n"
		"28 22 0:51 / /srv/MGS rw - lustre /dev/mapper/y-mgt rw\n");
	unit_of("Lustre target MGS", "srv-MGS", "/dev/mapper/y-mgt");
	assert_int_equal(find(&err), 0);
	assert_int_equal(mounts.count, 2);
	expect(0, OWN_MOUNT_OST, "lustrewt-OST0017", "/srv/ost");
	expect(1, OWN_MOUNT_MGT, "MGS", "/srv/MGS");
	assert_int_equal(mounts.unseen.count, 0);
	assert_int_equal(own_mounts_refuse_any(&mounts, &err), -EBUSY);
}

/* Where LVM says nothing, or somebody ends it, nothing but a unit makes a target ours. */
static void without_lvm_the_units_tell(void **state)
{
	static const char *const ends[] = { "echo broken >&2; exit 5",
					    "echo broken >&2; kill -KILL $$" };
	struct error err;

	(void)state;
	mounted("26 22 0:51 / /srv/MGS rw - lustre /dev/mapper/x-mgt rw\n"
		"27 22 0:52 / /srv/ost rw - lustre /dev/mapper/x-ost rw\n"
		"28 22 0:53 / /lustre rw - lustre 10.0.0.10@tcp:/lustrewt rw\n");
	unit_of("Lustre target lustrewt-OST0017", "srv-ost", "/dev/mapper/x-ost");
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		recorded_tool(&machine, "lvm", ends[i]);
		assert_int_equal(find(&err), 0);
		assert_int_equal(mounts.count, 3);
		expect(0, OWN_MOUNT_OST, "lustrewt-OST0017", "/srv/ost");
		expect(1, OWN_MOUNT_DOUBTED, "/dev/mapper/x-mgt", "/srv/MGS");
		assert_non_null(strstr(mounts.items[1].doubt, "broken"));
		expect(2, OWN_MOUNT_STRANGE, "10.0.0.10@tcp:/lustrewt", "/lustre");
	}
}

/* "Not known" is never "not mounted": nothing is forgotten then. */
static void what_cannot_be_seen_forbids_to_forget(void **state)
{
	struct error err;

	(void)state;
	assert_true(find(&err) < 0); /* no mount table */
	mounted("27 22 259:4 / /srv/ost rw - xfs /dev/mapper/x-ost rw\n");
	recorded_tool(&machine, "lvm", "echo broken >&2; exit 5");
	assert_int_equal(find(&err), 0);
	assert_int_equal(own_mounts_refuse_any(&mounts, &err), -EIO);
	assert_non_null(strstr(err.text, "broken"));
	recorded_tool(&machine, "lvm", "echo '{'");
	assert_int_equal(find(&err), 0);
	assert_int_equal(own_mounts_refuse_any(&mounts, &err), -EIO);
	recorded_unlink(&machine, "/dev/nvme1n1");
	assert_int_equal(find(&err), 0);
	assert_int_equal(own_mounts_refuse_any(&mounts, &err), -EIO);
	assert_non_null(strstr(err.text, "/dev/nvme1n1"));
	mounted("");
	assert_int_equal(find(&err), 0);
	assert_int_equal(own_mounts_refuse_any(&mounts, &err), 0);
}

/* So does a unit that cannot be read: it may be ours. */
static void a_unit_that_cannot_be_read_is_a_doubt(void **state)
{
	struct error err;

	(void)state;
	mounted("28 22 0:53 / /lustre rw - lustre 10.0.0.10@tcp:/lustrewt rw\n");
	recorded_file(&machine, UNITS "/lustre.mount/is-a-folder", "%s", "");
	assert_int_equal(find(&err), 0);
	assert_int_equal(mounts.count, 1);
	expect(0, OWN_MOUNT_DOUBTED, "10.0.0.10@tcp:/lustrewt", "/lustre");
	assert_int_equal(own_mounts_refuse_any(&mounts, &err), -EIO);
	assert_non_null(strstr(err.text, "lustre.mount"));
}

/* "Unmount it by hand" would be said of the root file system. */
static void of_what_cannot_be_ours_there_is_no_doubt(void **state)
{
	struct error err;

	(void)state;
	recorded_file(&machine, "/proc/self/mountinfo", "%s",
		      "22 1 259:1 / / rw - ext4 /dev/nvme0n1p1 rw\n"
		      "25 22 0:25 / /run rw - tmpfs tmpfs rw\n"
		      "61 22 0:61 / /home rw - nfs4 10.0.0.9:/home rw\n");
	recorded_file(&machine, UNITS "/-.mount/is-a-folder", "%s", "");
	recorded_file(&machine, UNITS "/run.mount/is-a-folder", "%s", "");
	recorded_file(&machine, UNITS "/home.mount/is-a-folder", "%s", "");
	assert_int_equal(find(&err), 0);
	assert_int_equal(mounts.count, 0);
	assert_int_equal(own_mounts_refuse_any(&mounts, &err), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(nothing_mounted_is_nothing, start, end),
		cmocka_unit_test_setup_teardown(targets_are_known_by_their_tags, start, end),
		cmocka_unit_test_setup_teardown(what_others_mounted_is_left_and_forbids_to_forget,
						start, end),
		cmocka_unit_test_setup_teardown(a_unit_of_ours_is_enough, start, end),
		cmocka_unit_test_setup_teardown(a_place_alone_makes_nothing_ours, start, end),
		cmocka_unit_test_setup_teardown(a_volume_of_ours_may_be_mounted_by_others, start,
						end),
		cmocka_unit_test_setup_teardown(what_lies_over_it_is_seen, start, end),
		cmocka_unit_test_setup_teardown(a_dead_disk_keeps_no_other_from_being_found, start,
						end),
		cmocka_unit_test_setup_teardown(a_disk_that_hangs_keeps_no_other_from_being_found,
						start, end),
		cmocka_unit_test_setup_teardown(what_lies_on_a_dead_disk_is_known_by_its_unit,
						start, end),
		cmocka_unit_test_setup_teardown(without_lvm_the_units_tell, start, end),
		cmocka_unit_test_setup_teardown(what_cannot_be_seen_forbids_to_forget, start, end),
		cmocka_unit_test_setup_teardown(a_unit_that_cannot_be_read_is_a_doubt, start, end),
		cmocka_unit_test_setup_teardown(of_what_cannot_be_ours_there_is_no_doubt, start,
						end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
