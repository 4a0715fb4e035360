/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Out of memory at any one moment: a command is run whole or not at all, what is written is whole
 * or not there, and what is told as done was done.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scenes/allocation.h"
#include "scenes/apply.h"
#include "scenes/bus.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define COMMANDS_MAX    8
#define ALLOCATIONS_MAX 2000
#define TEXT_MAX        4096

/* The commands of one run, the words of each with a line feed behind. */
struct commands {
	char text[COMMANDS_MAX][TEXT_MAX];
	size_t count;
};
static struct commands *listening;

typedef int (*execute_fn)(const char *path, char *const argv[], char *const environment[]);

/* Where the child writes, so that the test reads it: nothing else of a child's memory is shared. */
static struct commands *heard(void)
{
	static struct commands *shared;

	if (!shared)
		shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
			      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(shared, MAP_FAILED);
	return shared;
}

static size_t add_words(char *text, size_t used, char *const *words)
{
	for (; *words && used < TEXT_MAX; words++)
		used += (size_t)snprintf(text + used, TEXT_MAX - used, "%s\n", *words);
	return used;
}

/* In place of the C library's own, which it calls: all that is run passes here, in the child. */
int execve(const char *path, char *const argv[], char *const environment[])
{
	execute_fn execute;
	void *found = dlsym(RTLD_NEXT, "execve");

	memcpy(&execute, &found, sizeof(execute));
	if (listening && listening->count < COMMANDS_MAX) {
		char *text = listening->text[listening->count++];

		add_words(text, add_words(text, 0, argv), environment);
	}
	return execute(path, argv, environment);
}

struct scene {
	struct apply_scene apply;
	char units[4096], state_path[4096], backups[4096];
};

static void add_net(struct plan *plan)
{
	plan->net_count = 1;
	strcpy(plan->nets[0].net, "tcp");
	strcpy(plan->nets[0].interface, "ens5");
	strcpy(plan->nets[0].nid, "10.0.0.23@tcp");
}

static void add_target(struct apply_scene *s)
{
	struct plan_target *target = plan_add_target(&s->plan);

	assert_non_null(target);
	target->kind = TARGET_OST;
	target->group = 0;
	target->index = 23;
	target->stripes = 2;
	target->stripe_size = 262144;
	target->replace = true;
	strcpy(target->name, "lustrewt-OST0017");
	strcpy(target->fsname, "lustrewt");
	strcpy(target->mount_point, "/srv/lustre/lustrewt-OST0017");
	apply_add_device(s, target);
	assert_int_equal(words_add(&target->mgs_nids, "10.0.0.10@tcp"), 0);
	assert_int_equal(words_add(&target->mgs_nids, "10.0.0.11@tcp"), 0);
	assert_int_equal(words_add(&target->mkfs_options, "--param=ost.sync_journal=1"), 0);
	assert_int_equal(words_add(&target->mkfs_options, "--mkfsoptions=-i 65536 -E stride=64"),
			 0);
	assert_int_equal(words_add(&target->mount_options, "max_sectors_kb=1024"), 0);
}

/* A journal is only taken for replayed where the superblock says so, and a label is repaired only
 * where it is the target's. */
static void format(const struct plan_target *target)
{
	const char *const argv[] = { "mke2fs",           "-q",           "-F", "-t", "ext4", "-L",
				     "lustrewt:OST0017", target->device, NULL };

	recorded_program(argv);
}

/* One action, on a group of two disks with an OST. */
static void make_scene(struct scene *scene, enum action_kind kind)
{
	struct apply_scene *s = &scene->apply;
	struct action *action;

	apply_start(s);
	recorded_tool(&s->machine, "lctl", "echo 10.0.0.23@tcp");
	recorded_tool(&s->machine, "tunefs.lustre", "echo; echo 'Target:     lustrewt-OST0017'");
	for (const char *const *tool =
		     (const char *const[]){ "lvm", "mkfs.lustre", "modprobe", "lnetctl", "e2label",
					    "sync", "blkdiscard", "blockdev", "e2fsck", NULL };
	     *tool; tool++) {
		char path[64];

		snprintf(path, sizeof(path), "/tools/%s", *tool);
		recorded_unlink(&s->machine, path);
		recorded_link(&s->machine, path, "/bin/true");
	}
	recorded_file(&s->machine, "/etc/lvm/backup/lustre-init-0badcafe", "backup\n");
	recorded_path(&s->machine, "/run/systemd/system", scene->units);
	recorded_path(&s->machine, "/state.json", scene->state_path);
	recorded_path(&s->machine, "/etc/lvm/backup", scene->backups);
	strcpy(s->plan.groups[0].adopted_from, "i-0dead");
	add_target(s);
	if (kind == ACTION_REPLAY_JOURNAL || kind == ACTION_REPAIR_LABEL)
		format(&s->plan.targets[0]);
	add_net(&s->plan);
	apply_add(s, kind, 0, -1);
	action = &s->plan.actions[0];
	action->target = 0;
	action->phase = kind == ACTION_TAG || kind == ACTION_RECORD ? PHASE_SERVED : PHASE_NONE;
}

/* What one run did. */
struct trace {
	struct commands commands;
	char written[4096];
	bool done;
	bool ended; /* failed in a way that is not tried again */
	char why[512];
};

/* Takes what the action wrote away, so that the next run writes it anew. */
static void take_written(const struct scene *scene, enum action_kind kind, char *text, size_t size)
{
	char unit[4200];
	const char *path = kind == ACTION_RECORD ? scene->state_path : unit;
	FILE *file;

	snprintf(unit, sizeof(unit), "%s/srv-lustre-lustrewt\\x2dOST0017.mount", scene->units);
	file = fopen(path, "re");
	if (!file)
		return;
	text[fread(text, 1, size - 1, file)] = '\0';
	fclose(file);
	assert_int_equal(unlink(path), 0);
}

/* Runs the action with the given allocation failing; false when there are not so many. */
static bool run(struct scene *scene, unsigned long failing, struct trace *ret)
{
	struct children children = children_start(/* lock= */ -1);
	const struct apply_options options = {
		.plan = &scene->apply.plan,
		.processes = children.processes,
		.root = scene->apply.machine.root,
		.instance_id = "i-0a11ce",
		.state_path = scene->state_path,
		.lvm_backups = scene->backups,
		.unit_directory = scene->units,
		.state = &scene->apply.state,
		.patience = { .tool_usec = 60 * 1000000ULL, .told_usec = 3600 * 1000000ULL },
		.progress = apply_on_progress,
		.rest = apply_on_rest,
		.userdata = &scene->apply,
	};
	struct status *status = &scene->apply.status;
	struct error err;
	bool failed;
	int r;

	*ret = (struct trace){ 0 };
	scene->apply.state = (struct state){ 0 };
	listening = heard();
	*listening = (struct commands){ 0 };
	allocation_fail_at(failing);
	r = apply_plan(&options, status, &err);
	failed = allocation_has_failed();
	children_end(&children);
	ret->commands = *listening;
	listening = NULL;
	ret->done =
		r >= 0 && status->outcome_count == 1 && status->outcomes[0].kind == OUTCOME_DONE;
	if (r >= 0 && status->outcome_count == 1 && !ret->done) {
		ret->ended = !status->outcomes[0].passing;
		snprintf(ret->why, sizeof(ret->why), "%s", status->outcomes[0].text);
	}
	status_done(status);
	take_written(scene, scene->apply.plan.actions[0].kind, ret->written, sizeof(ret->written));
	return failed;
}

static void expect_part_of(const struct trace *whole, const struct trace *tried, const char *when)
{
	for (size_t i = 0; i < tried->commands.count; i++)
		if (i >= whole->commands.count ||
		    strcmp(tried->commands.text[i], whole->commands.text[i]) != 0)
			fail_msg("%s: this was run:\n%s", when, tried->commands.text[i]);
	if (tried->written[0] != '\0' && strcmp(tried->written, whole->written) != 0)
		fail_msg("%s: this was written:\n%s", when, tried->written);
	if (tried->ended)
		fail_msg("%s: is not tried again: %s", when, tried->why);
	if (tried->done && (tried->commands.count != whole->commands.count ||
			    strcmp(tried->written, whole->written) != 0))
		fail_msg("%s: told as done, and was not", when);
}

static void an_action_is_done_whole(enum action_kind kind)
{
	struct scene scene = { 0 };
	struct trace whole, tried;
	const struct bus_play quiet = { 0 };
	unsigned long n = 1;
	char when[64];
	pid_t bus;

	make_scene(&scene, kind);
	bus = bus_start(&scene.apply.machine, &quiet);
	assert_false(run(&scene, ALLOCATIONS_MAX * 1000, &whole));
	if (!whole.done)
		fail_msg("%s is not done where nothing fails", action_kind_name(kind));
	if (whole.commands.count == 0 && whole.written[0] == '\0')
		fail_msg("nothing was heard of %s", action_kind_name(kind));
	for (; n < ALLOCATIONS_MAX && run(&scene, n, &tried); n++) {
		snprintf(when, sizeof(when), "%s, allocation %lu", action_kind_name(kind), n);
		expect_part_of(&whole, &tried, when);
	}
	assert_true(n >= 2 && n < ALLOCATIONS_MAX);
	bus_end(bus);
	apply_end(&scene.apply);
}

/* All but the mount itself, which is systemd's, and the wait for the MGS, which changes nothing. */
static void a_command_is_whole_or_not_run(void **state)
{
	(void)state;
	for (enum action_kind kind = 0; kind < ACTION_KIND_MAX; kind++)
		if (kind != ACTION_MOUNT && kind != ACTION_WAIT_MGS && kind != ACTION_SETTLE &&
		    kind != ACTION_CHECK_DISKS && kind != ACTION_REPAIR_PV)
			an_action_is_done_whole(kind);
}

/* A part of it, or nothing, would be another answer. */
static void what_a_child_says_is_held_whole(void **state)
{
	const char *const argv[] = { "sh", "-c", "echo one; echo two >&2", NULL };
	unsigned long n = 1;

	(void)state;
	for (bool failed = true; failed; n++) {
		struct process_output output = { 0 };
		struct error err;
		int r;

		allocation_fail_at(n);
		r = process_run(argv, 10 * 1000000ULL, &output, &err);
		failed = allocation_has_failed();
		if (r == 0 && output.end == PROCESS_EXITED &&
		    (strcmp(output.output, "one\n") != 0 || strcmp(output.errors, "two\n") != 0))
			fail_msg("allocation %lu: \"%s\", \"%s\"", n, output.output, output.errors);
		process_output_done(&output);
		assert_true(n < ALLOCATIONS_MAX);
	}
	assert_true(n > 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_command_is_whole_or_not_run),
		cmocka_unit_test(what_a_child_says_is_held_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
