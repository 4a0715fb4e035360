/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The journal of a target that has to be judged. What e2fsck calls a success is not one: over a
 * superblock of the journal that is damaged it deletes the journal, makes another, and ends with 1;
 * over one that is damaged elsewhere it drops what the journal held, and ends with 0
 * (measured, 1.47.0 and 1.47.4). A target that was served may look as if it never was after that,
 * so it is marked, and never judged.
 *
 * Nothing is concluded beside another who has the device open: a mount that a run before had
 * ordered goes on in systemd when that run is killed, and replays the journal itself.
 *
 * The mark is there before the replay begins, since what e2fsck did outlives a cut, and what it
 * said does not. Where it is found again, the journal itself tells how far the replay came.
 */

#include "base/superblock.h"
#include "effect/lustre.h"
#include "effect/lvm.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void run_e2fsck(struct step *step, const char *how, uint64_t timeout_usec,
		       step_result_fn next)
{
	struct words argv = { 0 };

	words_add(&argv, "e2fsck");
	words_add(&argv, "-E");
	words_add(&argv, "journal_only");
	words_add(&argv, how);
	words_add(&argv, step->target->device);
	step_run_any(step, &argv, timeout_usec, next);
	words_done(&argv);
}

static bool says(const struct process_result *result, const char *words)
{
	return strstr(result->output, words) || strstr(result->errors, words);
}

/* "Journal corrupted in", "Journal checksum error found in", "journal has been deleted". */
static bool is_replay(const struct process_result *result, const struct superblock *superblock)
{
	return result->end == PROCESS_EXITED && result->code == 0 && !says(result, "corrupt") &&
	       !says(result, "checksum error") && !says(result, "deleted") &&
	       !superblock_needs_recovery(superblock) && superblock_is_clean(superblock);
}

static int read_superblock(const struct step *step, struct superblock *ret, struct error *err)
{
	struct blockdev *device = NULL;
	int r = blockdev_open(step->target->device, BLOCKDEV_READ, &device, err);

	if (r == 0)
		r = superblock_read(device, ret, err);
	blockdev_close(device);
	return r;
}

static void fail_in_use(struct step *step)
{
	step_fail_passing(step, EBUSY,
			  "%s is in use, so its journal is not looked at: perhaps systemd is still "
			  "at work on a mount that an earlier run began. Next: systemctl list-jobs "
			  "and fuser -v %s show who it is; when they are done, systemctl restart "
			  "lustre-init",
			  step->target->device, step->target->device);
}

/* With -n e2fsck only warns of it, and reads what changes meanwhile. e2fsck/unix.c: check_mount()
 */
static bool met_another(const struct process_result *result)
{
	return says(result, " is in use.") || says(result, " is mounted.");
}

static void on_marked(struct step *step, const struct process_result *result)
{
	(void)result;
	step_fail(step, EIO,
		  "the journal of %s could not be replayed, and what it held is lost: "
		  "whether it was in service cannot be told any more",
		  step->target->device);
}

static void on_tagged_lost(struct step *step, const struct process_result *result)
{
	(void)result;
	lvm_flush(step, on_marked);
}

static void on_untagged(struct step *step, const struct process_result *result)
{
	(void)result;
	lvm_flush(step, /* next= */ NULL);
}

static void on_replayed(struct step *step, const struct process_result *result)
{
	struct superblock superblock;
	char sentence[384];
	struct error err;

	if (met_another(result)) {
		fail_in_use(step);
		return;
	}
	if (read_superblock(step, &superblock, &err) < 0) {
		step_fail_error(step, &err);
		return;
	}
	if (is_replay(result, &superblock)) {
		lvm_tag_journal(step, VOLUME_JOURNAL_UNTOUCHED, on_untagged);
		return;
	}
	/* It was cut off, and the journal is there as it was: another round goes on. */
	if (result->end != PROCESS_EXITED && superblock_needs_recovery(&superblock)) {
		step_fail_process(step, "e2fsck", result, /* code= */ 0);
		return;
	}
	step_describe(step, "e2fsck", result, sentence, sizeof(sentence));
	if (superblock_needs_recovery(&superblock)) {
		step_fail(step, EIO, "the journal of %s was not replayed: %s", step->target->device,
			  sentence);
		return;
	}
	step_note(step, "%s", sentence);
	lvm_tag_journal(step, VOLUME_JOURNAL_LOST, on_tagged_lost);
}

static void replay(struct step *step, const struct process_result *result)
{
	(void)result;
	run_e2fsck(step, "-p", PROCESS_FOREVER, on_replayed);
}

static void on_tagged_replaying(struct step *step, const struct process_result *result)
{
	(void)result;
	lvm_flush(step, replay);
}

/* 0: there is a journal, and it can be read. 12: it cannot, and nothing was written. */
static void on_looked_again(struct step *step, const struct process_result *result)
{
	char sentence[384];

	if (met_another(result)) {
		fail_in_use(step);
		return;
	}
	if (result->end == PROCESS_EXITED && result->code == 0 && !says(result, "corrupt")) {
		lvm_tag_journal(step, VOLUME_JOURNAL_REPLAYING, on_tagged_replaying);
		return;
	}
	if (result->end != PROCESS_EXITED) {
		step_fail_process(step, "e2fsck -n", result, /* code= */ 0);
		return;
	}
	step_describe(step, "e2fsck -n", result, sentence, sizeof(sentence));
	step_fail(step, EIO, "the journal of %s cannot be replayed, and was left as it is: %s",
		  step->target->device, sentence);
}

/*
 * A number of the journal's own superblock, as dumpe2fs(8) shows it at the end; what stands before
 * may be anything. False where there is none.
 */
static bool find_number(const char *output, const char *name, unsigned long *ret)
{
	const char *found = NULL;
	char *end;

	for (const char *at = strstr(output, name); at; at = strstr(at + 1, name))
		found = at + strlen(name);
	if (!found)
		return false;
	found += strspn(found, " ");
	*ret = strtoul(found, &end, 0);
	return end != found && *end == '\n';
}

/*
 * A replay leaves the journal empty, behind the last number that it used; one that was made anew
 * begins with the first. (A head that is reset has any number, with checksums: e2fsck -n tells of
 * such a head, and then nothing was begun.)
 *
 * Emptied, with the file system still to be replayed, is what a cut between e2fsck's last two
 * writes leaves, and only the second of them would tell whether it replayed the journal or dropped
 * it, by a superblock that is clean or is not. The number does not: older ones of e2fsck count on
 * where they dropped the journal, too, and 1.47 does where a commit is damaged. So it is lost.
 */
static void on_head(struct step *step, const struct process_result *result)
{
	unsigned long start = 0, sequence = 0;
	struct superblock superblock;
	bool known, pending;
	struct error err;

	if (result->end != PROCESS_EXITED) {
		step_fail_process(step, "dumpe2fs", result, /* code= */ 0);
		return;
	}
	if (read_superblock(step, &superblock, &err) < 0) {
		step_fail_error(step, &err);
		return;
	}
	step->held = blockdev_close(step->held);
	known = result->code == 0 && superblock_has_journal(&superblock) &&
		find_number(result->output, "\nJournal start:", &start) &&
		find_number(result->output, "\nJournal sequence:", &sequence);
	pending = superblock_needs_recovery(&superblock);
	if (known && pending && start != 0)
		run_e2fsck(step, "-n", step_patience(step), on_looked_again);
	else if (known && !pending && start == 0 && sequence > 1 &&
		 superblock_is_clean(&superblock))
		lvm_tag_journal(step, VOLUME_JOURNAL_UNTOUCHED, on_untagged);
	else
		lvm_tag_journal(step, VOLUME_JOURNAL_LOST, on_tagged_lost);
}

/* Nobody else has it while it is read: between two looks a mount could begin, and end. */
static void look_how_far(struct step *step)
{
	struct words argv = { 0 };
	struct error err;
	int r = blockdev_open(step->target->device, BLOCKDEV_TRY, &step->held, &err);

	if (r < 0) {
		if (r == -EBUSY)
			fail_in_use(step);
		else
			step_fail_error(step, &err);
		return;
	}

	words_add(&argv, "dumpe2fs");
	words_add(&argv, "-h");
	words_add(&argv, step->target->device);
	step_run_any(step, &argv, step_patience(step), on_head);
	words_done(&argv);
}

static void on_looked(struct step *step, const struct process_result *result)
{
	if (!step->target->replaying)
		on_looked_again(step, result);
	else if (met_another(result))
		fail_in_use(step);
	else if (result->end != PROCESS_EXITED)
		step_fail_process(step, "e2fsck -n", result, /* code= */ 0);
	else
		look_how_far(step);
}

void lustre_replay_journal(struct step *step)
{
	run_e2fsck(step, "-n", step_patience(step), on_looked);
}
