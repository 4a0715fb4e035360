/* SPDX-License-Identifier: Apache-2.0 */

/*
 * S4: a journal counts as replayed only where it was, whatever e2fsck calls a success, and whenever
 * the power goes: what it held may be all that tells that a target was in service.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/superblock.h"

#include "scenes/apply_target.h"

/* A file system whose journal is to be replayed; `damage` is a command of debugfs. */
static void leave_a_journal(const struct plan_target *target, const char *damage)
{
	const char *needed[] = { "debugfs",      "-w", "-R", "feature needs_recovery",
				 target->device, NULL };

	mke2fs(target, "lustrewt:OST0017");
	recorded_program(needed);
	needed[3] = damage;
	if (damage)
		recorded_program(needed);
}

/* The first and the last act of replaying, as far as it came, by the real e2fsck. */
static const struct outcome *replay(struct apply_scene *s, const char *damage)
{
	leave_a_journal(make_plan(s, ACTION_REPLAY_JOURNAL), damage);
	apply_tool(s, "sync", "");
	apply_run(s);
	return apply_outcome(s, ACTION_REPLAY_JOURNAL);
}

static void a_journal_in_order_is_replayed(void **state)
{
	struct apply_scene s;

	(void)state;
	assert_int_equal(replay(&s, NULL)->kind, OUTCOME_DONE);
	assert_true(apply_called(&s, "--addtag lustre-init.journal=replaying "
				     "lustre-init-0badcafe/ost0017\nsync "));
	assert_true(apply_called(&s, "--deltag lustre-init.journal=replaying "
				     "lustre-init-0badcafe/ost0017\nsync "));
	assert_false(apply_called(&s, "journal=lost"));
	apply_end(&s);
}

/* What e2fsck did outlives a cut, and what it said does not: no replay without the mark. */
static void a_replay_is_marked_before_it_begins(void **state)
{
	struct apply_scene s;

	(void)state;
	leave_a_journal(make_plan(&s, ACTION_REPLAY_JOURNAL), NULL);
	apply_tool(&s, "e2fsck", "");
	apply_tool(&s, "lvm", "exit 5");
	apply_run(&s);
	assert_int_equal(apply_outcome(&s, ACTION_REPLAY_JOURNAL)->kind, OUTCOME_FAILED);
	assert_true(apply_called(&s, "e2fsck -E journal_only -n "));
	assert_true(apply_called(&s, "--addtag lustre-init.journal=replaying "));
	assert_false(apply_called(&s, "e2fsck -E journal_only -p "));
	apply_end(&s);
}

/* A boot that finds the mark, over what the replay before it has left. */
static void replay_again(struct apply_scene *s, const char *damage, bool replayed,
			 const char *afterwards)
{
	const char *const e2fsck[] = { "sh", "-c", "e2fsck -E journal_only -p \"$0\" || :",
				       s->plan.targets[0].device, NULL };

	leave_a_journal(&s->plan.targets[0], damage);
	if (replayed)
		recorded_program(e2fsck);
	debugfs(&s->plan.targets[0], afterwards);
	s->plan.targets[0].replaying = true;
	apply_tool(s, "sync", "");
	apply_run(s);
}

/* Whatever the journal itself does not tell for certain counts as lost. */
static void a_replay_that_was_cut_off_is_told_by_the_journal(void **state)
{
	static const struct {
		const char *damage; /* before the replay that was cut off, */
		bool replayed;      /* which came to its end, but for our tag */
		const char *afterwards;
		bool done, lost;
	} cuts[] = {
		{ NULL, true, "", true, false },
		/* It begins somewhere: nothing of it was replayed, or not all. */
		{ "zap_block -f <8> -o 31 -l 1 -p 0x01 0", false, "", true, false },
		/* Emptied by a replay that was none, perhaps, and the superblock not yet written.
		 */
		{ NULL, false, "", false, true },
		{ NULL, true, "feature needs_recovery", false, true },
		/* Dropped; made anew; taken away; never to be read again. */
		{ "zap_block -f <8> -o 28 -l 4 -p 0x7f 0", true, "", false, true },
		{ "zap_block -f <8> -l 4 0", true, "", false, true },
		{ NULL, true, "feature ^has_journal", false, true },
		{ NULL, true, "zap_block -f <8> -l 4 0", false, true },
		/* With errors of its own. */
		{ NULL, true, "ssv state 3", false, true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cuts) / sizeof(cuts[0]); i++) {
		struct apply_scene s;

		make_plan(&s, ACTION_REPLAY_JOURNAL);
		replay_again(&s, cuts[i].damage, cuts[i].replayed, cuts[i].afterwards);
		if ((apply_outcome(&s, ACTION_REPLAY_JOURNAL)->kind == OUTCOME_DONE) !=
			    cuts[i].done ||
		    apply_called(&s, "--deltag lustre-init.journal=replaying "
				     "--addtag lustre-init.journal=lost ") != cuts[i].lost)
			fail_msg("cut %zu: %s", i, apply_outcome(&s, ACTION_REPLAY_JOURNAL)->text);
		apply_end(&s);
	}
}

/* A label, too, may say what a journal's head says. */
static void what_stands_before_the_journal_proves_nothing(void **state)
{
	struct apply_scene s;

	(void)state;
	make_plan(&s, ACTION_REPLAY_JOURNAL);
	apply_tool(&s, "dumpe2fs",
		   "printf 'Last mounted on: x\\nJournal start: 0\\nJournal sequence: 9\\n'\n"
		   "printf 'Journal sequence: 0x00000001\\nJournal start: 0\\n'");
	replay_again(&s, NULL, true, "");
	assert_int_equal(apply_outcome(&s, ACTION_REPLAY_JOURNAL)->kind, OUTCOME_FAILED);
	assert_true(apply_called(&s, "journal=lost"));
	apply_end(&s);
}

/* e2fsck -p would delete it, make another, and call that "errors corrected". */
static void a_journal_without_a_head_is_left_as_it_is(void **state)
{
	const struct outcome *outcome;
	struct apply_scene s;
	struct error err;
	struct superblock superblock;
	struct blockdev *device;

	(void)state;
	outcome = replay(&s, "zap_block -f <8> -l 4 0");
	assert_int_equal(outcome->kind, OUTCOME_FAILED);
	assert_non_null(strstr(outcome->text, "left as it is: e2fsck -n exited with status 12"));
	assert_int_equal(blockdev_open(s.plan.targets[0].device, BLOCKDEV_READ, &device, &err), 0);
	assert_int_equal(superblock_read(device, &superblock, &err), 0);
	assert_true(superblock_needs_recovery(&superblock));
	blockdev_close(device);
	apply_end(&s);
}

/* Where it begins is damaged: e2fsck drops all that it held, and ends with 0. */
static void a_journal_that_was_dropped_is_no_replay(void **state)
{
	const struct outcome *outcome;
	struct apply_scene s;

	(void)state;
	outcome = replay(&s, "zap_block -f <8> -o 28 -l 4 -p 0x7f 0");
	assert_int_equal(outcome->kind, OUTCOME_FAILED);
	assert_non_null(strstr(outcome->text, "what it held is lost"));
	assert_true(apply_called(&s, "--addtag lustre-init.journal=lost "
				     "lustre-init-0badcafe/ost0017\nsync "));
	apply_end(&s);
}

/* e2fsck(8): 1 is "errors corrected", and 4 on they were not. */
static void only_a_replay_is_one(void **state)
{
	static const struct {
		const char *look, *replay;
		enum outcome_kind kind;
		bool lost;
	} ends[] = {
		{ "exit 0", "exit 0", OUTCOME_DONE, false },
		{ "exit 0", "exit 1", OUTCOME_FAILED, true },
		{ "exit 0", "exit 4", OUTCOME_FAILED, true },
		{ "exit 0", "echo Journal checksum error found in x", OUTCOME_FAILED, true },
		{ "exit 0", "echo Journal corrupted in x", OUTCOME_FAILED, true },
		{ "exit 0", "for d; do :; done; debugfs -w -R 'ssv state 2' $d", OUTCOME_FAILED,
		  true },
		{ "exit 4", "exit 0", OUTCOME_FAILED, false },
		{ "exit 12", "exit 0", OUTCOME_FAILED, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		struct apply_scene s;
		char script[256];

		mke2fs(make_plan(&s, ACTION_REPLAY_JOURNAL), "lustrewt:OST0017");
		snprintf(script, sizeof(script), "case \"$*\" in *-n*) %s;; *) %s;; esac",
			 ends[i].look, ends[i].replay);
		apply_tool(&s, "e2fsck", script);
		apply_tool(&s, "sync", "");
		apply_run(&s);
		assert_int_equal(apply_outcome(&s, ACTION_REPLAY_JOURNAL)->kind, ends[i].kind);
		assert_int_equal(apply_called(&s, "journal=lost"), ends[i].lost);
		assert_true(apply_called(&s, "e2fsck -E journal_only -n "));
		apply_end(&s);
	}
}

/* A tool that was ended has said nothing of the journal: another round asks again. */
static void a_tool_that_was_ended_decides_nothing(void **state)
{
	static const char *const tools[] = { "e2fsck", "dumpe2fs" };

	(void)state;
	for (size_t i = 0; i < sizeof(tools) / sizeof(tools[0]); i++) {
		const struct outcome *outcome;
		struct plan_target *target;
		struct apply_scene s;

		target = make_plan(&s, ACTION_REPLAY_JOURNAL);
		mke2fs(target, "lustrewt:OST0017");
		target->replaying = i == 1;
		apply_tool(&s, tools[i], "kill -KILL $$");
		apply_tool(&s, "sync", "");
		apply_run(&s);
		outcome = apply_outcome(&s, ACTION_REPLAY_JOURNAL);
		assert_int_equal(outcome->kind, OUTCOME_FAILED);
		assert_true(outcome->passing);
		assert_non_null(strstr(outcome->text, "signal"));
		assert_false(apply_called(&s, "journal=lost"));
		apply_end(&s);
	}
}

/* Nor has the replay itself, as where memory ran out: the journal is still there. */
static void a_replay_that_was_ended_is_tried_again(void **state)
{
	const struct outcome *outcome;
	struct apply_scene s;

	(void)state;
	leave_a_journal(make_plan(&s, ACTION_REPLAY_JOURNAL), NULL);
	apply_tool(&s, "e2fsck", "case \"$*\" in *-p*) kill -KILL $$ ;; esac");
	apply_tool(&s, "sync", "");
	apply_run(&s);
	outcome = apply_outcome(&s, ACTION_REPLAY_JOURNAL);
	assert_int_equal(outcome->kind, OUTCOME_FAILED);
	assert_true(outcome->passing);
	assert_non_null(strstr(outcome->text, "signal"));
	assert_true(apply_called(&s, "journal=replaying"));
	assert_false(apply_called(&s, "journal=lost"));
	apply_end(&s);
}

/* Such as systemd, with a mount that a killed run had ordered: what is read beside it means
 * nothing.
 */
static void beside_another_nothing_is_concluded(void **state)
{
	static const struct {
		const char *e2fsck;
		bool replaying, begun;
	} looks[] = {
		{ "case \"$*\" in *-n*) echo 'Warning!  /dev/x is in use.';; esac", false, false },
		{ "case \"$*\" in *-n*) echo 'Warning!  /dev/x is mounted.'; exit 12;; esac", false,
		  false },
		{ "case \"$*\" in *-p*) echo '/dev/x is in use.'; exit 8;; esac", false, true },
		{ "case \"$*\" in *-p*) echo '/dev/x is mounted.'; exit 8;; esac", false, true },
		{ "echo 'Warning!  /dev/x is in use.'", true, false },
		{ "kill -KILL $$", true, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(looks) / sizeof(looks[0]); i++) {
		const struct outcome *outcome;
		struct apply_scene s;

		leave_a_journal(make_plan(&s, ACTION_REPLAY_JOURNAL), NULL);
		s.plan.targets[0].replaying = looks[i].replaying;
		apply_tool(&s, "e2fsck", looks[i].e2fsck);
		apply_tool(&s, "sync", "");
		apply_run(&s);
		outcome = apply_outcome(&s, ACTION_REPLAY_JOURNAL);
		assert_int_equal(outcome->kind, OUTCOME_FAILED);
		assert_true(outcome->passing);
		assert_false(apply_called(&s, "journal=lost"));
		assert_int_equal(apply_called(&s, "journal=replaying"), looks[i].begun);
		apply_end(&s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_journal_in_order_is_replayed),
		cmocka_unit_test(a_replay_is_marked_before_it_begins),
		cmocka_unit_test(a_replay_that_was_cut_off_is_told_by_the_journal),
		cmocka_unit_test(what_stands_before_the_journal_proves_nothing),
		cmocka_unit_test(a_journal_without_a_head_is_left_as_it_is),
		cmocka_unit_test(a_journal_that_was_dropped_is_no_replay),
		cmocka_unit_test(only_a_replay_is_one),
		cmocka_unit_test(a_tool_that_was_ended_decides_nothing),
		cmocka_unit_test(a_replay_that_was_ended_is_tried_again),
		cmocka_unit_test(beside_another_nothing_is_concluded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
