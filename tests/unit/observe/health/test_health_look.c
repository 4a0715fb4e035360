/* SPDX-License-Identifier: Apache-2.0 */

/* A look at what apply set up, on a recorded machine: what is seen, and what cannot be. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "observe/health/health_look.h"

#include "scenes/recorded.h"

#include <errno.h>

#define OST     "lustrewt-OST0000"
#define SECONDS 1000000ULL

static struct recorded machine;
static struct applied applied;
static struct health before;

static const char applied_json[] =
	"{\"boot-id\":\"b1\",\"nids\":[\"10.0.8.23@tcp\"],\"targets\":["
	"{\"name\":\"" OST "\",\"role\":\"OST\",\"mounted\":true,"
	"\"mount-point\":\"/srv/lustre/" OST "\",\"source\":\"/dev/vg/ost0000\",\"disks\":["
	"{\"serial\":\"AWS1\",\"pv-uuid\":\"111111-1111-1111-1111-1111-1111-111111\"},"
	"{\"serial\":\"AWS2\",\"pv-uuid\":\"222222-2222-2222-2222-2222-2222-222222\"}]},"
	"{\"name\":\"client lustrewt\",\"role\":\"client\",\"mounted\":true,"
	"\"mount-point\":\"/mnt/lustrewt\",\"source\":\"10.0.0.10@tcp:/lustrewt\"}]}";

#define MOUNT_ROOT "22 1 259:0 / / rw,relatime shared:1 - ext4 /dev/nvme0n1p1 rw\n"
#define MOUNT_OST                                                                             \
	"90 22 0:50 / /srv/lustre/" OST " rw,relatime shared:9 - lustre_tgt /dev/vg/ost0000 " \
	"rw,svname=" OST "\n"
#define MOUNT_CLIENT \
	"91 22 0:51 / /mnt/lustrewt rw,relatime shared:10 - lustre 10.0.0.10@tcp:/lustrewt rw\n"

static void put_label(const char *device, char letter)
{
	char uuid[33] = "";

	memset(uuid, letter, 32);
	recorded_pv(&machine, device, uuid);
}

static void put_disk(const char *name, const char *serial, char letter)
{
	char path[128];

	snprintf(path, sizeof(path), "/sys/block/%s/device/serial", name);
	recorded_file(&machine, path, "%s   \n", serial);
	snprintf(path, sizeof(path), "/dev/%s", name);
	recorded_device(&machine, path, 4 * MIB);
	put_label(path, letter);
}

static void put_lustre(void)
{
	static const struct {
		const char *path, *text;
	} files[] = {
		{ "/sys/fs/lustre/health_check", "healthy\n" },
		{ "/sys/fs/lustre/osd-ldiskfs/" OST "/kbytestotal", "1000\n" },
		{ "/sys/fs/lustre/osd-ldiskfs/" OST "/kbytesfree", "900\n" },
		{ "/sys/fs/lustre/osd-ldiskfs/" OST "/kbytesavail", "800\n" },
		{ "/sys/fs/lustre/osd-ldiskfs/" OST "/filestotal", "70\n" },
		{ "/sys/fs/lustre/osd-ldiskfs/" OST "/filesfree", "60\n" },
		{ "/sys/fs/lustre/obdfilter/" OST "/degraded", "0\n" },
		{ "/sys/fs/lustre/obdfilter/" OST "/statfs_state", "f\n" },
		{ "/proc/fs/lustre/obdfilter/" OST "/recovery_status",
		  "status: COMPLETE\nrecovery_start: 1\n" },
		{ "/sys/kernel/debug/lnet/nis",
		  "nid                      status alive refs peer  rtr   max    tx   min\n"
		  "0@lo                         up     0    2    0    0     0     0     0\n"
		  "10.0.8.23@tcp                up    -1    2    8    0   256   256   247\n"
		  "10.0.8.23@tcp                up    -1    1    8    0   256   256   247\n" },
		{ "/proc/sys/kernel/random/boot_id", "b1\n" },
	};

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		recorded_file(&machine, files[i].path, "%s", files[i].text);
}

static int start(void **state)
{
	json_t *json = json_loads(applied_json, 0, NULL);

	(void)state;
	assert_int_equal(applied_from_json(json, &applied, NULL), 0);
	json_decref(json);
	before = (struct health){ 0 };
	recorded_start(&machine);
	put_disk("nvme1n1", "AWS1", '1');
	put_disk("nvme2n1", "AWS2", '2');
	put_lustre();
	recorded_file(&machine, "/dev/dm-0", "%s", "");
	recorded_link(&machine, "/dev/vg/ost0000", "../dm-0");
	recorded_file(&machine, "/sys/class/block/dm-0/dev", "253:0\n");
	recorded_file(&machine, "/proc/self/mountinfo", "%s", MOUNT_ROOT MOUNT_OST MOUNT_CLIENT);
	return 0;
}

static int end(void **state)
{
	(void)state;
	health_done(&before);
	applied_done(&applied);
	recorded_end(&machine);
	return 0;
}

/* Another look; it is the one before the next. */
static const struct health *look(uint64_t seconds, uint64_t slept)
{
	const struct health_look how = { machine.root, seconds * SECONDS, slept * SECONDS };
	struct health now;
	struct error err;

	if (health_look(&how, &applied, &before, &now, &err) < 0)
		fail_msg("%s", err.text);
	health_done(&before);
	before = now;
	return &before;
}

static const struct health_target *ost(void)
{
	return health_target(&before, OST);
}

static void what_is_well_is_seen_to_be(void **state)
{
	const struct health *health = look(10, 0);

	(void)state;
	assert_string_equal(health->boot_id, "b1");
	assert_string_equal(health->health_check, "healthy");
	assert_int_equal(health->target_count, 2);
	assert_true(ost()->mounted);
	assert_false(ost()->read_only || ost()->degraded || ost()->unhealthy || ost()->partial);
	assert_string_equal(ost()->recovery, "COMPLETE");
	assert_true(ost()->space.known);
	assert_int_equal(ost()->space.total_bytes, 1000 * 1024);
	assert_int_equal(ost()->space.free_bytes, 800 * 1024);
	assert_int_equal(ost()->space.total_inodes, 70);
	assert_int_equal(ost()->space.free_inodes, 60);
	assert_true(health_target(health, "client lustrewt")->mounted);
	assert_int_equal(health->disk_count, 2);
	assert_string_equal(health_disk(health, "AWS2")->name, "nvme2n1");
	assert_int_equal(health_disk(health, "AWS2")->head, HEAD_NOT_SEEN);
	assert_true(health->nids_known);
	assert_int_equal(health->nids.count, 1);
	assert_string_equal(health->nids.items[0], "10.0.8.23@tcp");
}

static void what_ails_is_seen(void **state)
{
	(void)state;
	recorded_file(&machine, "/sys/fs/lustre/health_check", "NOT HEALTHY\n");
	recorded_file(&machine, "/sys/kernel/debug/lustre/health_check",
		      "device " OST " reported unhealthy\n");
	recorded_file(&machine, "/sys/fs/lustre/obdfilter/" OST "/degraded", "1\n");
	recorded_file(&machine, "/sys/fs/lustre/obdfilter/" OST "/statfs_state", "DR\n");
	recorded_file(&machine, "/sys/block/nvme1n1/device/ioerr_cnt", "0x1a\n");
	look(10, 0);
	assert_string_equal(before.health_check, "NOT HEALTHY");
	assert_true(ost()->unhealthy && ost()->degraded && ost()->read_only);
	assert_true(health_disk(&before, "AWS1")->has_io_errors);
	assert_int_equal(health_disk(&before, "AWS1")->io_errors, 26);
	assert_false(health_disk(&before, "AWS2")->has_io_errors);
}

/* By the names of Lustre's devices, wherever it has them. */
static void who_is_unhealthy_is_known_by_name(void **state)
{
	static const struct {
		const char *sysfs, *debugfs;
		bool unhealthy;
	} rows[] = {
		{ "NOT HEALTHY\n", "device " OST "-osd reported unhealthy\n", true },
		{ "NOT HEALTHY\n", "device OSS reported unhealthy\n", true },
		{ "NOT HEALTHY\n", "device MDS reported unhealthy\n", false },
		{ "NOT HEALTHY\n", "device " OST "-osc-MDT0000 reported unhealthy\n", false },
		{ "NOT HEALTHY\n", "device lustrewt-OST0001 reported unhealthy\n", false },
		{ "NOT HEALTHY\n", "", false },
		{ "healthy\n", "device " OST " reported unhealthy\n", false },
		{ "device " OST " reported unhealthy\nNOT HEALTHY\n", "", true },
		{ "LBUG\n", "", true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		recorded_file(&machine, "/sys/fs/lustre/health_check", "%s", rows[i].sysfs);
		recorded_file(&machine, "/sys/kernel/debug/lustre/health_check", "%s",
			      rows[i].debugfs);
		look(10 + i, 0);
		assert_int_equal(ost()->unhealthy, rows[i].unhealthy);
		assert_string_not_equal(before.health_check, "");
	}
	recorded_file(&machine, "/sys/fs/lustre/health_check", "NOT HEALTHY\n");
	recorded_unlink(&machine, "/sys/kernel/debug/lustre/health_check");
	look(100, 0);
	assert_false(ost()->unhealthy);
	assert_string_equal(before.health_check, "");
}

/* Of an MDT and an MGT by nothing else. */
static void a_file_system_that_is_read_only_is_ill(void **state)
{
	static const char *const devices[] = { OST, OST "-osd", OST };

	(void)state;
	recorded_file(&machine, "/sys/fs/lustre/health_check", "NOT HEALTHY\n");
	for (size_t i = 0; i < sizeof(devices) / sizeof(devices[0]); i++) {
		recorded_file(&machine, "/sys/kernel/debug/lustre/health_check",
			      "device %s reported unhealthy\n", devices[i]);
		look(10 + i, 0);
		assert_true(ost()->unhealthy);
		assert_int_equal(ost()->read_only, i == 1);
	}
}

static void a_recovery_is_seen_where_it_is(void **state)
{
	(void)state;
	recorded_unlink(&machine, "/proc/fs/lustre/obdfilter/" OST "/recovery_status");
	recorded_file(&machine, "/sys/kernel/debug/lustre/obdfilter/" OST "/recovery_status",
		      "status: RECOVERING\nrecovery_start: 1\n");
	look(10, 0);
	assert_string_equal(ost()->recovery, "RECOVERING");
}

/* As a file system that a stand-in mounts shows itself, or ldiskfs where Lustre does not hide it.
 */
static void an_error_of_the_file_system_is_seen(void **state)
{
	(void)state;
	recorded_file(&machine, "/proc/self/mountinfo", "%s",
		      "90 22 253:0 / /srv/lustre/" OST " rw shared:9 - ext4 /dev/dm-0 ro\n");
	recorded_link(&machine, "/sys/dev/block/253:0", "../../block/dm-0");
	recorded_file(&machine, "/sys/fs/ext4/dm-0/errors_count", "3\n");
	look(10, 0);
	assert_true(ost()->mounted && ost()->read_only);
	assert_int_equal(ost()->fs_errors, 3);
}

/* All of 2.15 are mounted so, and newer ones to whoever reads it first. */
static void what_lustre_calls_its_own_mount_is_no_error(void **state)
{
	static const char *const types[] = { "lustre", "lustre_tgt" };

	(void)state;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		recorded_file(&machine, "/proc/self/mountinfo",
			      "90 22 0:50 / /srv/lustre/" OST
			      " rw,relatime shared:9 - %s /dev/vg/ost0000 ro,svname=" OST "\n"
			      "91 22 0:51 / /mnt/lustrewt ro shared:10 - lustre "
			      "10.0.0.10@tcp:/lustrewt rw\n",
			      types[i]);
		look(10 + i, 0);
		assert_true(ost()->mounted);
		assert_false(ost()->read_only);
		assert_true(health_target(&before, "client lustrewt")->read_only);
	}
	recorded_file(&machine, "/sys/fs/lustre/obdfilter/" OST "/statfs_state", "R\n");
	look(20, 0);
	assert_true(ost()->read_only);
}

static void a_place_alone_proves_nothing(void **state)
{
	static const char *const others[] = {
		MOUNT_ROOT,
		MOUNT_ROOT "90 22 8:1 / /srv/lustre/" OST " rw - xfs /dev/sda1 rw\n",
		MOUNT_ROOT "90 22 0:50 / /srv/lustre/" OST " rw - lustre_tgt /dev/vg/other rw\n",
		MOUNT_ROOT MOUNT_OST "92 90 0:77 / /srv/lustre/" OST " rw - tmpfs tmpfs rw\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		recorded_file(&machine, "/proc/self/mountinfo", "%s", others[i]);
		look(10, 0);
		assert_false(ost()->mounted);
		assert_false(health_target(&before, "client lustrewt")->mounted);
		assert_false(ost()->space.known);
	}
}

/* Modules that are unloaded, debugfs that is shut, files that are no numbers. */
static void what_is_not_there_is_not_known(void **state)
{
	static const char *const words[] = { "", "x", "-1", "99999999999999999999999", "12x" };

	(void)state;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		recorded_file(&machine, "/sys/fs/lustre/osd-ldiskfs/" OST "/filesfree", "%s\n",
			      words[i]);
		look(10, 0);
		assert_false(ost()->space.known);
		assert_int_equal(ost()->space.total_bytes, 0);
	}
	recorded_unlink(&machine, "/sys/kernel/debug/lnet/nis");
	recorded_unlink(&machine, "/sys/fs/lustre/health_check");
	recorded_unlink(&machine, "/proc/fs/lustre/obdfilter/" OST "/recovery_status");
	look(20, 0);
	assert_false(before.nids_known);
	assert_string_equal(before.health_check, "");
	assert_string_equal(ost()->recovery, "");
}

static void a_disk_is_known_by_its_serial(void **state)
{
	(void)state;
	look(10, 0);
	/* As after a reset of the controllers: their names changed places. */
	recorded_file(&machine, "/sys/block/nvme1n1/device/serial", "AWS2\n");
	recorded_file(&machine, "/sys/block/nvme2n1/device/serial", "AWS1\n");
	look(20, 0);
	assert_string_equal(health_disk(&before, "AWS1")->name, "nvme2n1");
	recorded_unlink(&machine, "/sys/block/nvme2n1/device/serial");
	look(30, 0);
	assert_string_equal(health_disk(&before, "AWS1")->name, "");
	assert_true(ost()->partial);
	put_disk("nvme9n1", "AWS1", '1');
	look(40, 0);
	assert_string_equal(health_disk(&before, "AWS1")->name, "nvme9n1");
	assert_false(ost()->partial);
}

/* EIO says nothing of a disk that may be the one; of another one, it says nothing that matters. */
static void a_disk_that_cannot_be_read_is_not_gone(void **state)
{
	const struct health_look how = { machine.root, 20 * SECONDS, 0 };
	struct health now;
	struct error err;

	(void)state;
	look(10, 0);
	recorded_file(&machine, "/sys/block/nvme3n1/size", "0\n");
	recorded_failing(&machine, "/sys/block/nvme3n1/device/serial", RECORDED_EIO);
	recorded_file(&machine, "/sys/block/nvme1n1/device/serial", "AWS2\n");
	recorded_file(&machine, "/sys/block/nvme2n1/device/serial", "AWS1\n");
	look(10, 0);
	assert_string_equal(health_disk(&before, "AWS1")->name, "nvme2n1");
	recorded_failing(&machine, "/sys/block/nvme2n1/device/serial", RECORDED_EIO);
	assert_int_equal(health_look(&how, &applied, &before, &now, &err), -EIO);
}

static void heads_are_read_after_a_sleep_until_all_are_ours(void **state)
{
	(void)state;
	recorded_device(&machine, "/dev/nvme2n1", 0); /* nothing can be read of it */
	look(10, 0);
	assert_int_equal(health_disk(&before, "AWS2")->head, HEAD_NOT_SEEN);
	look(20, 600);
	assert_true(before.woken);
	assert_int_equal(health_disk(&before, "AWS1")->head, HEAD_OURS);
	assert_int_equal(health_disk(&before, "AWS2")->head, HEAD_UNREADABLE);
	assert_false(ost()->partial);
	look(25, 600);
	assert_int_equal(health_disk(&before, "AWS2")->head, HEAD_UNREADABLE);
	put_disk("nvme2n1", "AWS2", '2');
	look(30, 600);
	assert_false(before.woken);
	look(40, 600);
	assert_int_equal(health_disk(&before, "AWS1")->head, HEAD_NOT_SEEN);
}

static void blank_disks_after_a_sleep_are_others(void **state)
{
	(void)state;
	look(10, 0);
	recorded_device(&machine, "/dev/nvme1n1", 0);
	recorded_device(&machine, "/dev/nvme1n1", 4 * MIB);
	put_label("/dev/nvme2n1", '9');
	look(20, 600);
	assert_true(before.woken && ost()->partial);
	assert_int_equal(health_disk(&before, "AWS1")->head, HEAD_OTHER);
	assert_int_equal(health_disk(&before, "AWS2")->head, HEAD_OTHER);
}

/* A watch that is started again knows no earlier look, and the machine may have slept by then. */
static void a_first_look_reads_them_where_there_was_a_sleep(void **state)
{
	(void)state;
	put_label("/dev/nvme2n1", '9');
	look(10, 600);
	assert_int_equal(health_disk(&before, "AWS1")->head, HEAD_OURS);
	assert_int_equal(health_disk(&before, "AWS2")->head, HEAD_OTHER);
	assert_true(before.woken && ost()->partial);
	look(20, 600);
	assert_true(before.woken && ost()->partial);
}

/* A sleep is one of this boot, and longer than two clocks are apart that are read in turn. */
static void nothing_else_is_a_sleep(void **state)
{
	(void)state;
	look(10, 0);
	assert_int_equal(health_disk(&before, "AWS1")->head, HEAD_NOT_SEEN);
	before.slept_usec = 600 * SECONDS;
	look(86400 * 2, 600);
	assert_int_equal(health_disk(&before, "AWS1")->head, HEAD_NOT_SEEN);
	before.slept_usec -= 400000;
	look(86400 * 2 + 10, 600);
	assert_int_equal(health_disk(&before, "AWS1")->head, HEAD_NOT_SEEN);
	recorded_file(&machine, "/proc/sys/kernel/random/boot_id", "b2\n");
	before.woken = true;
	look(20, 1200);
	assert_false(before.woken);
	assert_int_equal(health_disk(&before, "AWS1")->head, HEAD_NOT_SEEN);
}

static void the_mgs_is_taken_over(void **state)
{
	(void)state;
	before.mgs = (struct health_mgs){ true, MGS_SILENT, "10.0.0.10@tcp", 5 };
	look(10, 0);
	assert_int_equal(before.mgs.answer, MGS_SILENT);
	assert_int_equal(before.mgs.away_since_usec, 5);
}

static void the_health_log_of_nvme_is_read(void **state)
{
	uint8_t log[512] = { [0] = 0x05, [160] = 0x02, [161] = 0x01, [168] = 0xff };
	struct health_disk disk = { 0 };

	(void)state;
	health_take_smart(log, &disk);
	assert_true(disk.smart_known);
	assert_int_equal(disk.critical_warning, 5);
	assert_int_equal(disk.media_errors, 0x102);
	memset(log + 160, 0xff, 8);
	health_take_smart(log, &disk);
	assert_int_equal(disk.media_errors, INT64_MAX);
}

/* A file in place of a device has no such log: it is asked one at a time, and seldom. */
static void disks_are_asked_for_it_in_turn(void **state)
{
	const uint64_t every = HEALTH_SMART_EVERY_USEC / SECONDS;

	(void)state;
	look(10, 0);
	assert_int_equal(health_disk(&before, "AWS1")->smart_usec, 10 * SECONDS);
	assert_int_equal(health_disk(&before, "AWS2")->smart_usec, 0);
	assert_false(health_disk(&before, "AWS1")->smart_known);
	look(20, 0);
	assert_int_equal(health_disk(&before, "AWS2")->smart_usec, 20 * SECONDS);
	look(30, 0);
	look(9 + every, 0);
	assert_int_equal(health_disk(&before, "AWS1")->smart_usec, 10 * SECONDS);
	look(10 + every, 0);
	assert_int_equal(health_disk(&before, "AWS1")->smart_usec, (10 + every) * SECONDS);
}

static void without_a_mount_table_nothing_has_happened(void **state)
{
	const struct health_look how = { machine.root, 10, 0 };
	struct health now;
	struct error err;

	(void)state;
	recorded_unlink(&machine, "/proc/self/mountinfo");
	assert_true(health_look(&how, &applied, &before, &now, &err) < 0);
	assert_non_null(strstr(err.text, "mountinfo"));
}

static void a_look_survives_json(void **state)
{
	json_t *json, *again;
	struct health back;
	struct error err;

	(void)state;
	look(10, 0);
	look(20, 600);
	json = health_to_json(&before);
	if (health_from_json(json, &back, &err) < 0)
		fail_msg("%s", err.text);
	again = health_to_json(&back);
	assert_true(json_equal(json, again));
	health_done(&back);
	json_object_set_new(json, "more", json_true());
	assert_int_equal(health_from_json(json, &back, &err), -EINVAL);
	json_decref(json);
	json_decref(again);
}

#define LOOK(test) cmocka_unit_test_setup_teardown(test, start, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		LOOK(what_is_well_is_seen_to_be),
		LOOK(what_ails_is_seen),
		LOOK(who_is_unhealthy_is_known_by_name),
		LOOK(a_file_system_that_is_read_only_is_ill),
		LOOK(a_recovery_is_seen_where_it_is),
		LOOK(an_error_of_the_file_system_is_seen),
		LOOK(what_lustre_calls_its_own_mount_is_no_error),
		LOOK(a_place_alone_proves_nothing),
		LOOK(what_is_not_there_is_not_known),
		LOOK(a_disk_is_known_by_its_serial),
		LOOK(a_disk_that_cannot_be_read_is_not_gone),
		LOOK(heads_are_read_after_a_sleep_until_all_are_ours),
		LOOK(blank_disks_after_a_sleep_are_others),
		LOOK(a_first_look_reads_them_where_there_was_a_sleep),
		LOOK(nothing_else_is_a_sleep),
		LOOK(the_mgs_is_taken_over),
		LOOK(the_health_log_of_nvme_is_read),
		LOOK(disks_are_asked_for_it_in_turn),
		LOOK(without_a_mount_table_nothing_has_happened),
		LOOK(a_look_survives_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
