/* SPDX-License-Identifier: Apache-2.0 */
#include "effect/lustre.h"

#include "effect/mkfs_options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MODPROBE_TIMEOUT_USEC (120 * 1000000ULL)
#define TOOL_TIMEOUT_USEC     (60 * 1000000ULL)

void lustre_load(struct step *step)
{
	struct words argv = { 0 };

	words_add(&argv, "modprobe");
	words_add(&argv, "--all");
	words_add(&argv, "lustre");
	if (step->options->plan->target_count > 0)
		words_add(&argv, "osd_ldiskfs");
	step_run(step, &argv, MODPROBE_TIMEOUT_USEC, /* next= */ NULL);
	words_done(&argv);
}

/*
 * What is on the volume right before mkfs.lustre, which passes -F to mke2fs and so overwrites
 * anything (measured). A file system is fine only where the plan says that it is a format of ours
 * to be redone.
 */
static const char *recheck_volume(struct step *step, struct error *err)
{
	struct blockdev_signature signatures[2];
	size_t count;

	if (blockdev_open(step->target->device, BLOCKDEV_CLAIM, &step->held, err) < 0)
		return err->text;
	if (blockdev_probe(step->held, signatures, 2, &count, err) < 0)
		return err->text;
	blockdev_hand_over(step->held);
	if (count == 0)
		return NULL;
	if (!step->target->reformat || count > 1 || strncmp(signatures[0].type, "ext", 3) != 0) {
		error_set(err, -EEXIST,
			  "it carries a signature of %s that is not ours; save what it "
			  "holds, then remove it with wipefs",
			  signatures[0].type);
		return err->text;
	}
	return NULL;
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

void lustre_format(struct step *step)
{
	static const char *const kinds[TARGET_KIND_MAX] = {
		[TARGET_MGT] = "--mgs",
		[TARGET_MDT] = "--mdt",
		[TARGET_OST] = "--ost",
	};
	const struct plan_target *target = step->target;
	struct words argv = { 0 };
	struct error err;
	const char *changed = recheck_volume(step, &err);

	if (changed) {
		step_refuse(step, "volume %s: %s", target->device, changed);
		return;
	}
	words_add(&argv, "mkfs.lustre");
	words_add(&argv, kinds[target->kind]);
	if (target->kind != TARGET_MGT) {
		words_addf(&argv, "--fsname=%s", target->fsname);
		words_addf(&argv, "--index=%u", target->index);
	}
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

/* "Target:     lustrewt-OST0017", always with '-', whatever the label says yet. */
static void on_dryrun(struct step *step, const struct process_result *result)
{
	const char *line = strstr(result->output, "\nTarget:");
	char name[TARGET_NAME_MAX] = "";

	if (!line || sscanf(line, "\nTarget: %31s", name) != 1)
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
	step_run(step, &argv, TOOL_TIMEOUT_USEC, on_dryrun);
	words_done(&argv);
}

/* The repair that loses nothing, where a cut undid the label that the MGS already counts on
 * (measured). */
void lustre_repair_label(struct step *step)
{
	struct words argv = { 0 };

	words_add(&argv, "e2label");
	words_add(&argv, step->target->device);
	words_add(&argv, step->target->name);
	step_run(step, &argv, TOOL_TIMEOUT_USEC, /* next= */ NULL);
	words_done(&argv);
}
