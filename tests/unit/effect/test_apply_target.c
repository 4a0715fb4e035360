/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What is done to volumes and targets, and what is looked at first: mkfs.lustre passes -F to mke2fs
 * and overwrites anything, lvcreate -y wipes anything, and a label is on the medium later than it
 * is in the page cache (all measured).
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scenes/apply_target.h"

#include <errno.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <unistd.h>

static void mkswap(const struct plan_target *target)
{
	const char *const argv[] = { "mkswap", target->device, NULL };

	recorded_program(argv);
}

static void expect_refused(struct apply_scene *s, enum action_kind kind, const char *words)
{
	const struct outcome *outcome;

	apply_run(s);
	outcome = apply_outcome(s, kind);
	assert_int_equal(outcome->kind, OUTCOME_REFUSED);
	if (!strstr(outcome->text, words))
		fail_msg("\"%s\" is not in \"%s\"", words, outcome->text);
	assert_false(apply_called(s, ""));
}

/* S3: a signature that the new volume lets through from what was there before is seen, not wiped.
 */
static void volumes_are_made_without_wiping(void **state)
{
	struct apply_scene s;

	(void)state;
	make_plan(&s, ACTION_CREATE_VOLUME);
	apply_run(&s);
	assert_int_equal(apply_outcome(&s, ACTION_CREATE_VOLUME)->kind, OUTCOME_DONE);
	assert_true(apply_called(&s, "--wipesignatures n --zero n"));
	assert_true(apply_called(&s, "--stripes 2 --stripesize 262144b"));
	assert_false(apply_called(&s, "--yes"));
	apply_end(&s);
}

/* A share LVM would cut down to what there is; a size it makes, or fails. */
static void a_volume_is_made_of_its_size(void **state)
{
	struct apply_scene s;

	(void)state;
	make_plan(&s, ACTION_CREATE_VOLUME)->size.bytes = 1073741824;
	apply_run(&s);
	assert_true(apply_called(&s, " --size 1073741824b "));
	assert_false(apply_called(&s, "--extents"));
	apply_end(&s);
	make_plan(&s, ACTION_CREATE_VOLUME);
	apply_run(&s);
	assert_true(apply_called(&s, " --extents 100%FREE "));
	apply_end(&s);
}

/* Nothing is baked into, or lost from, an AMI. */
static void lvm_sees_the_disks_of_the_group_alone(void **state)
{
	static const enum action_kind kinds[] = { ACTION_CREATE_VOLUME, ACTION_ADOPT_GROUP,
						  ACTION_ACTIVATE_GROUP, ACTION_TAG };

	(void)state;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct apply_scene s;
		char words[2048];

		make_plan(&s, kinds[i]);
		apply_run(&s);
		snprintf(words, sizeof(words), "--devices %s --devices %s",
			 s.plan.groups[0].disks[0].path, s.plan.groups[0].disks[1].path);
		assert_true(apply_called(&s, words));
		assert_true(apply_called(&s, "--devicesfile  --config devices {"));
		apply_end(&s);
	}
}

/* A group of a host that was called otherwise: LVM is told that this is it. */
static void a_group_with_a_system_id_is_written_as_its_host(void **state)
{
	struct apply_scene s;

	(void)state;
	make_plan(&s, ACTION_TAG);
	strcpy(s.plan.groups[0].system_id, "ip-10-0-0-17");
	apply_run(&s);
	assert_true(apply_called(&s, "local { system_id=\"ip-10-0-0-17\" }"));
	apply_end(&s);
}

/* S8: LVM sends no flush of its own, and a header without its text is a group that is lost. */
static void what_lvm_wrote_is_flushed(void **state)
{
	static const enum action_kind kinds[] = { ACTION_CREATE_GROUP, ACTION_CREATE_VOLUME,
						  ACTION_ADOPT_GROUP, ACTION_TAG };

	(void)state;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct apply_scene s;
		char words[2048];

		make_plan(&s, kinds[i]);
		apply_tool(&s, "sync", "");
		apply_run(&s);
		snprintf(words, sizeof(words), "\nsync %s %s\n", s.plan.groups[0].disks[0].path,
			 s.plan.groups[0].disks[1].path);
		assert_true(apply_called(&s, words));
		apply_end(&s);
	}
}

/* What a name under /dev leads to is the kernel's word, not the name's. */
static void another_device_behind_the_name_is_not_touched(void **state)
{
	static const struct {
		const char *file, *text, *refused;
	} changes[] = {
		{ "dm/name", "rl-root", "which LVM calls otherwise" },
		{ "dm/uuid", "CRYPT-LUKS2-0123456789abcdef-x", "has not the UUID" },
		{ "dm/uuid", "LVM-bbcdefghijklmnopqrstuvwxyz012345ABCDEFGHIJKLMNOPQRSTUVWXYZ012345",
		  "has not the UUID" },
		{ "dm/uuid", "LVM-abcdefghijklmnopqrstuvwxyz012345ABCDEFGHIJKLMNOPQRSTUVWXYZ01234x",
		  "has not the UUID" },
		{ "dm/uuid",
		  "LVM-abcdefghijklmnopqrstuvwxyz012345ABCDEFGHIJKLMNOPQRSTUVWXYZ012345-real",
		  "has not the UUID" },
		{ "slaves/nvme3n1", "", "does not lie on the disks of its group" },
	};
	static const enum action_kind kinds[] = { ACTION_FORMAT,         ACTION_VERIFY_FORMAT,
						  ACTION_REPLAY_JOURNAL, ACTION_REPAIR_LABEL,
						  ACTION_MOUNT,          ACTION_SETTLE };

	(void)state;
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
			struct plan_target *target;
			struct apply_scene s;
			char path[128];

			target = make_plan(&s, kinds[k]);
			strcpy(s.plan.groups[0].uuid, "abcdef-ghij-klmn-opqr-stuv-wxyz-012345");
			strcpy(target->volume_uuid, "ABCDEF-GHIJ-KLMN-OPQR-STUV-WXYZ-012345");
			snprintf(path, sizeof(path), "/sys/block/dm-0/%s", changes[i].file);
			recorded_file(&s.machine, path, "%s\n", changes[i].text);
			expect_refused(&s, kinds[k], changes[i].refused);
			apply_end(&s);
		}
	}
}

/* What the kernel does not tell of it is no other device: it failed, and no person has to decide.
 */
static void a_device_that_cannot_be_looked_at_is_not_another(void **state)
{
	static const char *const files[] = { "dm/name", "dm/uuid" };

	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		const struct outcome *outcome;
		struct apply_scene s;
		char path[128];

		make_plan(&s, ACTION_FORMAT);
		snprintf(path, sizeof(path), "/sys/block/dm-0/%s", files[i]);
		recorded_failing(&s.machine, path, RECORDED_EIO);
		apply_run(&s);
		outcome = apply_outcome(&s, ACTION_FORMAT);
		assert_int_equal(outcome->kind, OUTCOME_FAILED);
		assert_int_equal(outcome->code, EIO);
		assert_non_null(strstr(outcome->text, "cannot tell what"));
		assert_false(apply_called(&s, ""));
		apply_end(&s);
	}
}

/* Of a volume that is made in this run the UUID is not known yet; its name and its disks are. */
static void a_new_device_is_known_by_its_disks(void **state)
{
	struct apply_scene s;
	char path[4096];

	(void)state;
	make_plan(&s, ACTION_FORMAT);
	recorded_file(&s.machine, "/sys/block/dm-0/dm/uuid", "CRYPT-PLAIN-x\n");
	expect_refused(&s, ACTION_FORMAT, "has not the UUID");
	apply_end(&s);
	make_plan(&s, ACTION_FORMAT);
	recorded_path(&s.machine, "/sys/block/dm-0/slaves/nvme1n1", path);
	assert_int_equal(unlink(path), 0);
	recorded_path(&s.machine, "/sys/block/dm-0/slaves/nvme2n1", path);
	assert_int_equal(unlink(path), 0);
	expect_refused(&s, ACTION_FORMAT, "does not lie on the disks of its group");
	apply_end(&s);
	make_plan(&s, ACTION_FORMAT);
	recorded_path(&s.machine, "/dev/dm-0", path);
	assert_int_equal(unlink(path), 0);
	apply_run(&s);
	assert_int_equal(apply_outcome(&s, ACTION_FORMAT)->kind, OUTCOME_FAILED);
	assert_false(apply_called(&s, ""));
	apply_end(&s);
}

static void a_blank_volume_is_formatted(void **state)
{
	struct apply_scene s;
	struct plan_target *target;

	(void)state;
	target = make_plan(&s, ACTION_FORMAT);
	target->zeroed = true;
	apply_run(&s);
	assert_int_equal(apply_outcome(&s, ACTION_FORMAT)->kind, OUTCOME_DONE);
	assert_true(apply_called(&s, "mkfs.lustre --ost --fsname=lustrewt --index=23"));
	assert_true(apply_called(&s, "nodiscard,lazy_itable_init=1"));
	assert_false(apply_called(&s, "--reformat"));
	assert_false(apply_called(&s, "--replace"));
	apply_end(&s);
}

/* What may hold old data has its inode tables zeroed. */
static void only_blank_disks_are_left_as_they_are(void **state)
{
	struct apply_scene s;

	(void)state;
	make_plan(&s, ACTION_FORMAT);
	apply_run(&s);
	assert_true(apply_called(&s, "nodiscard,lazy_itable_init=0"));
	apply_end(&s);
}

static int flock_error; /* 0: it is the kernel's own */

/* In place of the C library's. */
int flock(int fd, int operation)
{
	if (flock_error == 0)
		return (int)syscall(SYS_flock, fd, operation);
	errno = flock_error;
	return -1;
}

/* Nobody decides anything about a disk with errors, or a kernel short of locks; the next look says
 * how it is. */
static void a_volume_that_cannot_be_read_is_no_refusal(void **state)
{
	const struct outcome *outcome;
	struct apply_scene s;

	(void)state;
	make_plan(&s, ACTION_FORMAT);
	flock_error = ENOLCK;
	apply_run(&s);
	flock_error = 0;
	outcome = apply_outcome(&s, ACTION_FORMAT);
	assert_int_equal(outcome->kind, OUTCOME_FAILED);
	assert_true(outcome->passing);
	assert_false(apply_called(&s, ""));
	apply_end(&s);
}

static void a_foreign_signature_is_never_formatted_over(void **state)
{
	struct apply_scene s;
	struct plan_target *target;

	(void)state;
	target = make_plan(&s, ACTION_FORMAT);
	mkswap(target);
	expect_refused(&s, ACTION_FORMAT, "swap that is not ours");
	apply_end(&s);
	target = make_plan(&s, ACTION_FORMAT);
	target->reformat = target->replace = true;
	mkswap(target);
	expect_refused(&s, ACTION_FORMAT, "swap that is not ours");
	apply_end(&s);
}

static void a_file_system_that_was_not_planned_for_is_kept(void **state)
{
	struct apply_scene s;

	(void)state;
	mke2fs(make_plan(&s, ACTION_FORMAT), "lustrewt:OST0017");
	expect_refused(&s, ACTION_FORMAT, "ext4, label \"lustrewt:OST0017\", that is not ours");
	apply_end(&s);
}

static void a_format_to_be_redone_says_so(void **state)
{
	struct apply_scene s;
	struct plan_target *target;

	(void)state;
	target = make_plan(&s, ACTION_FORMAT);
	target->reformat = target->replace = true;
	mke2fs(target, "lustrewt:OST0017");
	apply_run(&s);
	assert_int_equal(apply_outcome(&s, ACTION_FORMAT)->kind, OUTCOME_DONE);
	assert_true(apply_called(&s, "--reformat --replace"));
	apply_end(&s);
}

/*
 * The last look, right before mkfs: what was planned may be long ago, with a wait for the MGS
 * between.
 */
static void what_came_onto_the_volume_since_is_kept(void **state)
{
	static const struct {
		const char *label, *command, *refused;
		bool replace;
	} changes[] = {
		{ "my-backups", "", "my-backups", false },
		{ "", "", "ext4 that is not ours", false },
		{ "lustrewt:OST0018", "", "OST0018", true },
		{ "lustrewt:OST0017", "mkdir photos", "photos", false },
		{ "lustrewt:OST0017", "mkdir photos", "photos", true },
		/* A format that was to be redone has no object of Lustre's in it. */
		{ "lustrewt:OST0017", "mkdir O", "holds O", false },
		/* Mounted by somebody meanwhile: it may be in service, or is known to have been. */
		{ "lustrewt-OST0017", "write /proc/self/cmdline last_rcvd", "was in service",
		  false },
		{ "lustrewt-OST0017", "write /proc/self/cmdline last_rcvd", "was in service",
		  true },
		{ "lustrewt:OST0017", "feature needs_recovery", "it was mounted since", true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		struct plan_target *target;
		struct apply_scene s;

		target = make_plan(&s, ACTION_FORMAT);
		target->reformat = true;
		target->replace = changes[i].replace;
		mke2fs(target, changes[i].label);
		debugfs(target, changes[i].command);
		expect_refused(&s, ACTION_FORMAT, changes[i].refused);
		apply_end(&s);
	}
}

/* The label is right, and a partition table is there beside it. */
static void a_second_signature_is_kept(void **state)
{
	static const unsigned char table[] = { 0, 0, 2, 0, 0x83, 0, 0, 0, 0, 8, 0, 0, 0, 8, 0, 0 };
	struct plan_target *target;
	struct apply_scene s;
	const char *path;

	(void)state;
	target = make_plan(&s, ACTION_FORMAT);
	target->reformat = true;
	mke2fs(target, "lustrewt:OST0017");
	path = target->device + strlen(s.machine.root);
	recorded_write(&s.machine, path, 446, table, sizeof(table));
	recorded_write(&s.machine, path, 510, "\x55\xaa", 2);
	expect_refused(&s, ACTION_FORMAT, "a signature of dos");
	apply_end(&s);
}

/* A target that was mounted has files of Lustre's own, and they are no stranger's. */
static void what_lustre_made_is_replaced_with_consent(void **state)
{
	struct plan_target *target;
	struct apply_scene s;

	(void)state;
	target = make_plan(&s, ACTION_FORMAT);
	target->reformat = target->replace = true;
	mke2fs(target, "lustrewt:OST0017");
	debugfs(target, "mkdir CONFIGS");
	debugfs(target, "mkdir O");
	debugfs(target, "mkdir oi.16.0");
	apply_run(&s);
	assert_true(apply_called(&s, "--reformat --replace"));
	apply_end(&s);
}

/* Data without a signature: somebody's, unless the volume is new or a format was begun on it. */
static void data_without_a_signature_is_kept(void **state)
{
	struct plan_target *target;
	struct apply_scene s;

	(void)state;
	make_plan(&s, ACTION_FORMAT);
	recorded_write(&s.machine, "/dev/dm-0", 8192, "x", 1);
	expect_refused(&s, ACTION_FORMAT, "holds data at byte 8192");
	apply_end(&s);
	target = make_plan(&s, ACTION_FORMAT);
	recorded_write(&s.machine, "/dev/dm-0", 8192, "x", 1);
	assert_int_equal(state_remember_format(&s.state, "i-0a11ce", &s.plan, target, NULL), 0);
	apply_run(&s);
	assert_true(apply_called(&s, "mkfs.lustre --ost"));
	apply_end(&s);
	make_plan(&s, ACTION_CREATE_VOLUME);
	recorded_write(&s.machine, "/dev/dm-0", 8192, "x", 1);
	apply_add(&s, ACTION_FORMAT, -1, 0);
	s.plan.actions[1].target = 0;
	apply_run(&s);
	assert_true(apply_called(&s, "mkfs.lustre --ost"));
	apply_end(&s);
}

/* Cut off in the middle, it leaves data without a signature: the next boot must know it for ours.
 */
static void a_format_is_written_down_before_it_begins(void **state)
{
	struct apply_scene s;
	char script[256];

	(void)state;
	make_plan(&s, ACTION_FORMAT);
	snprintf(script, sizeof(script),
		 "grep -q '\"remains\": true' %.64s/var/lib/lustre-init/state.json",
		 s.machine.root);
	apply_tool(&s, "mkfs.lustre", script);
	apply_run(&s);
	assert_int_equal(apply_outcome(&s, ACTION_FORMAT)->kind, OUTCOME_DONE);
	assert_true(state_has_remains(&s.state, "i-0a11ce", "lustrewt-OST0017",
				      "lustre-init-0badcafe"));
	apply_end(&s);
}

static void another_target_is_not_verified(void **state)
{
	struct apply_scene s;

	(void)state;
	make_plan(&s, ACTION_VERIFY_FORMAT);
	apply_tool(&s, "tunefs.lustre", "printf 'found\\n\\nTarget:     lustrewt-OST0018\\n'");
	apply_run(&s);
	assert_int_equal(apply_outcome(&s, ACTION_VERIFY_FORMAT)->kind, OUTCOME_FAILED);
	assert_true(apply_called(&s, "tunefs.lustre --dryrun"));
	apply_end(&s);
}

/* S8: served is what a boot after a power cut would find, so it is flushed first. */
static void a_label_on_the_medium_is_settled(void **state)
{
	struct apply_scene s;
	char words[1024];

	(void)state;
	mke2fs(make_plan(&s, ACTION_SETTLE), "lustrewt-OST0017");
	apply_tool(&s, "blockdev", "");
	apply_run(&s);
	assert_int_equal(apply_outcome(&s, ACTION_SETTLE)->kind, OUTCOME_DONE);
	snprintf(words, sizeof(words), "blockdev --flushbufs %s\n", s.plan.targets[0].device);
	assert_true(apply_called(&s, words));
	/* Not of all there is: somebody's file system may hang. */
	assert_false(apply_called(&s, "sync "));
	apply_end(&s);
}

static void a_label_of_before_the_registration_is_not(void **state)
{
	const struct outcome *outcome;
	struct apply_scene s;

	(void)state;
	mke2fs(make_plan(&s, ACTION_SETTLE), "lustrewt:OST0017");
	apply_tool(&s, "blockdev", "");
	apply_run(&s);
	outcome = apply_outcome(&s, ACTION_SETTLE);
	assert_int_equal(outcome->kind, OUTCOME_FAILED);
	assert_non_null(strstr(outcome->text, "lustrewt:OST0017, not lustrewt-OST0017"));
	apply_end(&s);
}

/* What a cut undid is the target's own label; to write over another's would make it another target.
 */
static void a_label_of_its_own_is_repaired(void **state)
{
	static const char *const labels[] = { "lustrewt:OST0017", "lustrewt=OST0017",
					      "lustrewt-OST0017" };

	(void)state;
	for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++) {
		struct apply_scene s;
		char words[1024];

		mke2fs(make_plan(&s, ACTION_REPAIR_LABEL), labels[i]);
		apply_tool(&s, "e2label", "");
		apply_run(&s);
		assert_int_equal(apply_outcome(&s, ACTION_REPAIR_LABEL)->kind, OUTCOME_DONE);
		snprintf(words, sizeof(words), "e2label %s lustrewt-OST0017\n",
			 s.plan.targets[0].device);
		assert_true(apply_called(&s, words));
		apply_end(&s);
	}
}

static void a_label_of_another_is_left(void **state)
{
	static const char *const labels[] = { "lustrewt:OST0018", "scratch-OST0017", "my-backups",
					      "" };
	struct apply_scene s;

	(void)state;
	for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++) {
		mke2fs(make_plan(&s, ACTION_REPAIR_LABEL), labels[i]);
		expect_refused(&s, ACTION_REPAIR_LABEL, "is not this target's");
		apply_end(&s);
	}
	mkswap(make_plan(&s, ACTION_REPAIR_LABEL));
	expect_refused(&s, ACTION_REPAIR_LABEL, "is not this target's");
	apply_end(&s);
}

/* Where tags and content do not go together, as after somebody copied one volume over another. */
static void another_target_is_not_mounted_as_this_one(void **state)
{
	static const char *const labels[] = { "lustrewt-OST0018", "scratch-OST0017", "" };

	(void)state;
	for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++) {
		struct apply_scene s;
		char words[64];

		mke2fs(make_plan(&s, ACTION_MOUNT), labels[i]);
		snprintf(words, sizeof(words), "is labelled \"%s\", and", labels[i]);
		expect_refused(&s, ACTION_MOUNT, words);
		apply_end(&s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(volumes_are_made_without_wiping),
		cmocka_unit_test(lvm_sees_the_disks_of_the_group_alone),
		cmocka_unit_test(a_group_with_a_system_id_is_written_as_its_host),
		cmocka_unit_test(a_volume_is_made_of_its_size),
		cmocka_unit_test(what_lvm_wrote_is_flushed),
		cmocka_unit_test(another_device_behind_the_name_is_not_touched),
		cmocka_unit_test(a_device_that_cannot_be_looked_at_is_not_another),
		cmocka_unit_test(a_new_device_is_known_by_its_disks),
		cmocka_unit_test(a_blank_volume_is_formatted),
		cmocka_unit_test(only_blank_disks_are_left_as_they_are),
		cmocka_unit_test(a_volume_that_cannot_be_read_is_no_refusal),
		cmocka_unit_test(a_foreign_signature_is_never_formatted_over),
		cmocka_unit_test(a_file_system_that_was_not_planned_for_is_kept),
		cmocka_unit_test(a_format_to_be_redone_says_so),
		cmocka_unit_test(what_came_onto_the_volume_since_is_kept),
		cmocka_unit_test(a_second_signature_is_kept),
		cmocka_unit_test(what_lustre_made_is_replaced_with_consent),
		cmocka_unit_test(data_without_a_signature_is_kept),
		cmocka_unit_test(a_format_is_written_down_before_it_begins),
		cmocka_unit_test(another_target_is_not_verified),
		cmocka_unit_test(a_label_on_the_medium_is_settled),
		cmocka_unit_test(a_label_of_before_the_registration_is_not),
		cmocka_unit_test(a_label_of_its_own_is_repaired),
		cmocka_unit_test(a_label_of_another_is_left),
		cmocka_unit_test(another_target_is_not_mounted_as_this_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
