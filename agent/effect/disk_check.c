/* SPDX-License-Identifier: Apache-2.0 */
#include "effect/disk_check.h"

#include "base/lvm_head.h"
#include "base/superblock.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of the Identify Controller data (NVM Express base specification). */
#define NVME_SERIAL_OFFSET 4
#define NVME_SERIAL_SIZE   20

/*
 * Another disk may have come under this name; an NVMe one says itself who it is. One that does not
 * answer is not the same for that: only what is no NVMe disk (Xen) has nothing to say. NULL when it
 * is the disk that was planned.
 */
static const char *find_other_disk(struct blockdev *device, const struct plan_disk *disk,
				   struct error *err)
{
	uint8_t identify[NVME_IDENTIFY_SIZE];
	char serial[NVME_SERIAL_SIZE + 1];
	int r = blockdev_nvme_identify(device, identify, err);

	if (r == -ENOTTY)
		return NULL;
	if (r < 0)
		return err->text;
	memcpy(serial, identify + NVME_SERIAL_OFFSET, NVME_SERIAL_SIZE);
	serial[NVME_SERIAL_SIZE] = '\0';
	for (size_t end = NVME_SERIAL_SIZE; end > 0 && serial[end - 1] == ' '; end--)
		serial[end - 1] = '\0';
	return serial[0] != '\0' && strcmp(serial, disk->serial) == 0
		       ? NULL
		       : "another disk has come under this name since the plan was made";
}

static int find_data(struct blockdev *device, uint64_t from, enum disk_check_depth depth,
		     uint64_t *ret_offset, struct error *err)
{
	return depth == DISK_CHECK_WHOLE
		       ? blockdev_find_data(device, from, ret_offset, err)
		       : blockdev_find_data_at_ends(device, from, ret_offset, err);
}

static const char *check_blank(struct blockdev *device, enum disk_check_depth depth,
			       const struct blockdev_signature *found, struct error *err)
{
	uint64_t data_at;
	int r;

	if (found)
		return "it carries a signature now, and had none when the plan was made";
	r = find_data(device, 0, depth, &data_at, err);
	if (r < 0)
		return err->text;
	return data_at == UINT64_MAX ? NULL
				     : "it holds data now, and was blank when the plan was made";
}

static const char *check_empty_ext3(struct blockdev *device, const struct blockdev_signature *found,
				    struct error *err)
{
	struct superblock superblock;

	if (superblock_read(device, &superblock, err) < 0)
		return err->text;
	return found && strcmp(found->type, "ext3") == 0 && superblock_is_empty(&superblock)
		       ? NULL
		       : "it held an empty ext3 when the plan was made, and does not now";
}

/* The PV that was planned: one without a UUID is none. */
static bool is_planned_pv(const struct plan_disk *disk, const struct blockdev_signature *found)
{
	return disk->pv_uuid[0] != '\0' && strcmp(found->uuid, disk->pv_uuid) == 0;
}

static const char *check_begun(struct blockdev *device, const struct plan_disk *disk,
			       enum disk_check_depth depth, const struct blockdev_signature *found,
			       struct error *err)
{
	bool is_head, is_ours = !found || is_planned_pv(disk, found);
	uint64_t data_at;
	int r = lvm_head_read(device, &is_head, err);

	if (r >= 0)
		r = find_data(device, LVM_HEAD_SIZE, depth, &data_at, err);
	if (r < 0)
		return err->text;
	return is_ours && is_head && data_at == UINT64_MAX
		       ? NULL
		       : "it held a PV cut off in the making when the plan was made, and holds "
			 "something else now";
}

static const char *check_our_pv(const struct plan_disk *disk,
				const struct blockdev_signature *found)
{
	return found && strcmp(found->type, "LVM2_member") == 0 && is_planned_pv(disk, found)
		       ? NULL
		       : "it held a PV of ours when the plan was made, and does not now";
}

static const char *check_beheaded_ext(struct blockdev *device, struct error *err)
{
	struct superblock copy;

	if (superblock_read_copy(device, &copy, err) < 0)
		return err->text;
	return superblock_is_ext(&copy) ? NULL
					: "it held what was left of an ext3 when the plan was "
					  "made, and does not now";
}

static const char *check_content(struct blockdev *device, const struct plan_disk *disk,
				 enum disk_check_depth depth, struct error *err)
{
	struct blockdev_signature signatures[2];
	const struct blockdev_signature *found = signatures;
	size_t count;

	if (blockdev_probe(device, signatures, 2, &count, err) < 0)
		return err->text;
	if (count > 1)
		return "it carries another signature now";
	if (count == 0)
		found = NULL;
	switch (disk->holds) {
	case PLAN_DISK_BLANK:
		return check_blank(device, depth, found, err);
	case PLAN_DISK_EMPTY_EXT3:
		return check_empty_ext3(device, found, err);
	case PLAN_DISK_BEGUN:
		return check_begun(device, disk, depth, found, err);
	case PLAN_DISK_BEGUN_EXT3:
		return found ? check_our_pv(disk, found) : check_beheaded_ext(device, err);
	case PLAN_DISK_OUR_PV:
		return check_our_pv(disk, found);
	}
	return "it is not known what it held when the plan was made";
}

static const char *find_change(const struct plan_disk *disk, enum disk_check_depth depth,
			       struct blockdev **ret, struct error *err)
{
	const char *other;

	if (blockdev_open(disk->path, BLOCKDEV_CLAIM, ret, err) < 0)
		return err->text;
	other = find_other_disk(*ret, disk, err);
	if (other)
		return other;
	if (blockdev_size(*ret) != disk->size)
		return "its size changed since the plan was made";
	return check_content(*ret, disk, depth, err);
}

int disk_check(const struct plan_disk *disk, enum disk_check_depth depth, struct blockdev **ret,
	       char why[DISK_CHECK_TEXT_MAX])
{
	struct blockdev *device = NULL;
	struct error err;
	const char *change = find_change(disk, depth, &device, &err);

	if (!change) {
		*ret = device;
		return 0;
	}
	snprintf(why, DISK_CHECK_TEXT_MAX, "disk %.64s (serial %s): %.240s", disk->path,
		 disk->serial, change);
	blockdev_close(device);
	return change == err.text ? err.code : -ESTALE;
}

void disk_check_end(struct step *step, int code, const char *why, const char *rest)
{
	if (code == -ESTALE)
		step_refuse(step, "%s%s", why, rest);
	else
		step_fail_passing(step, -code, "%s%s%s", why, rest,
				  code == -EBUSY ? ". Next: fuser -v shows who has it open; then "
						   "systemctl restart lustre-init"
						 : "");
}

/* One disk's check in a thread of its own: heads need seconds for the samples of each. */
struct check {
	const struct plan_disk *disk;
	pthread_t thread;
	bool started;
	int code;
	char why[DISK_CHECK_TEXT_MAX];
};

static void *check_one(void *argument)
{
	struct check *check = argument;
	struct blockdev *device = NULL;

	check->code = disk_check(check->disk, DISK_CHECK_WHOLE, &device, check->why);
	blockdev_close(device);
	return NULL;
}

void disk_check_group(struct step *step)
{
	const struct plan_group *group = step->group;
	struct check *checks = calloc(group->disk_count, sizeof(*checks));
	const struct check *failed = NULL;

	step->work = checks;
	if (!checks) {
		step_fail_passing(step, ENOMEM, "out of memory");
		return;
	}
	for (size_t i = 0; i < group->disk_count; i++) {
		checks[i].disk = &group->disks[i];
		checks[i].started =
			pthread_create(&checks[i].thread, NULL, check_one, &checks[i]) == 0;
		if (!checks[i].started) /* no thread to be had: slower, not wrong */
			check_one(&checks[i]);
	}
	for (size_t i = 0; i < group->disk_count; i++) {
		if (checks[i].started)
			pthread_join(checks[i].thread, NULL);
		if (checks[i].code < 0 && !failed)
			failed = &checks[i];
	}
	if (failed)
		disk_check_end(step, failed->code, failed->why,
			       "; none of the group's disks was written");
	else
		step_done(step);
}
