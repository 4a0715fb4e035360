/* SPDX-License-Identifier: Apache-2.0 */

/*
 * A mount is done when systemd says so and the kernel has it: not when anybody on the bus says so,
 * and not when something else is there. The bus is a socket, and what is at its other end plays the
 * bus, systemd, and somebody.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/file.h"
#include "model/mount_look.h"
#include "scenes/apply.h"
#include "scenes/bus.h"

#define PLACE  "/srv/lustre/lustrewt-OST0017"
#define DEVICE "/dev/mapper/lustre-init-0badcafe-ost0017"
#define CLIENT "10.0.0.10@tcp:/lustrewt"

static bool has_place = true; /* whether the target's mount point is there */

/* What the kernel has, after "ID PARENT DEVICE ROOT"; NULL for nothing. DEVICE stands for the
 * OST's. */
static void put_mount(struct apply_scene *s, const char *mount)
{
	static const char root[] = "21 1 259:1 / / rw,relatime - ext4 /dev/nvme0n1p1 rw\n";
	const char *device = s->plan.target_count > 0 ? s->plan.targets[0].device : DEVICE;
	const char *at = mount ? strstr(mount, DEVICE) : NULL;

	if (!mount)
		recorded_file(&s->machine, "/mountinfo", "%s", root);
	else if (!at)
		recorded_file(&s->machine, "/mountinfo", "%s40 21 0:52 / %s\n", root, mount);
	else
		recorded_file(&s->machine, "/mountinfo", "%s40 21 0:52 / %.*s%s%s\n", root,
			      (int)(at - mount), mount, device, at + strlen(DEVICE));
}

static void make_plan(struct apply_scene *s, bool is_client)
{
	struct plan_client *client = &s->plan.client;
	struct plan_target *target;

	apply_start(s);
	apply_add(s, ACTION_MOUNT, -1, -1);
	if (is_client) {
		client->wanted = true;
		strcpy(client->fsname, "lustrewt");
		client->source = strdup(CLIENT);
		assert_non_null(client->source);
		strcpy(client->mount_point, "/mnt/lustrewt");
		return;
	}
	target = plan_add_target(&s->plan);
	assert_non_null(target);
	strcpy(target->name, "lustrewt-OST0017");
	apply_add_device(s, target);
	strcpy(target->mount_point, PLACE);
	s->plan.actions[0].target = 0;
}

/* How it ended. */
static struct outcome run(const struct bus_play *told, bool is_client, const char *mount,
			  const struct apply_patience *patience)
{
	struct outcome outcome;
	struct apply_scene s;
	pid_t bus;

	make_plan(&s, is_client);
	if (patience)
		s.patience = *patience;
	put_mount(&s, mount);
	if (has_place)
		recorded_file(&s.machine, PLACE "/is-there", "%s", "");
	bus = bus_start(&s.machine, told);
	alarm(40); /* who waits for ever has failed */
	apply_run(&s);
	alarm(0);
	outcome = *apply_outcome(&s, ACTION_MOUNT);
	bus_end(bus);
	apply_end(&s);
	return outcome;
}

/* "" when it was done, else why not. */
static void play(struct bus_play told, bool is_client, const char *mount, char why[512])
{
	struct outcome outcome = run(&told, is_client, mount, /* patience= */ NULL);

	snprintf(why, 512, "%s", outcome.text);
	assert_int_equal(outcome.kind, why[0] == '\0' ? OUTCOME_DONE : OUTCOME_FAILED);
}

static void expect(const char *text, const char *words)
{
	if (!strstr(text, words))
		fail_msg("\"%s\" is not in \"%s\"", words, text);
}

#define THERE PLACE " rw - lustre " DEVICE " rw,svname=lustrewt-OST0017"
#define TOLD_DONE                                    \
	{                                            \
		.tellings = { { SYSTEMD, "done" } }, \
	}

static void what_systemd_says_and_the_kernel_has_is_done(void **state)
{
	char why[512];

	(void)state;
	play((struct bus_play)TOLD_DONE, false, THERE, why);
	assert_string_equal(why, "");
	play((struct bus_play)TOLD_DONE, true, "/mnt/lustrewt rw - lustre " CLIENT " rw", why);
	assert_string_equal(why, "");
}

/* What the MGS's key says later reaches no target that is there. */
static void a_target_that_asks_another_mgs_is_mounted_and_told(void **state)
{
	const struct bus_play told = TOLD_DONE;
	struct apply_scene s;
	pid_t bus;

	(void)state;
	make_plan(&s, /* is_client= */ false);
	assert_int_equal(words_add(&s.plan.mgs_nids, "10.0.0.99@tcp"), 0);
	put_mount(&s, THERE ",mgsnode=10.0.0.10@tcp,osd=osd-ldiskfs");
	bus = bus_start(&s.machine, &told);
	apply_run(&s);
	assert_int_equal(apply_outcome(&s, ACTION_MOUNT)->kind, OUTCOME_DONE);
	expect(s.told, "lustrewt-OST0017 asks for its MGS at 10.0.0.10@tcp");
	expect(s.told, "the key mgs says 10.0.0.99@tcp");
	expect(s.told, "Changing a Server NID"); /* whole */
	bus_end(bus);
	apply_end(&s);
}

/* Of several nets of its own the first is a new target's; a target of before may ask at another. */
static void a_target_beside_its_mgs_asks_at_any_net_of_the_node(void **state)
{
	const struct bus_play told = TOLD_DONE;
	struct apply_scene s;
	pid_t bus;

	(void)state;
	make_plan(&s, /* is_client= */ false);
	assert_int_equal(words_add(&s.plan.targets[0].mgs_nids, "10.1.0.10@tcp1"), 0);
	put_mount(&s, THERE ",mgsnode=10.0.0.10@tcp,osd=osd-ldiskfs");
	bus = bus_start(&s.machine, &told);
	apply_run(&s);
	assert_int_equal(apply_outcome(&s, ACTION_MOUNT)->kind, OUTCOME_DONE);
	assert_null(strstr(s.told, "asks for its MGS"));
	bus_end(bus);
	apply_end(&s);
}

/* As any user of the node may send it. */
static void what_anybody_says_is_nothing(void **state)
{
	const struct bus_play forged = { .tellings = { { ANYBODY, "done" },
						       { SYSTEMD, "failed" } } };
	const struct bus_play slander = { .tellings = { { ANYBODY, "failed" },
							{ SYSTEMD, "done" } } };
	char why[512];

	(void)state;
	play(forged, false, THERE, why);
	expect(why, "it failed");
	play(slander, false, THERE, why);
	assert_string_equal(why, "");
}

static void an_answer_of_anybody_is_none(void **state)
{
	const struct bus_play forged = { .tellings = { { SYSTEMD, "done" } }, .replies = ANYBODY };
	char why[512];

	(void)state;
	play(forged, false, THERE, why);
	expect(why, "is not systemd's");
}

/* daemon-reexec: the same systemd, and another name on the bus. */
static void systemd_may_get_another_name(void **state)
{
	const struct bus_play again = { .tellings = { { ANYBODY, "failed" }, { AGAIN, "done" } },
					.owner = AGAIN };
	char why[512];

	(void)state;
	play(again, false, THERE, why);
	assert_string_equal(why, "");
}

static void what_the_kernel_does_not_have_is_not_done(void **state)
{
	static const struct {
		const char *mount, *words;
	} wrong[] = {
		{ NULL, "nothing is mounted at " PLACE },
		{ "/srv/lustre rw - lustre " DEVICE " rw", "nothing is mounted at " PLACE },
		{ PLACE " rw - lustre /dev/mapper/other rw", "/dev/mapper/other" },
		{ PLACE " rw - tmpfs " DEVICE " rw", "of type tmpfs" },
		{ PLACE " rw - xfs " DEVICE " rw", "of type xfs" },
		{ THERE "\n41 40 0:53 / " PLACE " rw - tmpfs tmpfs rw", "of type tmpfs" },
	};
	char why[512];

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		play((struct bus_play)TOLD_DONE, false, wrong[i].mount, why);
		expect(why, wrong[i].words);
	}
	play((struct bus_play)TOLD_DONE, true,
	     "/mnt/lustrewt rw - lustre 10.0.0.9@tcp:/lustrewt rw", why);
	expect(why, "10.0.0.9@tcp:/lustrewt");
	play((struct bus_play)TOLD_DONE, true, "/mnt/lustrewt rw - ext4 " CLIENT " rw", why);
	expect(why, "of type ext4");
}

static struct outcome fails_with(struct bus_unit unit)
{
	const struct bus_play told = { .tellings = { { SYSTEMD, "failed" } }, .unit = unit };
	struct outcome outcome = run(&told, /* is_client= */ false, NULL, /* patience= */ NULL);

	assert_int_equal(outcome.kind, OUTCOME_FAILED);
	expect(outcome.text, "Next: ");
	return outcome;
}

static void mount_lustre_says_why(void **state)
{
	const struct outcome outcome = fails_with((struct bus_unit){
		.active = "failed", .exec = EXEC_NOW, .code = CLD_EXITED, .status = EADDRINUSE });

	(void)state;
	assert_int_equal(outcome.code, EADDRINUSE);
	assert_false(outcome.passing);
}

/* Who could not make the mount point (a full disk) is not sent to the MGS. */
static void a_place_that_is_not_there_is_no_matter_of_the_mgs(void **state)
{
	const struct bus_unit unit = {
		.active = "failed", .exec = EXEC_NOW, .code = CLD_EXITED, .status = ENOENT
	};
	struct outcome outcome;

	(void)state;
	has_place = false;
	outcome = fails_with(unit);
	has_place = true;
	expect(outcome.text, "no directory to mount on at " PLACE);
	assert_int_equal(outcome.code, 0);
	assert_true(outcome.passing);
	outcome = fails_with(unit);
	expect(outcome.text, "the MGS has no record of this target");
	assert_int_equal(outcome.code, ENOENT);
}

/* Then nobody knows whether it was 98, and it has to be asked again. */
static void what_is_no_errno_of_this_start_decides_nothing(void **state)
{
	static const struct bus_unit units[] = {
		{ .active = "failed", .exec = EXEC_NONE },
		{ .active = "failed",
		  .exec = EXEC_EARLIER,
		  .code = CLD_EXITED,
		  .status = EADDRINUSE },
		{ .active = "failed", .exec = EXEC_NOW, .code = CLD_KILLED, .status = SIGKILL },
		{ .active = "failed", .exec = EXEC_NOW, .code = CLD_DUMPED, .status = SIGSEGV },
		{ .active = "failed", .exec = EXEC_NOW, .code = CLD_EXITED, .status = 255 },
		{ .active = "failed", .exec = EXEC_NOW, .code = CLD_EXITED, .status = 0 },
		{ .active = "failed", .exec = EXEC_NOW, .code = 0, .status = 0 },
		{ .active = NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		const struct outcome outcome = fails_with(units[i]);

		if (outcome.code != 0 || !outcome.passing)
			fail_msg("%zu: %d, %s", i, outcome.code, outcome.text);
	}
}

/* A start that did not come to mount(8) shows how an earlier one ended. */
static void the_job_is_heard_first(void **state)
{
	static const struct {
		const char *result, *words;
		bool passing;
	} results[] = {
		{ "dependency", "a unit that it needs failed", true },
		{ "timeout", "ended with \"timeout\"", true },
		{ "skipped", "ended with \"skipped\"", true },
		{ "canceled", "was canceled", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(results) / sizeof(results[0]); i++) {
		const struct bus_play told = {
			.tellings = { { SYSTEMD, results[i].result } },
			.unit = { .active = "failed",
				  .exec = EXEC_NOW,
				  .code = CLD_EXITED,
				  .status = EADDRINUSE },
		};
		const struct outcome outcome = run(&told, false, NULL, NULL);

		expect(outcome.text, results[i].words);
		expect(outcome.text, "Next: ");
		assert_int_not_equal(outcome.code, EADDRINUSE);
		assert_int_equal(outcome.passing, results[i].passing);
	}
}

/* As systemd 262 loses JobRemoved over a daemon-reexec: it is asked. */
static void what_is_not_told_is_asked(void **state)
{
	struct bus_play told = { .unit = { .active = "active", .jobs = 3 } };
	struct outcome outcome;

	(void)state;
	outcome = run(&told, false, THERE, NULL);
	assert_int_equal(outcome.kind, OUTCOME_DONE);
	outcome = run(&told, false, NULL, NULL);
	expect(outcome.text, "nothing is mounted at " PLACE);
	told.unit = (struct bus_unit){ .active = "failed",
				       .jobs = 3,
				       .exec = EXEC_NOW,
				       .code = CLD_EXITED,
				       .status = EADDRINUSE };
	outcome = run(&told, false, NULL, NULL);
	assert_int_equal(outcome.code, EADDRINUSE);
	told.unit = (struct bus_unit){
		.active = "inactive", .exec = EXEC_NOW, .code = CLD_EXITED, .status = EADDRINUSE
	};
	outcome = run(&told, false, NULL, NULL);
	assert_int_equal(outcome.code, 0);
	assert_true(outcome.passing);
}

/* A forged answer is none, and neither is one that is not understood. */
static void what_is_asked_is_asked_of_systemd(void **state)
{
	const struct apply_patience patience = { .tool_usec = 1000000,
						 .told_usec = 1000000,
						 .asked_usec = 20000,
						 .systemd_usec = 300000 };
	const struct bus_play silent = { .unit = { .active = NULL } };
	const struct bus_play forged = { .says = ANYBODY, .unit = { .active = "active" } };
	struct outcome outcome;

	(void)state;
	outcome = run(&silent, false, NULL, &patience);
	expect(outcome.text, "systemd has not answered about");
	assert_true(outcome.passing);
	outcome = run(&silent, false, THERE, &patience);
	assert_int_equal(outcome.kind, OUTCOME_DONE);
	outcome = run(&forged, false, NULL, &patience);
	expect(outcome.text, "systemd has not answered about");
}

/* At once, and not when it is asked next. */
static void another_owner_is_asked(void **state)
{
	const struct apply_patience patience = { .asked_usec = 3600 * 1000000ULL,
						 .told_usec = 3600 * 1000000ULL,
						 .systemd_usec = 3600 * 1000000ULL };
	const struct bus_play again = { .owner = AGAIN,
					.tells_owner = true,
					.unit = { .active = "active" } };

	(void)state;
	assert_int_equal(run(&again, false, THERE, &patience).kind, OUTCOME_DONE);
}

static void a_bus_that_is_lost_is_found_again(void **state)
{
	const struct bus_play back = { .bus = BUS_COMES_BACK,
				       .unit = { .active = "active", .jobs = 2 } };

	(void)state;
	assert_int_equal(run(&back, false, THERE, NULL).kind, OUTCOME_DONE);
}

static void a_bus_that_stays_away_is_not_waited_for_without_end(void **state)
{
	const struct apply_patience patience = { .asked_usec = 20000,
						 .told_usec = 1000000,
						 .systemd_usec = 300000 };
	const struct bus_play gone = { .bus = BUS_IS_GONE };
	const struct bus_play first = { .bus = BUS_GOES_FIRST };
	struct outcome outcome;

	(void)state;
	outcome = run(&gone, false, NULL, &patience);
	expect(outcome.text, "systemd has not answered about");
	expect(outcome.text, "Next: ");
	assert_true(outcome.passing);
	assert_int_equal(run(&gone, false, THERE, &patience).kind, OUTCOME_DONE);
	assert_true(run(&first, false, NULL, &patience).passing);
}

/* How long it takes already. */
static void a_slow_mount_is_told(void **state)
{
	const struct bus_play slow = { .unit = { .active = "active", .jobs = 20 } };
	struct apply_scene s;
	pid_t bus;

	(void)state;
	make_plan(&s, false);
	s.patience.told_usec = 1;
	put_mount(&s, THERE);
	bus = bus_start(&s.machine, &slow);
	apply_run(&s);
	expect(s.told, "mount lustrewt-OST0017, for 0 s");
	bus_end(bus);
	apply_end(&s);
}

/* Whether systemd was made to read its units anew. */
static bool reloads(struct bus_unit unit, const char *before)
{
	struct bus_play told = { .unit = unit };
	struct apply_scene s;
	char fragment[4096];
	pid_t bus;
	bool called;

	make_plan(&s, false);
	s.plan.actions[0].kind = ACTION_WRITE_UNITS;
	recorded_path(&s.machine, "/run/systemd/system/srv-lustre-lustrewt\\x2dOST0017.mount",
		      fragment);
	if (before)
		recorded_file(&s.machine,
			      "/run/systemd/system/srv-lustre-lustrewt\\x2dOST0017.mount", "%s",
			      before);
	if (unit.fragment && strcmp(unit.fragment, "ours") == 0)
		told.unit.fragment = fragment;
	bus = bus_start(&s.machine, &told);
	apply_run(&s);
	assert_int_equal(apply_outcome(&s, ACTION_WRITE_UNITS)->kind, OUTCOME_DONE);
	called = bus_was_called(&s.machine, "Reload");
	bus_end(bus);
	apply_end(&s);
	return called;
}

/* What is mounted by hand, or named by RequiresMountsFor=, systemd knows already, without a file.
 */
static void systemd_reads_its_units_where_it_knows_another(void **state)
{
	(void)state;
	assert_false(reloads((struct bus_unit){ 0 }, NULL));
	assert_true(reloads((struct bus_unit){ .active = "active", .fragment = "" }, NULL));
	assert_true(reloads((struct bus_unit){ .active = "inactive", .fragment = "/etc/x" }, NULL));
	assert_false(reloads((struct bus_unit){ .active = "inactive", .fragment = "ours" }, NULL));
	assert_true(reloads(
		(struct bus_unit){ .active = "inactive", .fragment = "ours", .outdated = true },
		NULL));
	assert_true(reloads((struct bus_unit){ 0 }, "another text"));
	assert_true(reloads((struct bus_unit){ .active = NULL, .fragment = "ours" }, NULL));
}

/* As with a full /run, which systemd's own daemon-reload tells nothing of: not after a format. */
static void units_that_cannot_be_written_are_known_before_all_else(void **state)
{
	const struct bus_play told = { 0 };
	struct apply_scene s;
	struct error err;
	pid_t bus;

	(void)state;
	make_plan(&s, /* is_client= */ false);
	s.plan.actions[0].kind = ACTION_WRITE_UNITS;
	apply_add(&s, ACTION_CREATE_GROUP, -1, -1);
	recorded_file(&s.machine, "/run/systemd", "%s", "a file in the place of a folder\n");
	bus = bus_start(&s.machine, &told);
	assert_true(apply_try(&s, &err) < 0);
	bus_end(bus);
	expect(err.text, "nothing was begun without it. Next: df and dmesg tell what ");
	assert_false(apply_called(&s, ""));
	apply_end(&s);
}

/* It has numbers as mount.lustre has, and they mean something else: EIO where it knows no other. */
static void what_systemd_refuses_is_no_errno_of_a_mount(void **state)
{
	static const char *const errors[] = { "org.freedesktop.systemd1.LoadFailed",
					      "org.freedesktop.systemd1.NoSuchUnit",
					      "org.freedesktop.DBus.Error.AddressInUse",
					      "org.freedesktop.DBus.Error.FileNotFound" };

	(void)state;
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		const struct bus_play told = { .refuses = errors[i] };

		for (int is_client = 0; is_client < 2; is_client++) {
			struct outcome outcome = run(&told, is_client, NULL, /* patience= */ NULL);

			assert_int_equal(outcome.kind, OUTCOME_FAILED);
			assert_int_equal(outcome.code, 0);
			assert_false(outcome.passing);
			expect(outcome.text, "systemd does not start ");
		}
	}
}

/* Not after a format. */
static void without_a_bus_nothing_is_written(void **state)
{
	struct apply_scene s;
	struct error err;
	char where[4096];

	(void)state;
	make_plan(&s, false);
	s.patience.systemd_usec = 300000;
	s.plan.actions[0].kind = ACTION_WRITE_UNITS;
	apply_add(&s, ACTION_CREATE_GROUP, -1, -1);
	recorded_path(&s.machine, "/no-bus", where);
	setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/dev/null/bus", 1);
	assert_true(apply_try(&s, &err) < 0);
	expect(err.text, "systemd does not answer over the system bus");
	expect(err.text, "nothing was written. Next: ");
	expect(s.told, "waiting for systemd");
	assert_false(apply_called(&s, ""));
	apply_end(&s);
}

/* What follows a mount may be cut off, and the mount is systemd's. */
static void a_client_with_parameters_is_marked(void **state)
{
	const struct bus_play told = { .tellings = { { SYSTEMD, "failed" } } };

	(void)state;
	for (int settings = 0; settings < 2; settings++) {
		char path[4096], mark[64];
		struct apply_scene s;
		pid_t bus;

		make_plan(&s, /* is_client= */ true);
		if (settings)
			assert_int_equal(words_add(&s.plan.client.settings, "a.b=1"), 0);
		put_mount(&s, /* mount= */ NULL);
		recorded_path(&s.machine, CLIENT_UNTUNED_PATH, path);
		bus = bus_start(&s.machine, &told);
		apply_run(&s);
		bus_end(bus);
		assert_int_equal(
			file_read_line(s.machine.root, CLIENT_UNTUNED_PATH, mark, sizeof(mark)),
			settings);
		if (settings)
			assert_string_equal(mark, "/mnt/lustrewt");
		apply_end(&s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_systemd_says_and_the_kernel_has_is_done),
		cmocka_unit_test(a_target_that_asks_another_mgs_is_mounted_and_told),
		cmocka_unit_test(a_target_beside_its_mgs_asks_at_any_net_of_the_node),
		cmocka_unit_test(what_anybody_says_is_nothing),
		cmocka_unit_test(an_answer_of_anybody_is_none),
		cmocka_unit_test(systemd_may_get_another_name),
		cmocka_unit_test(what_the_kernel_does_not_have_is_not_done),
		cmocka_unit_test(mount_lustre_says_why),
		cmocka_unit_test(a_place_that_is_not_there_is_no_matter_of_the_mgs),
		cmocka_unit_test(what_is_no_errno_of_this_start_decides_nothing),
		cmocka_unit_test(the_job_is_heard_first),
		cmocka_unit_test(what_is_not_told_is_asked),
		cmocka_unit_test(what_is_asked_is_asked_of_systemd),
		cmocka_unit_test(another_owner_is_asked),
		cmocka_unit_test(a_bus_that_is_lost_is_found_again),
		cmocka_unit_test(a_bus_that_stays_away_is_not_waited_for_without_end),
		cmocka_unit_test(a_slow_mount_is_told),
		cmocka_unit_test(systemd_reads_its_units_where_it_knows_another),
		cmocka_unit_test(units_that_cannot_be_written_are_known_before_all_else),
		cmocka_unit_test(what_systemd_refuses_is_no_errno_of_a_mount),
		cmocka_unit_test(without_a_bus_nothing_is_written),
		cmocka_unit_test(a_client_with_parameters_is_marked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
