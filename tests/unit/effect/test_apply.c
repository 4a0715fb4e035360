/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Running a plan: nothing is written to a disk that is not what the plan saw, nor to those beside
 * it (law 3), and what failed ends what waits for nothing.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scenes/apply.h"

#include <errno.h>

static void make_plan(struct apply_scene *s)
{
	int check, create;

	apply_start(s);
	check = apply_add(s, ACTION_CHECK_DISKS, -1, -1);
	apply_add(s, ACTION_CREATE_PV, 0, check);
	apply_add(s, ACTION_CREATE_PV, 1, check);
	create = apply_add(s, ACTION_CREATE_GROUP, -1, check + 1);
	plan_need(&s->plan, create, check + 2);
}

/* So, with this sentence in its text, and LVM was never called. */
static void expect_ended(struct apply_scene *s, enum outcome_kind kind, const char *sentence)
{
	const struct outcome *check;

	apply_run(s);
	check = apply_outcome(s, ACTION_CHECK_DISKS);
	assert_int_equal(check->kind, kind);
	if (!strstr(check->text, sentence))
		fail_msg("\"%s\" is not in \"%s\"", sentence, check->text);
	assert_false(apply_called(s, ""));
	assert_int_equal(apply_outcome(s, ACTION_CREATE_PV)->kind, OUTCOME_SKIPPED);
	assert_int_equal(apply_outcome(s, ACTION_CREATE_GROUP)->kind, OUTCOME_SKIPPED);
}

static void expect_refused(struct apply_scene *s, const char *sentence)
{
	expect_ended(s, OUTCOME_REFUSED, sentence);
}

static void mke2fs(struct apply_scene *s, const char *type)
{
	const char *const argv[] = { "mke2fs", "-q", "-F",
				     "-t",     type, s->plan.groups[0].disks[1].path,
				     NULL };

	recorded_program(argv);
}

static void put_a_file(struct apply_scene *s)
{
	const char *const argv[] = {
		"debugfs", "-w", "-R", "write /etc/hostname name", s->plan.groups[0].disks[1].path,
		NULL
	};

	recorded_program(argv);
}

static void disks_as_planned_become_a_group(void **state)
{
	struct apply_scene s;

	(void)state;
	make_plan(&s);
	apply_run(&s);
	assert_int_equal(apply_outcome(&s, ACTION_CREATE_GROUP)->kind, OUTCOME_DONE);
	assert_true(apply_called(&s, "--uuid abcdef-ghij-klmn-opqr-stuv-wxyz-012341"));
	assert_true(apply_called(&s, "--uuid abcdef-ghij-klmn-opqr-stuv-wxyz-012342"));
	assert_true(apply_called(&s, "vgcreate"));
	/* An image of this node, or a snapshot, is not to find its volumes active. */
	assert_true(apply_called(&s, "--setautoactivation n"));
	assert_false(apply_called(&s, "--yes"));
	apply_end(&s);
}

/* Whatever lvm.conf says of volumes that may be activated. */
static void our_own_volumes_may_be_activated(void **state)
{
	static const enum action_kind kinds[] = { ACTION_CREATE_GROUP, ACTION_ACTIVATE_GROUP };

	(void)state;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct apply_scene s;

		apply_start(&s);
		apply_add(&s, kinds[i], -1, -1);
		apply_run(&s);
		assert_true(apply_called(&s, "volume_list=[\"lustre-init-0badcafe\"] "
					     "read_only_volume_list=[]"));
		apply_end(&s);
	}
}

static void data_on_one_disk_spares_them_all(void **state)
{
	struct apply_scene s;

	(void)state;
	make_plan(&s);
	recorded_write(&s.machine, "/dev/nvme2n1", 0, "somebody's", 10);
	expect_refused(&s, "(serial AWS2): it holds data now");
	apply_end(&s);
}

/* Only the samples see it; create-pv by itself would not. */
static void data_in_the_middle_spares_them_all(void **state)
{
	static char block[MIB];
	struct apply_scene s;

	(void)state;
	make_plan(&s);
	memset(block, 'x', sizeof(block));
	recorded_write(&s.machine, "/dev/nvme2n1", 32 * MIB, block, sizeof(block));
	expect_refused(&s, "(serial AWS2): it holds data now");
	apply_end(&s);
}

static void a_signature_on_one_disk_spares_them_all(void **state)
{
	struct apply_scene s;

	(void)state;
	make_plan(&s);
	mke2fs(&s, "ext4");
	expect_refused(&s, "(serial AWS2): it carries a signature now");
	apply_end(&s);
}

static void a_disk_of_another_size_spares_them_all(void **state)
{
	struct apply_scene s;

	(void)state;
	make_plan(&s);
	s.plan.groups[0].disks[1].size += MIB;
	expect_refused(&s, "(serial AWS2): its size changed");
	apply_end(&s);
}

static void a_disk_that_is_gone_spares_them_all(void **state)
{
	char path[4096];
	struct apply_scene s;

	(void)state;
	make_plan(&s);
	recorded_path(&s.machine, "/dev/nvme2n1", path);
	assert_int_equal(unlink(path), 0);
	/* It may come back, or the next look says that it is gone: nothing that a person decides.
	 */
	expect_ended(&s, OUTCOME_FAILED, "(serial AWS2): cannot open");
	assert_true(apply_outcome(&s, ACTION_CHECK_DISKS)->passing);
	apply_end(&s);
}

/* Neither udev nor another run comes between the last look and the write. */
static void a_disk_is_locked_while_it_is_written(void **state)
{
	struct apply_scene s;

	(void)state;
	make_plan(&s);
	apply_tool(&s, "lvm",
		   "for disk; do :; done\n"
		   "[ \"$1\" != pvcreate ] || ! flock --nonblock \"$disk\" true");
	apply_run(&s);
	assert_int_equal(apply_outcome(&s, ACTION_CREATE_PV)->kind, OUTCOME_DONE);
	assert_int_equal(apply_outcome(&s, ACTION_CREATE_GROUP)->kind, OUTCOME_DONE);
	apply_end(&s);
}

/* What outlives a run that was killed is met by the next at the locks: of the run, of the disk. */
static void tools_that_write_keep_the_locks(void **state)
{
	char path[4096], words[4096];
	struct apply_scene s;

	(void)state;
	make_plan(&s);
	recorded_file(&s.machine, "/lock", "%s", "");
	recorded_path(&s.machine, "/lock", path);
	s.lock = open(path, O_RDONLY | O_CLOEXEC);
	recorded_path(&s.machine, "/calls", path);
	snprintf(words, sizeof(words), "readlink /proc/$$/fd/* | tr '\\n' ' ' >>%.3000s", path);
	apply_tool(&s, "lvm", words);
	apply_run(&s);
	snprintf(words, sizeof(words), "\n%s/lock ", s.machine.root);
	assert_true(apply_called(&s, words));
	snprintf(words, sizeof(words), "] %s ", s.plan.groups[0].disks[0].path);
	assert_true(apply_called(&s, words));
	close(s.lock);
	apply_end(&s);
}

/* Data that came between the check of all and the write of one. */
static void each_disk_is_looked_at_right_before_its_write(void **state)
{
	struct apply_scene s;

	(void)state;
	make_plan(&s);
	s.plan.actions[0].kind = ACTION_CREATE_PV; /* of the first disk, in place of the check */
	s.plan.actions[0].item = 0;
	recorded_write(&s.machine, "/dev/nvme2n1", 0, "somebody's", 10);
	apply_run(&s);
	assert_false(apply_called(&s, "012342"));
	assert_false(apply_called(&s, "vgcreate"));
	apply_end(&s);
}

static void an_empty_ext3_is_overwritten_with_consent(void **state)
{
	struct apply_scene s;

	(void)state;
	make_plan(&s);
	mke2fs(&s, "ext3");
	s.plan.groups[0].disks[1].holds = PLAN_DISK_EMPTY_EXT3;
	apply_run(&s);
	assert_int_equal(apply_outcome(&s, ACTION_CREATE_GROUP)->kind, OUTCOME_DONE);
	assert_true(apply_called(&s, "--yes --uuid abcdef-ghij-klmn-opqr-stuv-wxyz-012342"));
	apply_end(&s);
}

static void a_file_in_the_ext3_takes_the_consent_away(void **state)
{
	struct apply_scene s;

	(void)state;
	make_plan(&s);
	mke2fs(&s, "ext3");
	put_a_file(&s);
	s.plan.groups[0].disks[1].holds = PLAN_DISK_EMPTY_EXT3;
	expect_refused(&s, "(serial AWS2): it held an empty ext3");
	apply_end(&s);
}

/* Consent was to an ext3, and a partition table is there beside it by now. */
static void a_second_signature_takes_the_consent_away(void **state)
{
	static const unsigned char table[] = { 0, 0, 2, 0, 0x83, 0, 0, 0, 0, 8, 0, 0, 0, 8, 0, 0 };
	struct apply_scene s;

	(void)state;
	make_plan(&s);
	mke2fs(&s, "ext3");
	recorded_write(&s.machine, "/dev/nvme2n1", 446, table, sizeof(table));
	recorded_write(&s.machine, "/dev/nvme2n1", 510, "\x55\xaa", 2);
	s.plan.groups[0].disks[1].holds = PLAN_DISK_EMPTY_EXT3;
	expect_refused(&s, "(serial AWS2): it carries another signature");
	apply_end(&s);
}

static void a_pv_that_is_not_the_one_written_down_is_left_alone(void **state)
{
	struct apply_scene s;

	(void)state;
	make_plan(&s);
	recorded_pv(&s.machine, "/dev/nvme2n1", "abcdefghijklmnopqrstuvwxyz012399");
	s.plan.groups[0].disks[1].holds = PLAN_DISK_OUR_PV;
	expect_refused(&s, "(serial AWS2): it held a PV of ours");
	apply_end(&s);
}

/* As a pvcreate leaves a disk that was killed before it wrote the label. */
static void leave_half_a_pv(struct apply_scene *s)
{
	static const char header[] = "\x4f\x5d\x3c\x11 LVM2 x[5A%r0N*>";

	make_plan(s);
	apply_tool(s, "blkdiscard", "");
	recorded_write(&s->machine, "/dev/nvme2n1", 4096, header, sizeof(header));
	s->plan.groups[0].disks[1].holds = PLAN_DISK_BEGUN;
}

static void half_a_pv_is_cleared_and_made_anew(void **state)
{
	struct apply_scene s;

	(void)state;
	leave_half_a_pv(&s);
	apply_run(&s);
	assert_int_equal(apply_outcome(&s, ACTION_CREATE_GROUP)->kind, OUTCOME_DONE);
	assert_true(apply_called(&s, "blkdiscard --zeroout --length 1048576"));
	assert_true(apply_called(&s, "--uuid abcdef-ghij-klmn-opqr-stuv-wxyz-012342"));
	apply_end(&s);
}

static void data_beyond_half_a_pv_spares_them_all(void **state)
{
	struct apply_scene s;

	(void)state;
	leave_half_a_pv(&s);
	recorded_write(&s.machine, "/dev/nvme2n1", 2 * MIB, "somebody's", 10);
	expect_refused(&s, "(serial AWS2): it held a PV cut off in the making");
	apply_end(&s);
}

static void data_in_the_head_spares_them_all(void **state)
{
	struct apply_scene s;

	(void)state;
	leave_half_a_pv(&s);
	recorded_write(&s.machine, "/dev/nvme2n1", 0, "somebody's", 10);
	expect_refused(&s, "(serial AWS2): it held a PV cut off in the making");
	apply_end(&s);
}

/* As a pvcreate over an ext3 leaves a disk that was cut off before the label was there. */
static void leave_half_a_pv_over_an_ext3(struct apply_scene *s)
{
	struct plan_disk *disk;

	make_plan(s);
	apply_tool(s, "blkdiscard", "");
	disk = &s->plan.groups[0].disks[1];
	recorded_device(&s->machine, "/dev/nvme2n1", 256 * MIB);
	recorded_write(&s->machine, "/dev/nvme2n1", 8192, "x", 1);
	disk->size = 256 * MIB;
	disk->holds = PLAN_DISK_BEGUN_EXT3;
}

static void half_a_pv_over_an_ext3_is_made_anew(void **state)
{
	struct apply_scene s;

	(void)state;
	leave_half_a_pv_over_an_ext3(&s);
	recorded_write(&s.machine, "/dev/nvme2n1", 128 * MIB + 0x38, "\x53\xef", 2);
	apply_run(&s);
	assert_int_equal(apply_outcome(&s, ACTION_CREATE_GROUP)->kind, OUTCOME_DONE);
	assert_true(apply_called(&s, "blkdiscard --zeroout"));
	apply_end(&s);
}

static void without_the_rest_of_an_ext3_it_is_data(void **state)
{
	struct apply_scene s;

	(void)state;
	leave_half_a_pv_over_an_ext3(&s);
	expect_refused(&s, "(serial AWS2): it held what was left of an ext3");
	apply_end(&s);
}

static void plan_a_repair(struct apply_scene *s)
{
	apply_start(s);
	apply_add(s, ACTION_REPAIR_PV, 0, -1);
	recorded_pv(&s->machine, "/dev/nvme1n1", "abcdefghijklmnopqrstuvwxyz012341");
	s->plan.groups[0].disks[0].holds = PLAN_DISK_OUR_PV;
}

static void a_pv_is_repaired_from_lvms_own_copy(void **state)
{
	struct apply_scene s;

	(void)state;
	plan_a_repair(&s);
	recorded_file(&s.machine, "/etc/lvm/backup/lustre-init-0badcafe", "contents");
	apply_run(&s);
	assert_int_equal(apply_outcome(&s, ACTION_REPAIR_PV)->kind, OUTCOME_DONE);
	assert_true(apply_called(&s, "pvck"));
	assert_true(apply_called(&s, "/etc/lvm/backup/lustre-init-0badcafe"));
	/* Without it, pvck would go by the name that the disk had when the copy was made. */
	assert_true(apply_called(&s, "--settings pv_uuid=abcdef-ghij-klmn-opqr-stuv-wxyz-012341 "));
	apply_end(&s);
}

/* Ended with 0, and the disk is the other PV now: no stripe is read in that order. */
static void a_repair_that_made_another_pv_is_none(void **state)
{
	const struct outcome *outcome;
	struct apply_scene s;
	char script[1024];

	(void)state;
	plan_a_repair(&s);
	recorded_file(&s.machine, "/etc/lvm/backup/lustre-init-0badcafe", "contents");
	snprintf(script, sizeof(script),
		 "printf 2 | dd of=%s bs=1 seek=575 conv=notrunc status=none",
		 s.plan.groups[0].disks[0].path);
	apply_tool(&s, "lvm", script);
	apply_run(&s);
	outcome = apply_outcome(&s, ACTION_REPAIR_PV);
	assert_int_equal(outcome->kind, OUTCOME_FAILED);
	assert_non_null(strstr(outcome->text, "(serial AWS1) PV abcdef-ghij-klmn-opqr-stuv-wxyz-"
					      "012342, and it was PV abcdef-ghij-klmn-opqr-stuv-"
					      "wxyz-012341"));
	apply_end(&s);
}

static void without_that_copy_nothing_is_repaired(void **state)
{
	struct apply_scene s;

	(void)state;
	plan_a_repair(&s);
	apply_run(&s);
	assert_int_equal(apply_outcome(&s, ACTION_REPAIR_PV)->kind, OUTCOME_REFUSED);
	assert_false(apply_called(&s, ""));
	apply_end(&s);
}

/* Nothing listens on port 988 here: left alone, the wait would go on until its deadline. */
static void a_wait_for_nothing_is_given_up(void **state)
{
	struct apply_scene s;
	int wait, mount;

	(void)state;
	make_plan(&s);
	recorded_write(&s.machine, "/dev/nvme2n1", 0, "somebody's", 10);
	assert_int_equal(words_add(&s.plan.mgs_nids, "127.0.0.1@tcp"), 0);
	wait = apply_add(&s, ACTION_WAIT_MGS, -1, -1);
	mount = apply_add(&s, ACTION_MOUNT, -1, wait);
	plan_need(&s.plan, mount, 3); /* the group */
	expect_refused(&s, "it holds data now");
	assert_int_equal(apply_outcome(&s, ACTION_WAIT_MGS)->kind, OUTCOME_SKIPPED);
	assert_int_equal(apply_outcome(&s, ACTION_MOUNT)->kind, OUTCOME_SKIPPED);
	apply_end(&s);
}

/* What `script` makes of an action that calls one tool, within `tool_usec`. */
static struct outcome tool_ends(const char *script, enum action_kind kind, uint64_t tool_usec)
{
	struct outcome outcome;
	struct apply_scene s;

	apply_start(&s);
	s.patience.tool_usec = tool_usec;
	apply_add(&s, kind, -1, -1);
	if (kind == ACTION_LOAD_LNET)
		s.plan.actions[0].group = -1;
	apply_tool(&s, "lvm", script);
	apply_tool(&s, "modprobe", script);
	apply_run(&s);
	outcome = *apply_outcome(&s, kind);
	apply_end(&s);
	return outcome;
}

/* What another try may mend; what a tool says itself is its last word. */
static void what_was_ended_may_pass(void **state)
{
	static const enum action_kind kinds[] = { ACTION_ACTIVATE_GROUP, ACTION_LOAD_LNET };
	const uint64_t minute = 60 * 1000000ULL;

	(void)state;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct outcome outcome = tool_ends("exec sleep 1000", kinds[i], 200000);

		assert_non_null(strstr(outcome.text, "did not end in"));
		assert_int_equal(outcome.code, ETIMEDOUT);
		assert_true(outcome.passing);
		outcome = tool_ends("kill -9 $$", kinds[i], minute);
		assert_non_null(strstr(outcome.text, "was ended by signal 9"));
		assert_true(outcome.passing);
		outcome = tool_ends("exit 5", kinds[i], minute);
		assert_int_equal(outcome.kind, OUTCOME_FAILED);
		assert_false(outcome.passing);
	}
}

/* What takes its time between steps would be on each chain of tools. */
static void all_is_started_before_the_rest(void **state)
{
	static const char first_alone[] = "activate-group lustre-init-0badcafe\n--\n";
	static const char then_both[] = "activate-group lustre-init-0badcafe\n"
					"activate-group lustre-init-0badcafe\n--\n";
	struct apply_scene s;
	int first;

	(void)state;
	apply_start(&s);
	s.tell_rests = true;
	first = apply_add(&s, ACTION_ACTIVATE_GROUP, -1, -1);
	apply_add(&s, ACTION_ACTIVATE_GROUP, -1, first);
	apply_add(&s, ACTION_ACTIVATE_GROUP, -1, first);
	apply_run(&s);
	if (strncmp(s.told, first_alone, strlen(first_alone)) != 0 || !strstr(s.told, then_both))
		fail_msg("%s", s.told);
	apply_end(&s);
}

static void a_slow_tool_is_told(void **state)
{
	struct apply_scene s;

	(void)state;
	apply_start(&s);
	s.patience.told_usec = 100000;
	apply_add(&s, ACTION_ACTIVATE_GROUP, -1, -1);
	apply_tool(&s, "lvm", "sleep 1");
	apply_run(&s);
	assert_int_equal(apply_outcome(&s, ACTION_ACTIVATE_GROUP)->kind, OUTCOME_DONE);
	assert_non_null(strstr(s.told, "activate-group lustre-init-0badcafe: lvm vgchange has been "
				       "at work for 0 s"));
	apply_end(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(disks_as_planned_become_a_group),
		cmocka_unit_test(our_own_volumes_may_be_activated),
		cmocka_unit_test(data_on_one_disk_spares_them_all),
		cmocka_unit_test(data_in_the_middle_spares_them_all),
		cmocka_unit_test(a_signature_on_one_disk_spares_them_all),
		cmocka_unit_test(a_disk_of_another_size_spares_them_all),
		cmocka_unit_test(a_disk_that_is_gone_spares_them_all),
		cmocka_unit_test(a_disk_is_locked_while_it_is_written),
		cmocka_unit_test(tools_that_write_keep_the_locks),
		cmocka_unit_test(each_disk_is_looked_at_right_before_its_write),
		cmocka_unit_test(an_empty_ext3_is_overwritten_with_consent),
		cmocka_unit_test(a_file_in_the_ext3_takes_the_consent_away),
		cmocka_unit_test(a_second_signature_takes_the_consent_away),
		cmocka_unit_test(a_pv_that_is_not_the_one_written_down_is_left_alone),
		cmocka_unit_test(half_a_pv_is_cleared_and_made_anew),
		cmocka_unit_test(data_beyond_half_a_pv_spares_them_all),
		cmocka_unit_test(data_in_the_head_spares_them_all),
		cmocka_unit_test(half_a_pv_over_an_ext3_is_made_anew),
		cmocka_unit_test(without_the_rest_of_an_ext3_it_is_data),
		cmocka_unit_test(a_pv_is_repaired_from_lvms_own_copy),
		cmocka_unit_test(a_repair_that_made_another_pv_is_none),
		cmocka_unit_test(without_that_copy_nothing_is_repaired),
		cmocka_unit_test(a_wait_for_nothing_is_given_up),
		cmocka_unit_test(what_was_ended_may_pass),
		cmocka_unit_test(all_is_started_before_the_rest),
		cmocka_unit_test(a_slow_tool_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
