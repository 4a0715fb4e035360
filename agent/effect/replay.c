/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The journal of a target that has to be judged. What e2fsck calls a success is not one: over a
 * superblock of the journal that is damaged it deletes the journal, makes another, and ends with 1;
 * over one that is damaged elsewhere it drops what the journal held, and ends with 0
 * (measured, 1.47.0 and 1.47.4). A target that was served may look as if it never was after that,
 * so it is marked, and never judged.
 */

#include "base/superblock.h"
#include "effect/lustre.h"
#include "effect/lvm.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Reads a journal's head, and no more. */
#define LOOK_TIMEOUT_USEC (60 * 1000000ULL)

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

static void on_marked(struct step *step, const struct process_result *result)
{
	(void)result;
	step_fail(step, EIO,
		  "the journal of %s could not be replayed, and what it held is lost: "
		  "whether it was in service cannot be told any more",
		  step->target->device);
}

static void on_tagged(struct step *step, const struct process_result *result)
{
	(void)result;
	lvm_flush(step, on_marked);
}

static void on_replayed(struct step *step, const struct process_result *result)
{
	struct superblock superblock;
	char sentence[384];
	struct error err;

	if (read_superblock(step, &superblock, &err) < 0) {
		step_fail(step, -err.code, "%s", err.text);
		return;
	}
	if (is_replay(result, &superblock)) {
		step_done(step);
		return;
	}
	step_describe(step, "e2fsck", result, sentence, sizeof(sentence));
	if (superblock_needs_recovery(&superblock)) {
		step_fail(step, EIO, "the journal of %s was not replayed: %s", step->target->device,
			  sentence);
		return;
	}
	step_note(step, "%s", sentence);
	lvm_tag_journal_lost(step, on_tagged);
}

/* 0: there is a journal, and it can be read. 12: it cannot, and nothing was written. */
static void on_looked(struct step *step, const struct process_result *result)
{
	char sentence[384];

	if (result->end == PROCESS_EXITED && result->code == 0 && !says(result, "corrupt")) {
		run_e2fsck(step, "-p", PROCESS_FOREVER, on_replayed);
		return;
	}
	step_describe(step, "e2fsck -n", result, sentence, sizeof(sentence));
	step_fail(step, EIO, "the journal of %s cannot be replayed, and was left as it is: %s",
		  step->target->device, sentence);
}

void lustre_replay_journal(struct step *step)
{
	run_e2fsck(step, "-n", LOOK_TIMEOUT_USEC, on_looked);
}
