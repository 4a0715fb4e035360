/* SPDX-License-Identifier: Apache-2.0 */
#include "effect/lvm.h"

#include "base/lvm_command.h"
#include "base/lvm_head.h"
#include "base/text.h"
#include "effect/disk_check.h"
#include "model/volume_tags.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Sees no device but those that follow. */
static void begin_alone(const struct step *step, struct words *argv, const char *command)
{
	lvm_command_begin(argv, command, step->group->name, step->group->system_id);
}

/* The same with the group's own disks as the view of devices. */
static void begin(const struct step *step, struct words *argv, const char *command)
{
	begin_alone(step, argv, command);
	for (size_t i = 0; i < step->group->disk_count; i++) {
		words_add(argv, "--devices");
		words_add(argv, step->group->disks[i].path);
	}
}

static void add_tag(struct words *argv, const char *option, const char *name, const char *value)
{
	words_add(argv, option);
	words_addf(argv, VOLUME_TAG_OURS ".%s=%s", name, value);
}

/*
 * LVM leaves what it writes in the disks' own caches: no flush follows (measured, lvm2 2.03.16).
 * Cut off before somebody else's flush, a disk may have the header and not the text that it points
 * to, and the group cannot be read, whatever is in service on it. So an action is done when what it
 * wrote is on the medium.
 */
void lvm_flush(struct step *step, step_result_fn next)
{
	const struct plan_group *group = step->group;
	struct words argv = { 0 };

	words_add(&argv, "sync");
	for (size_t i = 0; i < group->disk_count; i++)
		if (step->action->item < 0 || (size_t)step->action->item == i)
			words_add(&argv, group->disks[i].path);
	step_run(step, &argv, step_patience(step), next);
	words_done(&argv);
}

static void flush_disks(struct step *step, const struct process_result *result)
{
	(void)result;
	lvm_flush(step, /* next= */ NULL);
}

static void run_and_flush(struct step *step, struct words *argv)
{
	step_run(step, argv, step_patience(step), flush_disks);
	words_done(argv);
}

/* Locks the action's disk for LVM; ends the step where the disk is not as planned. */
static const struct plan_disk *take_disk(struct step *step)
{
	const struct plan_disk *disk = &step->group->disks[step->action->item];
	char why[DISK_CHECK_TEXT_MAX];
	int r = disk_check(disk, DISK_CHECK_AT_ENDS, &step->held, why);

	if (r < 0) {
		disk_check_end(step, r, why, "");
		return NULL;
	}
	blockdev_hand_over(step->held);
	return disk;
}

static void run_pvcreate(struct step *step, const struct process_result *result)
{
	const struct plan_disk *disk = &step->group->disks[step->action->item];
	struct words argv = { 0 };

	(void)result;
	begin_alone(step, &argv, "pvcreate");
	words_add(&argv, "--devices");
	words_add(&argv, disk->path);
	words_add(&argv, "--norestorefile");
	/* The one answer it may need: to wipe the ext3 that was just seen to be empty. */
	if (disk->holds == PLAN_DISK_EMPTY_EXT3)
		words_add(&argv, "--yes");
	words_add(&argv, "--uuid");
	words_add(&argv, disk->pv_uuid);
	words_add(&argv, disk->path);
	run_and_flush(step, &argv);
}

/* Zeros over what LVM left half made: over that, neither pvcreate nor vgcreate goes on (measured).
 */
static void clear_head(struct step *step, const struct plan_disk *disk)
{
	struct words argv = { 0 };

	words_add(&argv, "blkdiscard");
	words_add(&argv, "--zeroout");
	words_add(&argv, "--length");
	words_addf(&argv, "%llu", LVM_HEAD_SIZE);
	words_add(&argv, disk->path);
	step_run(step, &argv, step_patience(step), run_pvcreate);
	words_done(&argv);
}

void lvm_create_pv(struct step *step)
{
	const struct plan_disk *disk = take_disk(step);

	if (disk && (disk->holds == PLAN_DISK_BEGUN || disk->holds == PLAN_DISK_BEGUN_EXT3))
		clear_head(step, disk);
	else if (disk)
		run_pvcreate(step, /* result= */ NULL);
}

/* The disk must have become the PV that it was: anything else would put stripes into another order.
 */
static void compare_repaired(struct step *step, const struct process_result *result)
{
	const struct plan_disk *disk = &step->group->disks[step->action->item];
	struct blockdev_signature found[2];
	struct error err;
	size_t count;

	if (blockdev_probe(step->held, found, 2, &count, &err) < 0) {
		step_fail_error(step, &err);
		return;
	}
	if (count != 1 || strcmp(found[0].uuid, disk->pv_uuid) != 0) {
		step_fail(step, EIO,
			  "pvck --repair made disk %.64s (serial %s) PV %.40s, and it was PV %s",
			  disk->path, disk->serial, count > 0 ? found[0].uuid : "none",
			  disk->pv_uuid);
		return;
	}
	flush_disks(step, result);
}

/*
 * LVM's own copy of the group's metadata is written back to one PV. It may be older than what was
 * lost by one commit, which can only be a tag: volumes are never changed once they are made.
 *
 * Which of its PVs the disk is, pvck is told: by itself it goes by a label, or without one by the
 * name that the disk had when the copy was made (measured, 2.03.16), and names change.
 */
static void run_pvck(struct step *step, const struct plan_disk *disk, const char *backup)
{
	struct words argv = { 0 };

	/* With --devices pvck takes no device at all (measured, 2.03.16): it looks at none but its
	 * own. */
	begin_alone(step, &argv, "pvck");
	words_add(&argv, "--yes");
	words_add(&argv, "--repair");
	words_add(&argv, "--file");
	words_add(&argv, backup);
	words_add(&argv, "--settings");
	words_addf(&argv, "pv_uuid=%s", disk->pv_uuid);
	words_add(&argv, disk->path);
	step_run(step, &argv, step_patience(step), compare_repaired);
	words_done(&argv);
}

void lvm_repair_pv(struct step *step)
{
	const struct plan_disk *disk;
	char backup[PATH_MAX];

	if (text_format(backup, sizeof(backup), "%s/%s", step->options->lvm_backups,
			step->group->name) < 0) {
		step_fail(step, ENAMETOOLONG, "%s/%s: path too long", step->options->lvm_backups,
			  step->group->name);
		return;
	}
	if (access(backup, R_OK) < 0) {
		step_refuse(
			step,
			"LVM cannot read volume group %.64s, and %.160s is not there to repair it "
			"from",
			step->group->name, backup);
		return;
	}
	disk = take_disk(step);
	if (disk)
		run_pvck(step, disk, backup);
}

void lvm_create_group(struct step *step)
{
	struct words argv = { 0 };
	char pvs[16];

	begin(step, &argv, "vgcreate");
	words_add(&argv, "--setautoactivation");
	words_add(&argv, "n");
	words_add(&argv, "--addtag");
	words_add(&argv, VOLUME_TAG_OURS);
	add_tag(&argv, "--addtag", "instance", step->options->instance_id);
	snprintf(pvs, sizeof(pvs), "%zu", step->group->disk_count);
	add_tag(&argv, "--addtag", "pvs", pvs);
	words_add(&argv, step->group->name);
	for (size_t i = 0; i < step->group->disk_count; i++)
		words_add(&argv, step->group->disks[i].path);
	run_and_flush(step, &argv);
}

/* A share was made a size in the plan (decide/disks/place.h). */
static void add_size(struct words *argv, const struct size_choice *size)
{
	if (size->bytes > 0) {
		words_add(argv, "--size");
		words_addf(argv, "%llub", (unsigned long long)size->bytes);
	} else {
		words_add(argv, "--extents");
		words_add(argv, "100%FREE");
	}
}

/*
 * Nothing is wiped (-Wn -Zn): a signature inside the new volume is looked for before mkfs, and
 * found ones are refused, where LVM would wipe them without a word (S3).
 */
void lvm_create_volume(struct step *step)
{
	const struct plan_target *target = step->target;
	struct words argv = { 0 };

	begin(step, &argv, "lvcreate");
	words_add(&argv, "--wipesignatures");
	words_add(&argv, "n");
	words_add(&argv, "--zero");
	words_add(&argv, "n");
	words_add(&argv, "--addtag");
	words_add(&argv, VOLUME_TAG_OURS);
	add_tag(&argv, "--addtag", "target", target->name);
	add_tag(&argv, "--addtag", "phase", phase_name(PHASE_CREATING));
	words_add(&argv, "--name");
	words_add(&argv, target->volume);
	if (target->stripes > 1) {
		words_add(&argv, "--stripes");
		words_addf(&argv, "%u", target->stripes);
		words_add(&argv, "--stripesize");
		words_addf(&argv, "%ub", target->stripe_size);
	}
	add_size(&argv, &target->size);
	words_add(&argv, step->group->name);
	run_and_flush(step, &argv);
}

/* One call takes the old owner away and puts this instance on, and LVM commits it atomically. */
void lvm_adopt_group(struct step *step)
{
	struct words argv = { 0 };

	begin(step, &argv, "vgchange");
	add_tag(&argv, "--deltag", "instance", step->group->adopted_from);
	add_tag(&argv, "--addtag", "instance", step->options->instance_id);
	words_add(&argv, step->group->name);
	run_and_flush(step, &argv);
}

void lvm_activate_group(struct step *step)
{
	struct words argv = { 0 };

	begin(step, &argv, "vgchange");
	words_add(&argv, "--activate");
	words_add(&argv, "y");
	words_add(&argv, step->group->name);
	step_run(step, &argv, step_patience(step), /* next= */ NULL);
	words_done(&argv);
}

/* One call takes the old phase away and puts the new one on, and LVM commits it atomically. */
void lvm_tag_phase(struct step *step)
{
	struct words argv = { 0 };

	begin(step, &argv, "lvchange");
	for (enum phase phase = PHASE_CREATING; phase < PHASE_MAX; phase++)
		if (phase != step->action->phase)
			add_tag(&argv, "--deltag", "phase", phase_name(phase));
	add_tag(&argv, "--addtag", "phase", phase_name(step->action->phase));
	words_addf(&argv, "%s/%s", step->group->name, step->target->volume);
	run_and_flush(step, &argv);
}

void lvm_tag_journal(struct step *step, enum volume_journal journal, step_result_fn next)
{
	struct words argv = { 0 };

	begin(step, &argv, "lvchange");
	if (journal != VOLUME_JOURNAL_REPLAYING)
		add_tag(&argv, "--deltag", "journal", VOLUME_TAG_JOURNAL_REPLAYING);
	if (journal != VOLUME_JOURNAL_UNTOUCHED)
		add_tag(&argv, "--addtag", "journal",
			journal == VOLUME_JOURNAL_LOST ? VOLUME_TAG_JOURNAL_LOST
						       : VOLUME_TAG_JOURNAL_REPLAYING);
	words_addf(&argv, "%s/%s", step->group->name, step->target->volume);
	step_run(step, &argv, step_patience(step), next);
	words_done(&argv);
}
