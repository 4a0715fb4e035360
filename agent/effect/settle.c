/* SPDX-License-Identifier: Apache-2.0 */

/*
 * After the first mount the new label is in memory only. Cut off now, the target would come back as
 * one that never registered, and the MGS would refuse it (measured). So: flush, and look at the
 * medium.
 */

#include "base/event.h"
#include "base/superblock.h"
#include "effect/lustre.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOOKS_MAX       10
#define LOOK_PAUSE_USEC 500000ULL

struct settling {
	unsigned looks;
	sd_event_source *timer;
};

static void flush(struct step *step);

static int on_pause_over(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct step *step = userdata;
	struct settling *settling = step->work;

	(void)usec;
	settling->timer = event_source_end(source);
	flush(step);
	return 0;
}

static bool label_on_medium(struct step *step, char label[SUPERBLOCK_LABEL_SIZE + 1],
			    struct error *err)
{
	struct superblock superblock;
	struct blockdev *device = NULL;
	int r = blockdev_open(step->target->device, BLOCKDEV_READ, &device, err);

	if (r == 0)
		r = superblock_read(device, &superblock, err);
	blockdev_close(device);
	if (r < 0)
		return false;
	superblock_label(&superblock, label);
	return true;
}

static void on_flushed(struct step *step, const struct process_result *result)
{
	struct settling *settling = step->work;
	char label[SUPERBLOCK_LABEL_SIZE + 1];
	struct error err;
	int r;

	(void)result;
	if (!label_on_medium(step, label, &err)) {
		step_fail_error(step, &err);
		return;
	}
	/* fs names of eight characters make labels of seventeen: the superblock holds the first
	 * sixteen. */
	if (strncmp(label, step->target->name, SUPERBLOCK_LABEL_SIZE) == 0) {
		step_done(step);
		return;
	}
	if (++settling->looks == LOOKS_MAX) {
		step_fail(step, EIO,
			  "%s is mounted, but its label on the medium is %s, not %s; it would not "
			  "come "
			  "back after a power cut",
			  step->target->device, label, step->target->name);
		return;
	}
	r = event_add_timer(step->loop, &settling->timer, LOOK_PAUSE_USEC, on_pause_over, step);
	if (r < 0)
		step_fail(step, -r, "cannot wait for %s to settle", step->target->name);
}

/*
 * Of this one file system: sync(2) goes through all of them, and one of somebody's that hangs (NFS
 * whose server is gone) would hold it. syncfs(2) by the mount point would flush nothing, since what
 * Lustre mounts there is not what lies on the disk. The kernel finds that by its device
 * (block/ioctl.c: BLKFLSBUF writes out the file system that holds the device, then the device).
 */
static void flush(struct step *step)
{
	struct words argv = { 0 };

	words_add(&argv, "blockdev");
	words_add(&argv, "--flushbufs");
	words_add(&argv, step->target->device);
	step_run(step, &argv, step_patience(step), on_flushed);
	words_done(&argv);
}

void lustre_settle(struct step *step)
{
	step->work = calloc(1, sizeof(struct settling));
	if (!step->work)
		step_fail_passing(step, ENOMEM, "out of memory");
	else
		flush(step);
}
