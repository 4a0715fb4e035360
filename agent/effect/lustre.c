/* SPDX-License-Identifier: Apache-2.0 */
#include "effect/lustre.h"

#include "base/superblock.h"
#include "effect/mkfs_options.h"
#include "effect/record.h"
#include "model/target_listing.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define IN_SERVICE_FIX \
	", and is not formatted; systemctl restart lustre-init judges it by what is on it now"

void lustre_load(struct step *step)
{
	struct words argv = { 0 };

	words_add(&argv, "modprobe");
	words_add(&argv, "--all");
	words_add(&argv, "lustre");
	if (step->options->plan->target_count > 0)
		words_add(&argv, "osd_ldiskfs");
	step_run(step, &argv, step_patience(step), /* next= */ NULL);
	words_done(&argv);
}

/* Has this plan made the volume? Then nobody can have put anything on it. */
static bool is_fresh(const struct step *step)
{
	const struct plan *plan = step->options->plan;

	for (size_t i = 0; i < plan->action_count; i++)
		if (plan->actions[i].kind == ACTION_CREATE_VOLUME &&
		    plan->actions[i].target == step->action->target)
			return true;
	return false;
}

/* No signature: it must read zero, unless it is known why it may not. */
static int check_no_data(const struct step *step, struct error *err)
{
	uint64_t data_at;
	int r;

	if (is_fresh(step) || state_has_remains(step->options->state, step->options->instance_id,
						step->target->name, step->group->name))
		return 0;
	r = blockdev_find_data(step->held, 0, &data_at, err);
	if (r < 0 || data_at == UINT64_MAX)
		return r;
	return error_set(err, -EEXIST,
			 "it holds data at byte %" PRIu64 " that no format of ours has left; save "
			 "what it holds, then remove the volume with lvremove: it is made anew",
			 data_at);
}

/* The plan was made of one that was replayed; what is in a journal since, no listing shows. */
static int check_journal(const struct step *step, struct error *err)
{
	struct superblock superblock;
	int r = superblock_read(step->held, &superblock, err);

	if (r < 0 || !superblock_needs_recovery(&superblock))
		return r;
	return error_set(err, -EEXIST, "it was mounted since the plan was made" IN_SERVICE_FIX);
}

/* A format of ours, as far as its label tells: what is in it is looked at next. */
static int check_signature(const struct step *step, const struct blockdev_signature *found,
			   size_t count, struct error *err)
{
	const struct blockdev_signature *other = count > 1 ? &found[1] : found;

	if (step->target->reformat && count == 1 && strncmp(found->type, "ext", 3) == 0 &&
	    target_label_is(found->label, step->target->name))
		return check_journal(step, err);
	return error_set(err, -EEXIST,
			 "it carries a signature of %s%s%.40s%s that is not ours; save what it "
			 "holds, then remove it with wipefs",
			 other->type, other->label[0] ? ", label \"" : "", other->label,
			 other->label[0] ? "\"," : "");
}

/*
 * What is on the volume right before mkfs.lustre, which passes -F to mke2fs and so overwrites
 * anything (measured). A file system is fine only where the plan says that it is a format of ours
 * to be redone. Returns the number of signatures; -EEXIST for what may not be written over.
 */
static int recheck_volume(struct step *step, struct error *err)
{
	struct blockdev_signature found[2];
	size_t count;
	int r = blockdev_open(step->target->device, BLOCKDEV_CLAIM, &step->held, err);

	if (r >= 0)
		r = blockdev_probe(step->held, found, 2, &count, err);
	if (r >= 0)
		r = count == 0 ? check_no_data(step, err)
			       : check_signature(step, found, count, err);
	if (r < 0)
		return r;
	blockdev_hand_over(step->held);
	return (int)count;
}

/*
 * No discard: EC2 hands its disks over trimmed, and discarding takes up to minutes. Inode tables
 * are left to the kernel's lazy initialisation only where the disks were proven blank in this very
 * run.
 */
static void add_mkfs_options(struct words *argv, const struct plan_target *target)
{
	struct words ours = { 0 };

	words_add(&ours, "nodiscard");
	words_addf(&ours, "lazy_itable_init=%d", target->zeroed ? 1 : 0);
	mkfs_options_add(argv, &target->mkfs_options, &ours);
	words_done(&ours);
}

static void run_mkfs(struct step *step)
{
	static const char *const kinds[TARGET_KIND_MAX] = {
		[TARGET_MGT] = "--mgs",
		[TARGET_MDT] = "--mdt",
		[TARGET_OST] = "--ost",
	};
	const struct plan_target *target = step->target;
	struct words argv = { 0 };
	struct error err;

	if (record_format(step, &err) < 0) {
		step_fail_error(step, &err);
		return;
	}
	words_add(&argv, "mkfs.lustre");
	words_add(&argv, kinds[target->kind]);
	if (target->kind != TARGET_MGT) {
		words_addf(&argv, "--fsname=%s", target->fsname);
		words_addf(&argv, "--index=%u", target->index);
	}
	if (target->mgs_nids.failed)
		words_fail(&argv);
	for (size_t i = 0; i < target->mgs_nids.count; i++)
		words_addf(&argv, "--mgsnode=%s", target->mgs_nids.items[i]);
	if (target->reformat)
		words_add(&argv, "--reformat");
	if (target->replace)
		words_add(&argv, "--replace");
	add_mkfs_options(&argv, target);
	words_add(&argv, target->device);
	step_run(step, &argv, PROCESS_FOREVER, /* next= */ NULL);
	words_done(&argv);
}

/* One that was mounted as a target, and is replaced with consent, has files of Lustre's own. */
static void on_listed(struct step *step, const struct process_result *result)
{
	enum listing listing = step->target->replace ? LISTING_TARGET : LISTING_FORMAT;
	char stranger[LISTING_NAME_MAX];
	struct error err;

	if (target_listing_stranger(result->output, listing, stranger, &err) < 0)
		step_refuse(step, "volume %s: what is on it cannot be told: %s",
			    step->target->device, err.text);
	else if (strcmp(stranger, "last_rcvd") == 0)
		step_refuse(step,
			    "volume %s: it holds last_rcvd, so it was in service" IN_SERVICE_FIX,
			    step->target->device);
	else if (stranger[0] != '\0')
		step_refuse(step,
			    "volume %s: it holds %s, which is not ours; save it, then remove "
			    "the file system with wipefs",
			    step->target->device, stranger);
	else
		run_mkfs(step);
}

static void list_root(struct step *step)
{
	struct words argv = { 0 };

	words_add(&argv, "debugfs");
	words_add(&argv, "-c");
	words_add(&argv, "-R");
	words_add(&argv, "ls -p /");
	words_add(&argv, step->target->device);
	step_run(step, &argv, step_patience(step), on_listed);
	words_done(&argv);
}

void lustre_format(struct step *step)
{
	struct error err;
	int signatures = recheck_volume(step, &err);

	if (signatures == -EEXIST)
		step_refuse(step, "volume %s: %s", step->target->device, err.text);
	else if (signatures < 0)
		step_fail_passing(step, -signatures, "volume %s: %s", step->target->device,
				  err.text);
	else if (signatures > 0)
		list_root(step);
	else
		run_mkfs(step);
}

/* "Target:     lustrewt-OST0017", always with '-', whatever the label says yet. */
static void on_dryrun(struct step *step, const struct process_result *result)
{
	const char *line = strstr(result->output, "\nTarget:");
	char name[256] = "";

	if (!line || sscanf(line, "\nTarget: %255s", name) != 1)
		step_fail(step, EIO, "tunefs.lustre --dryrun does not name the target of %s",
			  step->target->device);
	else if (strcmp(name, step->target->name) != 0)
		step_fail(step, EIO, "%s was formatted as %s, not as %s", step->target->device,
			  name, step->target->name);
	else
		step_done(step);
}

/* The label alone does not prove a complete format; this does (measured). */
void lustre_verify_format(struct step *step)
{
	struct words argv = { 0 };

	words_add(&argv, "tunefs.lustre");
	words_add(&argv, "--dryrun");
	words_add(&argv, step->target->device);
	step_run(step, &argv, step_patience(step), on_dryrun);
	words_done(&argv);
}

/* The target's own label, as first formatted or as a cut left it: any other is another target's. */
static int check_label(struct step *step, struct error *err)
{
	char label[SUPERBLOCK_LABEL_SIZE + 1];
	struct superblock superblock;
	int r = blockdev_open(step->target->device, BLOCKDEV_CLAIM, &step->held, err);

	if (r >= 0)
		r = superblock_read(step->held, &superblock, err);
	if (r < 0)
		return r;
	superblock_label(&superblock, label);
	if (!superblock_is_ext(&superblock) || !target_label_is(label, step->target->name))
		return error_set(err, -EEXIST,
				 "its label is \"%s\", which is not this target's, and was left as "
				 "it is",
				 label);
	blockdev_hand_over(step->held);
	return 0;
}

/* The repair that loses nothing, where a cut undid the label that the MGS already counts on
 * (measured). */
void lustre_repair_label(struct step *step)
{
	struct words argv = { 0 };
	struct error err;
	int r = check_label(step, &err);

	if (r == -EEXIST)
		step_refuse(step, "volume %s: %s", step->target->device, err.text);
	else if (r < 0)
		step_fail_passing(step, -r, "volume %s: %s", step->target->device, err.text);
	if (r < 0)
		return;
	words_add(&argv, "e2label");
	words_add(&argv, step->target->device);
	words_add(&argv, step->target->name);
	step_run(step, &argv, step_patience(step), /* next= */ NULL);
	words_done(&argv);
}
