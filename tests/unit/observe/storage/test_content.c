/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What a volume of ours holds (S4), on file systems that mke2fs made and the real debugfs reads. In
 * place of tunefs.lustre stands a script that says what the real one was seen to say.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/file.h"
#include "observe/storage/content.h"

#include "scenes/recorded.h"

#include <errno.h>

#define TUNEFS_FOUND                                                      \
	"printf 'checking for existing Lustre data: found\n'\n"           \
	"printf '\n   Read previous values:\n'\n"                         \
	"printf 'Device:     /dev/vdd\nTarget:     lustrewt-OST0017\n'\n" \
	"printf 'Index:      23\nLustre FS:  lustrewt\n'"
#define TUNEFS_NOT_LUSTRE                                                                    \
	"echo 'tunefs.lustre FATAL: Device X has not been formatted with mkfs.lustre' >&2\n" \
	"exit 19"

static struct recorded machine;
static struct facts facts;

/* One group with one active volume that carries our tag, on dm-0. */
static int start(void **state)
{
	struct volume *volume = calloc(1, sizeof(*volume));

	(void)state;
	recorded_start(&machine);
	recorded_device(&machine, "/dev/dm-0", 64 * MIB);
	words_add(&volume->tags, "lustre-init");
	strcpy(volume->device, "dm-0");
	volume->active = true;
	facts = (struct facts){ .groups = calloc(1, sizeof(struct volume_group)),
				.group_count = 1 };
	strcpy(facts.groups[0].name, "lustre-init-0badcafe");
	words_add(&facts.groups[0].tags, "lustre-init");
	facts.groups[0].volumes = volume;
	facts.groups[0].volume_count = 1;
	return 0;
}

static int end(void **state)
{
	(void)state;
	facts_done(&facts);
	recorded_end(&machine);
	return 0;
}

static void make_file_system(const char *label)
{
	char path[4096];
	const char *const argv[] = { "mke2fs", "-q", "-F", "-t", "ext4", "-L", label, path, NULL };

	recorded_path(&machine, "/dev/dm-0", path);
	recorded_program(argv);
}

static void change(const char *command)
{
	char path[4096];
	const char *const argv[] = { "debugfs", "-w", "-R", command, path, NULL };

	recorded_path(&machine, "/dev/dm-0", path);
	recorded_program(argv);
}

static const struct content *find(void)
{
	struct error err;

	if (content_find(machine.root, /* inquiries= */ NULL, &facts, &err) < 0)
		fail_msg("%s", err.text);
	return &facts.groups[0].volumes[0].content;
}

static void a_blank_volume_holds_nothing(void **state)
{
	const struct content *content = find();

	(void)state;
	assert_true(content->known);
	assert_string_equal(content->type, "");
	assert_false(content->lustre);
	assert_false(content->served);
}

static void a_fresh_format_was_never_in_service(void **state)
{
	const struct content *content;

	(void)state;
	make_file_system("lustrewt:OST0017");
	recorded_tool(&machine, "tunefs.lustre", TUNEFS_FOUND);
	content = find();
	assert_true(content->known);
	assert_string_equal(content->type, "ext4");
	assert_string_equal(content->label, "lustrewt:OST0017");
	assert_int_equal(strlen(content->uuid), 36);
	assert_true(content->lustre);
	assert_string_equal(content->lustre_target, "lustrewt-OST0017");
	assert_false(content->needs_recovery);
	assert_false(content->served);
}

static void last_rcvd_proves_service(void **state)
{
	const struct content *content;

	(void)state;
	make_file_system("lustrewt-OST0017");
	recorded_tool(&machine, "tunefs.lustre", TUNEFS_FOUND);
	change("write /proc/self/cmdline last_rcvd");
	content = find();
	assert_true(content->known);
	assert_true(content->served);
}

/* What the two tools were asked, and how often. */
#define TUNEFS_COUNTS "echo tunefs >>\"${0%/*}/asked\"\n"
#define DEBUGFS_COUNTS                                                               \
	"echo debugfs >>\"${0%/*}/asked\"; PATH=/usr/sbin:/usr/bin:/sbin:/bin exec " \
	"debugfs \"$@\""

static const struct content *find_foreseen(const char *asked)
{
	struct inquiries *inquiries;
	char *said = NULL;
	struct error err;

	assert_int_equal(inquiries_new(/* processes= */ NULL, &inquiries, &err), 0);
	content_foresee(machine.root, "dm-0", inquiries);
	if (content_find(machine.root, inquiries, &facts, &err) < 0)
		fail_msg("%s", err.text);
	inquiries_free(inquiries);
	recorded_tool(&machine, "in-order", "sort \"${0%/*}/asked\" >\"${0%/*}/sorted\"");
	recorded_program((const char *const[]){ "in-order", NULL });
	assert_int_equal(file_read(machine.root, "/tools/sorted", 4096, &said, NULL, &err), 0);
	assert_string_equal(said, asked);
	free(said);
	return &facts.groups[0].volumes[0].content;
}

static void service_may_be_foreseen(void **state)
{
	const struct content *content;

	(void)state;
	make_file_system("lustrewt-OST0017");
	change("write /proc/self/cmdline last_rcvd");
	recorded_tool(&machine, "tunefs.lustre", TUNEFS_COUNTS TUNEFS_FOUND);
	recorded_tool(&machine, "debugfs", DEBUGFS_COUNTS);
	content = find_foreseen("debugfs\ntunefs\n");
	assert_true(content->known);
	assert_true(content->lustre);
	assert_string_equal(content->lustre_target, "lustrewt-OST0017");
	assert_true(content->served);
}

/* It may lead to a format: what was heard before is not enough. */
static void that_it_never_served_is_asked_now(void **state)
{
	const struct content *content;

	(void)state;
	make_file_system("lustrewt:OST0017");
	recorded_tool(
		&machine, "tunefs.lustre",
		TUNEFS_COUNTS
		"test \"$(grep -c tunefs \"${0%/*}/asked\")\" -gt 1 || exit 19\n" TUNEFS_FOUND);
	recorded_tool(&machine, "debugfs", DEBUGFS_COUNTS);
	content = find_foreseen("debugfs\ndebugfs\ndebugfs\ntunefs\ntunefs\n");
	assert_true(content->known);
	assert_true(content->lustre);
	assert_false(content->served);
}

static void a_journal_to_replay_is_seen(void **state)
{
	const struct content *content;

	(void)state;
	make_file_system("lustrewt:OST0017");
	change("feature needs_recovery");
	/* Torn, as it may be until then: the tools cannot make sense of it, and are not asked. */
	recorded_tool(&machine, "tunefs.lustre", "exit 5");
	recorded_tool(&machine, "debugfs", "echo 'Inode: 87   Type: bad type'");
	content = find();
	assert_true(content->known);
	assert_true(content->needs_recovery);
	assert_string_equal(content->label, "lustrewt:OST0017");
}

/* Ended with 0, and said nothing of a target: that proves neither a format nor none. */
static void a_success_that_names_no_target_proves_nothing(void **state)
{
	const struct content *content;

	(void)state;
	make_file_system("lustrewt:OST0017");
	recorded_tool(&machine, "tunefs.lustre", "echo 'checking for existing Lustre data: found'");
	content = find();
	assert_false(content->known);
	assert_non_null(strstr(content->unknown_because, "does not name the target"));
}

static void a_format_cut_off_is_no_lustre(void **state)
{
	const struct content *content;

	(void)state;
	make_file_system("lustrewt:OST0017");
	recorded_tool(&machine, "tunefs.lustre", TUNEFS_NOT_LUSTRE);
	content = find();
	assert_true(content->known);
	assert_string_equal(content->label, "lustrewt:OST0017");
	assert_string_equal(content->stranger, "");
	assert_string_equal(content->type, "ext4");
	assert_false(content->lustre);
	assert_false(content->served);
}

/* What somebody put there, by the directory that it is in. */
static void strangers_are_named(void **state)
{
	static const struct {
		const char *first, *second, *tunefs, *stranger;
	} looks[] = {
		{ "mkdir CONFIGS", "write /proc/self/cmdline CONFIGS/mountdata", TUNEFS_NOT_LUSTRE,
		  "" },
		{ "mkdir CONFIGS", "mkdir photos", TUNEFS_NOT_LUSTRE, "photos" },
		{ "mkdir CONFIGS", "write /proc/self/cmdline CONFIGS/x", TUNEFS_NOT_LUSTRE, "x" },
		{ "mkdir lost+found/y", "mkdir CONFIGS", TUNEFS_NOT_LUSTRE, "y" },
		{ "mkdir CONFIGS", "write /proc/self/cmdline a\nb", TUNEFS_NOT_LUSTRE, "a" },
		{ "mkdir CONFIGS", "mkdir .x", TUNEFS_NOT_LUSTRE, ".x" },
		{ "mkdir CONFIGS", "mkdir O", TUNEFS_NOT_LUSTRE, "O" },
		{ "mkdir CONFIGS", "mkdir O", TUNEFS_FOUND, "" },
		{ "mkdir oi.16.3", "mkdir photos", TUNEFS_FOUND, "photos" },
	};

	for (size_t i = 0; i < sizeof(looks) / sizeof(looks[0]); i++) {
		const struct content *content;

		make_file_system("lustrewt:OST0017");
		recorded_tool(&machine, "tunefs.lustre", looks[i].tunefs);
		change(looks[i].first);
		change(looks[i].second);
		content = find();
		assert_true(content->known);
		assert_string_equal(content->stranger, looks[i].stranger);
		end(state);
		start(state);
	}
}

static void data_without_a_signature_is_told(void **state)
{
	const struct content *content;

	(void)state;
	recorded_write(&machine, "/dev/dm-0", 12345, "x", 1);
	content = find();
	assert_true(content->known);
	assert_string_equal(content->type, "");
	assert_string_equal(content->not_blank_because, "data at byte 12345");
}

/* ext4 leaves room before its superblock, and LUKS begins there. */
static void a_second_signature_is_told(void **state)
{
	const struct content *content;

	(void)state;
	make_file_system("lustrewt:OST0017");
	recorded_tool(&machine, "tunefs.lustre", TUNEFS_NOT_LUSTRE);
	recorded_write(&machine, "/dev/dm-0", 0, "LUKS\xba\xbe\0\1", 8);
	content = find();
	assert_true(content->known);
	if (strcmp(content->type, "crypto_LUKS") != 0)
		assert_string_equal(content->other_type, "crypto_LUKS");
	else
		assert_string_equal(content->other_type, "ext4");
}

/* Anything else than a clear answer is no answer: never "was not in service". */
static void doubt_is_unknown(void **state)
{
	const struct content *content;

	(void)state;
	make_file_system("lustrewt-OST0017");
	recorded_tool(&machine, "tunefs.lustre", "exit 5");
	content = find();
	assert_false(content->known);
	assert_non_null(strstr(content->unknown_because, "tunefs.lustre"));
	recorded_tool(&machine, "tunefs.lustre", TUNEFS_FOUND);
	recorded_tool(&machine, "debugfs", "echo 'debugfs: Bad magic number' >&2");
	content = find();
	assert_false(content->known);
	assert_non_null(strstr(content->unknown_because, "Bad magic number"));
	/* Not even half of it is told. */
	assert_string_equal(content->type, "");
	facts.groups[0].volumes[0].device[3] = '9';
	assert_false(find()->known);
}

/* A tool that was ended says nothing, and so does no person have to decide. */
static void a_tool_that_was_ended_is_asked_again(void **state)
{
	struct error err;

	(void)state;
	make_file_system("lustrewt-OST0017");
	recorded_tool(&machine, "tunefs.lustre", "kill -KILL $$");
	assert_int_equal(content_find(machine.root, /* inquiries= */ NULL, &facts, &err),
			 -ECANCELED);
	assert_non_null(strstr(err.text, "tunefs.lustre was ended by signal 9"));
	/* One that crashes on this volume says nothing of the others. */
	recorded_tool(&machine, "tunefs.lustre", "kill -SEGV $$");
	assert_false(find()->known);
}

static void a_mounted_target_is_in_service(void **state)
{
	const struct content *content;

	(void)state;
	make_file_system("lustrewt:OST0017");
	change("feature needs_recovery");
	/* Neither is run on a mounted volume. */
	recorded_tool(&machine, "tunefs.lustre", "exit 5");
	recorded_tool(&machine, "debugfs", "exit 5");
	facts.mounts = calloc(1, sizeof(*facts.mounts));
	facts.mount_count = 1;
	strcpy(facts.mounts[0].device, "dm-0");
	content = find();
	assert_true(content->known);
	assert_true(content->served);
	assert_true(content->lustre);
	assert_string_equal(content->lustre_target, "lustrewt-OST0017");
	assert_false(content->needs_recovery);
}

static void only_our_active_volumes_are_looked_at(void **state)
{
	(void)state;
	make_file_system("x");
	recorded_tool(&machine, "tunefs.lustre", TUNEFS_FOUND);
	assert_true(find()->known);
	facts.groups[0].volumes[0].content = (struct content){ 0 };
	facts.groups[0].volumes[0].active = false;
	assert_false(find()->known);
	facts.groups[0].volumes[0].active = true;
	/* A group that carries the tag, and no name of ours, is somebody's. */
	strcpy(facts.groups[0].name, "mapper");
	assert_false(find()->known);
	strcpy(facts.groups[0].name, "lustre-init-0badcafe");
	words_done(&facts.groups[0].tags);
	assert_false(find()->known);
	words_add(&facts.groups[0].tags, "lustre-init");
	words_done(&facts.groups[0].volumes[0].tags);
	words_add(&facts.groups[0].volumes[0].tags, "lustre-init.phase=served");
	assert_false(find()->known);
}

static void targets_are_read_from_what_tunefs_prints(void **state)
{
	char target[TARGET_NAME_MAX];

	(void)state;
	assert_true(content_parse_target("a\nTarget:     MGS\nIndex:  unassigned\n", target,
					 sizeof(target)));
	assert_string_equal(target, "MGS");
	assert_false(content_parse_target("Target:   \nIndex: 1\n", target, sizeof(target)));
	assert_false(content_parse_target("Read: Target: x", target, sizeof(target)));
	assert_false(content_parse_target("", target, sizeof(target)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_blank_volume_holds_nothing, start, end),
		cmocka_unit_test_setup_teardown(a_fresh_format_was_never_in_service, start, end),
		cmocka_unit_test_setup_teardown(last_rcvd_proves_service, start, end),
		cmocka_unit_test_setup_teardown(service_may_be_foreseen, start, end),
		cmocka_unit_test_setup_teardown(that_it_never_served_is_asked_now, start, end),
		cmocka_unit_test_setup_teardown(a_journal_to_replay_is_seen, start, end),
		cmocka_unit_test_setup_teardown(a_success_that_names_no_target_proves_nothing,
						start, end),
		cmocka_unit_test_setup_teardown(a_format_cut_off_is_no_lustre, start, end),
		cmocka_unit_test_setup_teardown(strangers_are_named, start, end),
		cmocka_unit_test_setup_teardown(data_without_a_signature_is_told, start, end),
		cmocka_unit_test_setup_teardown(a_second_signature_is_told, start, end),
		cmocka_unit_test_setup_teardown(doubt_is_unknown, start, end),
		cmocka_unit_test_setup_teardown(a_tool_that_was_ended_is_asked_again, start, end),
		cmocka_unit_test_setup_teardown(a_mounted_target_is_in_service, start, end),
		cmocka_unit_test_setup_teardown(only_our_active_volumes_are_looked_at, start, end),
		cmocka_unit_test(targets_are_read_from_what_tunefs_prints),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
