/* SPDX-License-Identifier: Apache-2.0 */

/* The whole of storage on recorded machines: which disks are looked into, and what is told of each.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/file.h"
#include "observe/storage/storage.h"

#include "scenes/recorded_disks.h"
#include "scenes/shortage.h"

static struct recorded machine;
static struct facts facts;

/* Root on EBS, with a partition; a second EBS volume; two instance-store disks. */
static int start(void **state)
{
	(void)state;
	facts = (struct facts){ 0 };
	recorded_start(&machine);
	for (unsigned i = 0; i < 4; i++) {
		char address[16];

		snprintf(address, sizeof(address), "0000:00:%02x.0", 0x1c + i);
		recorded_pci(&machine, address, "0x1d0f");
		recorded_nvme(&machine, i, address, i < 2 ? EBS : STORE, 64 * MIB);
	}
	recorded_partition(&machine, "pci0000:00/0000:00:1c.0/nvme/nvme0/nvme0n1", "nvme0n1p1");
	recorded_link(&machine, "/dev/disk/by-id/nvme-data", "../../nvme1n1");
	recorded_file(&machine, "/proc/self/mountinfo", "22 1 259:4 / / rw - xfs /dev/root rw\n");
	return 0;
}

static int end(void **state)
{
	(void)state;
	facts_done(&facts);
	recorded_end(&machine);
	return 0;
}

static void observe(enum disk_choice disks, const char *name)
{
	const struct storage_options options = {
		.root = machine.root,
		.disks = disks,
		.disks_name = name,
		.probe = true,
	};
	struct error err;

	facts_done(&facts);
	if (storage_observe(&options, &facts, &err) < 0)
		fail_msg("%s", err.text);
}

static void put_signature(const char *device)
{
	recorded_pv(&machine, device, "abcdefghijklmnopqrstuvwxyz012345");
}

static void blank_disks_are_blank(void **state)
{
	(void)state;
	observe(DISKS_INSTANCE_STORE, "");
	assert_int_equal(facts.disk_count, 4);
	assert_int_equal(facts.disks[2].kind, DISK_INSTANCE_STORE);
	assert_int_equal(facts.disks[2].blank, BLANK_YES);
	assert_int_equal(facts.disks[3].blank, BLANK_YES);
	assert_int_equal(facts.disks[3].signature_count, 0);
	assert_false(facts.disks[3].busy);
	assert_int_equal(facts.group_count, 0);
}

static void data_and_signatures_are_told(void **state)
{
	(void)state;
	recorded_write(&machine, "/dev/nvme2n1", 12345, "x", 1);
	put_signature("/dev/nvme3n1");
	recorded_tool(&machine, "lvm", "echo '{\"report\": []}'");
	observe(DISKS_INSTANCE_STORE, "");
	assert_int_equal(facts.disks[2].blank, BLANK_NO);
	assert_string_equal(facts.disks[2].not_blank_because, "data at byte 12345");
	assert_int_equal(facts.disks[3].blank, BLANK_NO);
	assert_string_equal(facts.disks[3].not_blank_because, "LVM2_member signature");
	assert_string_equal(facts.disks[3].signatures[0].type, "LVM2_member");
}

#define MAPPED "lustre--init--0badcafe-ost0017"

/* As a reboot finds them: two disks of a group, with its volume on them. */
static void make_group(const char *mapped)
{
	put_signature("/dev/nvme2n1");
	put_signature("/dev/nvme3n1");
	recorded_file(&machine, "/sys/block/dm-0/dm/name", "%s\n", mapped);
	recorded_file(&machine, "/sys/block/dm-0/dev", "253:0\n");
	recorded_file(&machine, "/sys/block/dm-0/size", "0\n");
	recorded_file(&machine, "/sys/block/dm-0/slaves/nvme2n1", "%s", "");
	recorded_file(&machine, "/sys/block/dm-0/slaves/nvme3n1", "%s", "");
	recorded_tool(&machine, "lvm", "echo lvm >>\"${0%/*}/asked\"; echo '{\"report\": []}'");
	recorded_tool(&machine, "tunefs.lustre", "echo \"$@\" >>\"${0%/*}/looked\"; exit 19");
	recorded_tool(&machine, "debugfs", "echo \"$@\" >>\"${0%/*}/looked\"");
}

/* How many lines a tool has left. */
static size_t count(const char *path)
{
	char *said = NULL;
	size_t lines = 0;

	if (file_read(machine.root, path, 65536, &said, NULL, NULL) < 0)
		return 0;
	for (const char *at = said; (at = strchr(at, '\n')); at++)
		lines++;
	free(said);
	return lines;
}

static void foresee_and_observe(const char *group)
{
	struct state *remembered = calloc(1, sizeof(*remembered));
	struct storage_options options = {
		.root = machine.root,
		.disks = DISKS_INSTANCE_STORE,
		.disks_name = "",
		.probe = true,
	};
	struct error err;

	assert_non_null(remembered);
	remembered->target_count = 1;
	snprintf(remembered->targets[0].group, sizeof(remembered->targets[0].group), "%s", group);
	assert_int_equal(inquiries_new(/* processes= */ NULL, &options.inquiries, &err), 0);
	storage_foresee(machine.root, remembered, options.inquiries);
	if (storage_observe(&options, &facts, &err) < 0)
		fail_msg("%s", err.text);
	inquiries_free(options.inquiries);
	free(remembered);
}

/* Word for word what the look asks then, or it would be asked twice. */
static void what_is_remembered_is_foreseen(void **state)
{
	(void)state;
	make_group(MAPPED);
	foresee_and_observe("lustre-init-0badcafe");
	assert_int_equal(facts.disk_count, 5);
	assert_int_equal(count("/tools/asked"), 1);
	assert_int_equal(count("/tools/looked"), 2);
}

/* Another's volumes are not looked into, whatever lies beside them. */
static void what_is_not_remembered_is_left_alone(void **state)
{
	static const char *const others[] = { "lustre--init--0badcafe--2-ost0017", "data-lv0",
					      "lustre-init--0badcafe-ost0017" };

	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		make_group(others[i]);
		foresee_and_observe("lustre-init-0badcafe");
		assert_int_equal(count("/tools/looked"), 0);
		assert_int_equal(count("/tools/asked"), i + 1); /* by the look itself */
		facts_done(&facts);
		facts = (struct facts){ 0 };
	}
}

/* As a pvcreate leaves a disk that was cut off, with and without its label. */
static void the_head_of_a_pv_is_told_apart(void **state)
{
	static const char area[] = "\x4f\x5d\x3c\x11 LVM2 x[5A%r0N*>";

	(void)state;
	recorded_write(&machine, "/dev/nvme2n1", 4096, area, sizeof(area));
	put_signature("/dev/nvme3n1");
	recorded_tool(&machine, "lvm", "echo '{\"report\": []}'");
	observe(DISKS_INSTANCE_STORE, "");
	assert_true(facts.disks[2].only_lvm_head);
	assert_true(facts.disks[3].only_lvm_head);
	recorded_write(&machine, "/dev/nvme2n1", 0, "x", 1);
	observe(DISKS_INSTANCE_STORE, "");
	assert_false(facts.disks[2].only_lvm_head);
}

static void what_lies_behind_the_head_of_a_pv_is_seen(void **state)
{
	(void)state;
	put_signature("/dev/nvme3n1");
	recorded_write(&machine, "/dev/nvme3n1", 2 * MIB, "x", 1);
	recorded_tool(&machine, "lvm", "echo '{\"report\": []}'");
	observe(DISKS_INSTANCE_STORE, "");
	assert_false(facts.disks[3].only_lvm_head);
}

static void a_disk_whose_group_can_be_read_is_no_half_a_pv(void **state)
{
	static const char report[] = "echo '{\"report\": [{\"pv\": [{\"pv_name\": \"/dev/sdf\", "
				     "\"pv_major\": \"259\", \"pv_minor\": \"3\", "
				     "\"pv_uuid\": \"pv-1\", \"vg_uuid\": \"vg-1\"}]}]}'";

	(void)state;
	put_signature("/dev/nvme3n1");
	recorded_tool(&machine, "lvm", report);
	observe(DISKS_INSTANCE_STORE, "");
	assert_string_equal(facts.disks[3].vg_uuid, "vg-1");
	assert_false(facts.disks[3].only_lvm_head);
}

/* pvcreate had wiped the ext3 that EC2 leaves, and not yet written its label. */
static void what_is_left_of_an_ext3_is_told(void **state)
{
	(void)state;
	recorded_device(&machine, "/dev/nvme3n1", 256 * MIB);
	recorded_write(&machine, "/dev/nvme2n1", 8192, "x", 1);
	recorded_write(&machine, "/dev/nvme3n1", 8192, "\xff", 1);
	recorded_write(&machine, "/dev/nvme3n1", 128 * MIB + 0x38, "\x53\xef", 2);
	observe(DISKS_INSTANCE_STORE, "");
	assert_false(facts.disks[2].beheaded_ext);
	assert_true(facts.disks[3].beheaded_ext);
	assert_false(facts.disks[3].only_lvm_head);
}

/* What is neither instance store nor named is not opened: its content stays unknown. */
static void others_are_left_alone(void **state)
{
	(void)state;
	recorded_write(&machine, "/dev/nvme0n1", 0, "x", 1);
	recorded_write(&machine, "/dev/nvme1n1", 0, "x", 1);
	put_signature("/dev/nvme1n1");
	recorded_tool(&machine, "lvm", "exit 5");
	observe(DISKS_INSTANCE_STORE, "");
	assert_int_equal(facts.disks[0].kind, DISK_EBS);
	assert_int_equal(facts.disks[0].blank, BLANK_UNKNOWN);
	assert_int_equal(facts.disks[1].blank, BLANK_UNKNOWN);
	assert_int_equal(facts.disks[1].signature_count, 0);
	assert_string_equal(facts.disks[0].mounts.items[0], "/");
	assert_string_equal(facts.disks[0].partitions.items[0], "nvme0n1p1");
}

static void a_named_disk_is_looked_into(void **state)
{
	(void)state;
	recorded_write(&machine, "/dev/nvme1n1", 0, "x", 1);
	observe(DISKS_PATH, "/dev/disk/by-id/nvme-data");
	assert_string_equal(facts.disks[1].not_blank_because, "data at byte 0");
	/* Instance store too: a group of ours may lie there from before. */
	assert_int_equal(facts.disks[2].blank, BLANK_YES);
	assert_int_equal(facts.disks[0].blank, BLANK_UNKNOWN);
}

static void an_unreadable_disk_is_unknown_and_says_why(void **state)
{
	char path[4096];

	(void)state;
	recorded_path(&machine, "/dev/nvme2n1", path);
	assert_int_equal(unlink(path), 0);
	observe(DISKS_INSTANCE_STORE, "");
	assert_int_equal(facts.disks[2].blank, BLANK_UNKNOWN);
	assert_non_null(strstr(facts.disks[2].not_blank_because, "nvme2n1"));
	assert_int_equal(facts.disks[3].blank, BLANK_YES);
}

/* Ours, active, with a volume on dm-0 that is mounted: everything joins by kernel names. */
static void a_running_target_is_seen_whole(void **state)
{
	static const char uuid[] = "LVM-LDTxfApw8Fc7V7TiA9dPB5aamdzAePh3"
				   "vKk73pTxNK0uqnFUZIcT1ySuK1Sys5jb";
	const struct volume *volume;
	char script[4096], report[4096];

	(void)state;
	put_signature("/dev/nvme2n1");
	recorded_mapper(&machine, "dm-0", "lustre--init--1234abcd-ost0017", uuid,
			"pci0000:00/0000:00:1e.0/nvme/nvme2/nvme2n1");
	recorded_file(&machine, "/proc/self/mountinfo",
		      "22 1 259:4 / / rw - xfs /dev/root rw\n"
		      "23 22 0:50 / /srv/lustre/lustrewt-OST0017 rw - lustre "
		      "/dev/mapper/lustre--init--1234abcd-ost0017 rw\n");
	assert_non_null(getcwd(report, sizeof(report)));
	snprintf(script, sizeof(script), "exec cat %.2000s/tests/unit/data/lvm/disk-missing.json",
		 report);
	recorded_tool(&machine, "lvm", script);
	observe(DISKS_INSTANCE_STORE, "");
	assert_int_equal(facts.group_count, 1);
	volume = &facts.groups[0].volumes[1];
	assert_true(volume->active);
	assert_string_equal(volume->device, "dm-0");
	assert_false(facts.groups[0].volumes[0].active);
	assert_string_equal(facts_mount_at(&facts, "/srv/lustre/lustrewt-OST0017")->device, "dm-0");
	for (size_t i = 0; i < facts.disk_count; i++) {
		if (strcmp(facts.disks[i].name, "nvme2n1") != 0)
			continue;
		assert_string_equal(facts.disks[i].holders.items[0], volume->device);
		assert_string_equal(facts.disks[i].mounts.items[0], "/srv/lustre/lustrewt-OST0017");
	}
	/* The volume itself is a row, and no candidate. */
	assert_string_equal(facts.disks[0].name, "dm-0");
	assert_int_equal(facts.disks[0].kind, DISK_OTHER);
	assert_int_equal(facts.disks[0].blank, BLANK_UNKNOWN);
}

static void without_probing_nothing_is_opened(void **state)
{
	const struct storage_options options = { .root = machine.root, .disks_name = "" };
	struct error err;

	(void)state;
	put_signature("/dev/nvme3n1");
	recorded_tool(&machine, "lvm", "exit 5");
	assert_int_equal(storage_observe(&options, &facts, &err), 0);
	assert_int_equal(facts.disks[3].kind, DISK_INSTANCE_STORE);
	assert_int_equal(facts.disks[3].blank, BLANK_UNKNOWN);
	assert_int_equal(facts.disks[3].signature_count, 0);
}

static void facts_of_a_machine_survive_json(void **state)
{
	json_t *written, *again;
	struct facts copy;

	(void)state;
	recorded_write(&machine, "/dev/nvme2n1", 12345, "x", 1);
	observe(DISKS_INSTANCE_STORE, "");
	written = facts_to_json(&facts);
	assert_int_equal(facts_from_json(written, &copy, NULL), 0);
	again = facts_to_json(&copy);
	assert_true(json_equal(written, again));
	facts_done(&copy);
	json_decref(written);
	json_decref(again);
}

/* However few descriptors there are: all is seen, or nothing is said. */
static void few_descriptors_make_no_other_machine(void **state)
{
	const struct storage_options options = {
		.root = machine.root,
		.disks_name = "",
		.probe = true,
	};
	json_t *whole;
	unsigned failed = 0;

	(void)state;
	observe(DISKS_INSTANCE_STORE, "");
	whole = facts_to_json(&facts);
	for (rlim_t few = 0; few < 16; few++) {
		struct facts seen = { 0 };
		struct shortage shortage;
		struct error err;
		json_t *json;
		int r;

		shortage_of(&shortage, few);
		r = storage_observe(&options, &seen, &err);
		shortage_end(&shortage);
		failed += r < 0;
		json = facts_to_json(&seen);
		if (r == 0 && !json_equal(whole, json))
			fail_msg("%u descriptors: %s", (unsigned)few,
				 json_dumps(json, JSON_INDENT(1)));
		json_decref(json);
		facts_done(&seen);
	}
	assert_true(failed >= 4 && failed <= 15);
	json_decref(whole);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(blank_disks_are_blank, start, end),
		cmocka_unit_test_setup_teardown(data_and_signatures_are_told, start, end),
		cmocka_unit_test_setup_teardown(what_is_remembered_is_foreseen, start, end),
		cmocka_unit_test_setup_teardown(what_is_not_remembered_is_left_alone, start, end),
		cmocka_unit_test_setup_teardown(the_head_of_a_pv_is_told_apart, start, end),
		cmocka_unit_test_setup_teardown(a_disk_whose_group_can_be_read_is_no_half_a_pv,
						start, end),
		cmocka_unit_test_setup_teardown(what_is_left_of_an_ext3_is_told, start, end),
		cmocka_unit_test_setup_teardown(what_lies_behind_the_head_of_a_pv_is_seen, start,
						end),
		cmocka_unit_test_setup_teardown(others_are_left_alone, start, end),
		cmocka_unit_test_setup_teardown(a_named_disk_is_looked_into, start, end),
		cmocka_unit_test_setup_teardown(an_unreadable_disk_is_unknown_and_says_why, start,
						end),
		cmocka_unit_test_setup_teardown(a_running_target_is_seen_whole, start, end),
		cmocka_unit_test_setup_teardown(without_probing_nothing_is_opened, start, end),
		cmocka_unit_test_setup_teardown(facts_of_a_machine_survive_json, start, end),
		cmocka_unit_test_setup_teardown(few_descriptors_make_no_other_machine, start, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
