/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Running a plan: nothing is written to a disk that is not what the plan saw, nor to those beside
 * it (law 3), and what failed ends what waits for nothing. Disks are sparse files; in place of lvm
 * stands a script that writes down how it was called.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/process.h"
#include "effect/apply.h"

#include "recorded.h"

#define DISKS 2

static struct recorded machine;
static char calls[4096]; /* where the script writes */

/* A group on two disks, with nothing planned yet. */
struct scene {
	struct plan plan;
	struct status status;
	struct state state;
};

static void on_progress(void *userdata, const char *sentence, const struct outcome *outcome)
{
	(void)userdata;
	(void)sentence;
	(void)outcome;
}

static int start(void **state)
{
	char script[4200];

	(void)state;
	recorded_start(&machine);
	recorded_path(&machine, "/calls", calls);
	snprintf(script, sizeof(script), "echo \"$*\" >>%.4000s", calls);
	recorded_tool(&machine, "lvm", script);
	for (unsigned i = 0; i < DISKS; i++)
		recorded_device(&machine, i == 0 ? "/dev/nvme1n1" : "/dev/nvme2n1", 64 * MIB);
	return 0;
}

static int end(void **state)
{
	(void)state;
	recorded_end(&machine);
	return 0;
}

static void add_disk(struct plan_group *group, unsigned number)
{
	struct plan_disk *disk = plan_group_add_disk(group);

	assert_non_null(disk);
	snprintf(disk->path, sizeof(disk->path), "%.64s/dev/nvme%un1", machine.root, number);
	snprintf(disk->serial, sizeof(disk->serial), "AWS%u", number);
	snprintf(disk->pv_uuid, sizeof(disk->pv_uuid), "abcdef-ghij-klmn-opqr-stuv-wxyz-01234%u",
		 number);
	disk->size = 64 * MIB;
}

static int add(struct scene *s, enum action_kind kind, int item, int needed)
{
	int action = plan_add_action(&s->plan, kind);

	assert_true(action >= 0);
	s->plan.actions[action].group = 0;
	s->plan.actions[action].item = item;
	plan_need(&s->plan, action, needed);
	return action;
}

static void make_plan(struct scene *s)
{
	struct plan_group *group;
	int check, create;

	*s = (struct scene){ 0 };
	group = plan_add_group(&s->plan);
	assert_non_null(group);
	snprintf(group->name, sizeof(group->name), "lustre-init-0badcafe");
	add_disk(group, 1);
	add_disk(group, 2);
	check = add(s, ACTION_CHECK_DISKS, -1, -1);
	add(s, ACTION_CREATE_PV, 0, check);
	add(s, ACTION_CREATE_PV, 1, check);
	create = add(s, ACTION_CREATE_GROUP, -1, check + 1);
	plan_need(&s->plan, create, check + 2);
}

static void run_plan(struct scene *s)
{
	const struct apply_options options = {
		.plan = &s->plan,
		.instance_id = "i-0a11ce",
		.state_path = "/nonexistent/state.json",
		.unit_directory = "/nonexistent",
		.state = &s->state,
		.mgs_timeout_sec = 100,
		.progress = on_progress,
	};
	struct error err;

	if (apply_plan(&options, &s->status, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(s->status.outcome_count, s->plan.action_count);
}

static void finish(struct scene *s)
{
	plan_done(&s->plan);
	status_done(&s->status);
}

static const struct outcome *outcome_of(const struct scene *s, enum action_kind kind)
{
	size_t i = 0;

	while (i < s->status.outcome_count && s->status.outcomes[i].action != kind)
		i++;
	assert_true(i < s->status.outcome_count);
	return &s->status.outcomes[i];
}

/* What lvm was asked for, a line each; "" when it never was. */
static const char *lvm_calls(void)
{
	static char text[4096];
	FILE *file = fopen(calls, "re");

	text[0] = '\0';
	if (file) {
		text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
		fclose(file);
	}
	return text;
}

/* Refused with this sentence in its text, and LVM was never called. */
static void expect_refused(struct scene *s, const char *sentence)
{
	const struct outcome *check;

	run_plan(s);
	check = outcome_of(s, ACTION_CHECK_DISKS);
	assert_int_equal(check->kind, OUTCOME_REFUSED);
	if (!strstr(check->text, sentence))
		fail_msg("\"%s\" is not in \"%s\"", sentence, check->text);
	assert_string_equal(lvm_calls(), "");
	assert_int_equal(outcome_of(s, ACTION_CREATE_PV)->kind, OUTCOME_SKIPPED);
	assert_int_equal(outcome_of(s, ACTION_CREATE_GROUP)->kind, OUTCOME_SKIPPED);
}

static void mke2fs(const char *type)
{
	char path[4096];
	const char *const argv[] = { "mke2fs", "-q", "-F", "-t", type, path, NULL };
	struct process_output output;
	struct error err;

	recorded_path(&machine, "/dev/nvme2n1", path);
	if (process_run(argv, 30 * 1000000ULL, &output, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(output.code, 0);
	process_output_done(&output);
}

/* Writes a file into the file system on the second disk. */
static void put_a_file(void)
{
	char path[4096];
	const char *const argv[] = {
		"debugfs", "-w", "-R", "write /etc/hostname name", path, NULL
	};
	struct process_output output;
	struct error err;

	recorded_path(&machine, "/dev/nvme2n1", path);
	if (process_run(argv, 30 * 1000000ULL, &output, &err) < 0)
		fail_msg("%s", err.text);
	process_output_done(&output);
}

static void disks_as_planned_become_a_group(void **state)
{
	struct scene s;

	(void)state;
	make_plan(&s);
	run_plan(&s);
	assert_int_equal(outcome_of(&s, ACTION_CREATE_GROUP)->kind, OUTCOME_DONE);
	assert_non_null(strstr(lvm_calls(), "--uuid abcdef-ghij-klmn-opqr-stuv-wxyz-012341"));
	assert_non_null(strstr(lvm_calls(), "--uuid abcdef-ghij-klmn-opqr-stuv-wxyz-012342"));
	assert_non_null(strstr(lvm_calls(), "vgcreate"));
	assert_null(strstr(lvm_calls(), "--yes"));
	finish(&s);
}

static void data_on_one_disk_spares_them_all(void **state)
{
	struct scene s;

	(void)state;
	make_plan(&s);
	recorded_write(&machine, "/dev/nvme2n1", 0, "somebody's", 10);
	expect_refused(&s, "(serial AWS2): it holds data now");
	finish(&s);
}

/* Only the samples see it; create-pv by itself would not. */
static void data_in_the_middle_spares_them_all(void **state)
{
	static char block[MIB];
	struct scene s;

	(void)state;
	make_plan(&s);
	memset(block, 'x', sizeof(block));
	recorded_write(&machine, "/dev/nvme2n1", 32 * MIB, block, sizeof(block));
	expect_refused(&s, "(serial AWS2): it holds data now");
	finish(&s);
}

static void a_signature_on_one_disk_spares_them_all(void **state)
{
	struct scene s;

	(void)state;
	make_plan(&s);
	mke2fs("ext4");
	expect_refused(&s, "(serial AWS2): it carries a signature now");
	finish(&s);
}

static void a_disk_of_another_size_spares_them_all(void **state)
{
	struct scene s;

	(void)state;
	make_plan(&s);
	s.plan.groups[0].disks[1].size += MIB;
	expect_refused(&s, "(serial AWS2): its size changed");
	finish(&s);
}

static void a_disk_that_is_gone_spares_them_all(void **state)
{
	char path[4096];
	struct scene s;

	(void)state;
	make_plan(&s);
	recorded_path(&machine, "/dev/nvme2n1", path);
	assert_int_equal(unlink(path), 0);
	expect_refused(&s, "(serial AWS2): cannot open");
	finish(&s);
}

/* Data that came between the check of all and the write of one. */
static void each_disk_is_looked_at_right_before_its_write(void **state)
{
	struct scene s;

	(void)state;
	make_plan(&s);
	s.plan.actions[0].kind = ACTION_CREATE_PV; /* of the first disk, in place of the check */
	s.plan.actions[0].item = 0;
	recorded_write(&machine, "/dev/nvme2n1", 0, "somebody's", 10);
	run_plan(&s);
	assert_null(strstr(lvm_calls(), "012342"));
	assert_null(strstr(lvm_calls(), "vgcreate"));
	finish(&s);
}

static void an_empty_ext3_is_overwritten_with_consent(void **state)
{
	struct scene s;

	(void)state;
	make_plan(&s);
	mke2fs("ext3");
	s.plan.groups[0].disks[1].holds = PLAN_DISK_EMPTY_EXT3;
	run_plan(&s);
	assert_int_equal(outcome_of(&s, ACTION_CREATE_GROUP)->kind, OUTCOME_DONE);
	assert_non_null(strstr(lvm_calls(), "--yes --uuid abcdef-ghij-klmn-opqr-stuv-wxyz-012342"));
	finish(&s);
}

static void a_file_in_the_ext3_takes_the_consent_away(void **state)
{
	struct scene s;

	(void)state;
	make_plan(&s);
	mke2fs("ext3");
	put_a_file();
	s.plan.groups[0].disks[1].holds = PLAN_DISK_EMPTY_EXT3;
	expect_refused(&s, "(serial AWS2): it held an empty ext3");
	finish(&s);
}

static void a_pv_that_is_not_the_one_written_down_is_left_alone(void **state)
{
	static const char sector[512] = "LABELONE\1\0\0\0\0\0\0\0\0\0\0\0\x20\0\0\0LVM2 001"
					"abcdefghijklmnopqrstuvwxyz012399";
	struct scene s;

	(void)state;
	make_plan(&s);
	recorded_write(&machine, "/dev/nvme2n1", 512, sector, sizeof(sector));
	s.plan.groups[0].disks[1].holds = PLAN_DISK_OUR_PV;
	expect_refused(&s, "(serial AWS2): it held a PV of ours");
	finish(&s);
}

/* Nothing listens on port 988 here: left alone, the wait would go on until its deadline. */
static void a_wait_for_nothing_is_given_up(void **state)
{
	struct scene s;
	int wait, mount;

	(void)state;
	make_plan(&s);
	recorded_write(&machine, "/dev/nvme2n1", 0, "somebody's", 10);
	assert_int_equal(words_add(&s.plan.mgs_nids, "127.0.0.1@tcp"), 0);
	wait = add(&s, ACTION_WAIT_MGS, -1, -1);
	mount = add(&s, ACTION_MOUNT, -1, wait);
	plan_need(&s.plan, mount, 3); /* the group */
	expect_refused(&s, "it holds data now");
	assert_int_equal(outcome_of(&s, ACTION_WAIT_MGS)->kind, OUTCOME_SKIPPED);
	assert_int_equal(outcome_of(&s, ACTION_MOUNT)->kind, OUTCOME_SKIPPED);
	finish(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(disks_as_planned_become_a_group, start, end),
		cmocka_unit_test_setup_teardown(data_on_one_disk_spares_them_all, start, end),
		cmocka_unit_test_setup_teardown(data_in_the_middle_spares_them_all, start, end),
		cmocka_unit_test_setup_teardown(a_signature_on_one_disk_spares_them_all, start,
						end),
		cmocka_unit_test_setup_teardown(a_disk_of_another_size_spares_them_all, start, end),
		cmocka_unit_test_setup_teardown(a_disk_that_is_gone_spares_them_all, start, end),
		cmocka_unit_test_setup_teardown(each_disk_is_looked_at_right_before_its_write,
						start, end),
		cmocka_unit_test_setup_teardown(an_empty_ext3_is_overwritten_with_consent, start,
						end),
		cmocka_unit_test_setup_teardown(a_file_in_the_ext3_takes_the_consent_away, start,
						end),
		cmocka_unit_test_setup_teardown(a_pv_that_is_not_the_one_written_down_is_left_alone,
						start, end),
		cmocka_unit_test_setup_teardown(a_wait_for_nothing_is_given_up, start, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
