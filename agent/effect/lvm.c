/* SPDX-License-Identifier: Apache-2.0 */
#include "effect/lvm.h"

#include "model/volume_tags.h"

#include <stdio.h>
#include <string.h>

/* LVM does little I/O; what takes longer than this hangs on a failing disk. */
#define LVM_TIMEOUT_USEC (300 * 1000000ULL)

/* Of the Identify Controller data (NVM Express base specification). */
#define NVME_SERIAL_OFFSET 4
#define NVME_SERIAL_SIZE   20

/* "lvm COMMAND" with the restricted view of devices. */
static void begin(const struct step *step, struct words *argv, const char *command)
{
	words_add(argv, "lvm");
	words_add(argv, command);
	words_add(argv, "--devicesfile");
	words_add(argv, "");
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

static void run(struct step *step, struct words *argv)
{
	step_run(step, argv, LVM_TIMEOUT_USEC, /* next= */ NULL);
	words_done(argv);
}

/* Another disk may have come under this name; an NVMe one says itself who it is. */
static bool is_other_disk(struct blockdev *device, const struct plan_disk *disk)
{
	uint8_t identify[NVME_IDENTIFY_SIZE];
	char serial[NVME_SERIAL_SIZE + 1];

	if (blockdev_nvme_identify(device, identify, /* err= */ NULL) < 0)
		return false;
	memcpy(serial, identify + NVME_SERIAL_OFFSET, NVME_SERIAL_SIZE);
	serial[NVME_SERIAL_SIZE] = '\0';
	for (size_t end = NVME_SERIAL_SIZE; end > 0 && serial[end - 1] == ' '; end--)
		serial[end - 1] = '\0';
	return strcmp(serial, disk->serial) != 0;
}

/*
 * Law 3: the disk is what the plan saw, still. Says what changed, or NULL; the lock stays with the
 * step until it ends.
 */
static const char *recheck_disk(struct step *step, const struct plan_disk *disk, struct error *err)
{
	struct blockdev_signature signature;
	uint64_t data_at;
	size_t count;

	if (blockdev_open(disk->path, BLOCKDEV_CLAIM, &step->held, err) < 0)
		return err->text;
	if (is_other_disk(step->held, disk))
		return "another disk has come under this name since the plan was made";
	if (blockdev_size(step->held) != disk->size)
		return "its size changed since the plan was made";
	if (blockdev_probe(step->held, &signature, 1, &count, err) < 0)
		return err->text;
	if (count > 0)
		return "it carries a signature now, and had none when the plan was made";
	if (blockdev_find_data(step->held, &data_at, err) < 0)
		return err->text;
	return data_at == UINT64_MAX ? NULL
				     : "it holds data now, and was blank when the plan was made";
}

void lvm_create_pv(struct step *step)
{
	const struct plan_disk *disk = &step->group->disks[step->action->item];
	struct words argv = { 0 };
	struct error err;
	const char *changed = recheck_disk(step, disk, &err);

	if (changed) {
		step_refuse(step, "disk %s (serial %s): %s", disk->path, disk->serial, changed);
		return;
	}
	blockdev_hand_over(step->held);
	words_add(&argv, "lvm");
	words_add(&argv, "pvcreate");
	words_add(&argv, "--devicesfile");
	words_add(&argv, "");
	words_add(&argv, "--devices");
	words_add(&argv, disk->path);
	words_add(&argv, "--norestorefile");
	words_add(&argv, "--uuid");
	words_add(&argv, disk->pv_uuid);
	words_add(&argv, disk->path);
	run(step, &argv);
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
	run(step, &argv);
}

static void add_size(struct words *argv, const struct size_choice *size)
{
	if (size->bytes > 0) {
		words_add(argv, "--size");
		words_addf(argv, "%llub", (unsigned long long)size->bytes);
	} else {
		words_add(argv, "--extents");
		words_addf(argv, size->percent > 0 ? "%u%%VG" : "%u%%FREE",
			   size->percent > 0 ? size->percent : 100);
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
	run(step, &argv);
}

/* One call takes the old owner away and puts this instance on, and LVM commits it atomically. */
void lvm_adopt_group(struct step *step)
{
	struct words argv = { 0 };

	begin(step, &argv, "vgchange");
	add_tag(&argv, "--deltag", "instance", step->group->adopted_from);
	add_tag(&argv, "--addtag", "instance", step->options->instance_id);
	words_add(&argv, step->group->name);
	run(step, &argv);
}

void lvm_activate_group(struct step *step)
{
	struct words argv = { 0 };

	begin(step, &argv, "vgchange");
	words_add(&argv, "--activate");
	words_add(&argv, "y");
	words_add(&argv, step->group->name);
	run(step, &argv);
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
	run(step, &argv);
}
