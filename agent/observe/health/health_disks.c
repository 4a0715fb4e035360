/* SPDX-License-Identifier: Apache-2.0 */
#include "observe/health/health_look.h"

#include "base/blockdev.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "base/lvm_head.h"
#include "base/text.h"
#include "base/tree.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MEDIA_ERRORS_AT 160

/*
 * "" where there is none, or the device is gone; a negative errno where nothing is known of it.
 * NVMe has it at the device, virtio at the disk.
 */
static int read_serial(const char *root, const char *name, char *serial, size_t size)
{
	static const char *const places[] = { "device/serial", "serial" };
	char path[PATH_MAX];

	serial[0] = '\0';
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]) && serial[0] == '\0'; i++) {
		int r;

		snprintf(path, sizeof(path), "/sys/block/%s/%s", name, places[i]);
		r = file_read_optional(root, path, serial, size);
		if (r < 0)
			return r;
	}
	return 0;
}

/* All block devices with their serials, read once a look, and only where one is looked for. */
struct devices {
	bool read;
	int unread; /* one of them could not be read: it may be any disk that is not found */
	struct words names, serials;
};

static int read_devices(const char *root, struct devices *devices)
{
	int r = tree_list(root, "/sys/block", &devices->names);

	for (size_t i = 0; r == 0 && i < devices->names.count; i++) {
		char serial[64];

		r = read_serial(root, devices->names.items[i], serial, sizeof(serial));
		if (r < 0)
			devices->unread = r;
		r = words_add(&devices->serials, serial);
	}
	devices->read = true;
	return r;
}

static void devices_done(struct devices *devices)
{
	words_done(&devices->names);
	words_done(&devices->serials);
}

/* Under its name of before, or under another; "" where it is gone. */
static int find_disk(const char *root, const struct health_disk *before, struct devices *devices,
		     struct health_disk *disk)
{
	const char *name = before ? before->name : "";
	char serial[64] = "";
	int r = name[0] != '\0' ? read_serial(root, name, serial, sizeof(serial)) : 0;

	if (r == 0 && strcmp(serial, disk->serial) == 0)
		return text_take(disk->name, sizeof(disk->name), name);
	r = devices->read ? 0 : read_devices(root, devices);
	for (size_t i = 0; r == 0 && i < devices->names.count; i++)
		if (strcmp(devices->serials.items[i], disk->serial) == 0)
			return text_take(disk->name, sizeof(disk->name), devices->names.items[i]);
	return r < 0 ? r : devices->unread;
}

/* "0x1a": what SCSI's disks failed to do (drivers/scsi/scsi_sysfs.c). */
static void read_io_errors(const char *root, struct health_disk *disk)
{
	char path[PATH_MAX], line[32];

	snprintf(path, sizeof(path), "/sys/block/%s/device/ioerr_cnt", disk->name);
	disk->has_io_errors = file_read_line(root, path, line, sizeof(line)) && line[0] != '\0';
	if (disk->has_io_errors)
		disk->io_errors = strtoull(line, NULL, 16);
}

void health_take_smart(const uint8_t *log, struct health_disk *disk)
{
	uint64_t errors = 0;

	for (size_t i = 8; i > 0; i--)
		errors = errors << 8 | log[MEDIA_ERRORS_AT + i - 1];
	disk->smart_known = true;
	disk->critical_warning = log[0];
	disk->media_errors = errors <= INT64_MAX ? errors : INT64_MAX;
}

static int open_disk(const char *root, const struct health_disk *disk, struct blockdev **ret)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/dev/%s", root, disk->name);
	return blockdev_open(path, BLOCKDEV_READ, ret, NULL);
}

/* What one that has no such log, or does not give it, says is that nothing is known. */
static void read_smart(const struct health_look *look, struct health_disk *disk)
{
	uint8_t log[NVME_HEALTH_SIZE];
	struct blockdev *device;

	disk->smart_known = false;
	disk->smart_usec = look->at_usec;
	if (open_disk(look->root, disk, &device) < 0)
		return;
	if (blockdev_nvme_health(device, log, NULL) == 0)
		health_take_smart(log, disk);
	blockdev_close(device);
}

static bool wants_smart(const struct health_look *look, const struct health_disk *disk)
{
	return strncmp(disk->name, "nvme", 4) == 0 &&
	       (disk->smart_usec == 0 ||
		look->at_usec >= disk->smart_usec + HEALTH_SMART_EVERY_USEC);
}

static enum disk_head read_head(const char *root, const struct health_disk *disk,
				const struct applied_disk *applied)
{
	char uuid[LVM_UUID_SIZE];
	struct blockdev *device;
	int r;

	if (disk->name[0] == '\0' || open_disk(root, disk, &device) < 0)
		return HEAD_UNREADABLE;
	r = lvm_head_uuid(device, uuid, NULL);
	blockdev_close(device);
	if (r < 0)
		return HEAD_UNREADABLE;
	return strcmp(uuid, applied->pv_uuid) == 0 ? HEAD_OURS : HEAD_OTHER;
}

static int look_at_disk(const struct health_look *look, const struct applied_target *target,
			const struct applied_disk *applied, const struct health_disk *before,
			struct devices *devices, struct health_disk *disk)
{
	int r;

	text_set(disk->target, sizeof(disk->target), "%s", target->name);
	text_set(disk->serial, sizeof(disk->serial), "%s", applied->serial);
	r = find_disk(look->root, before, devices, disk);
	if (r < 0 || disk->name[0] == '\0')
		return r;
	read_io_errors(look->root, disk);
	if (before && strcmp(before->name, disk->name) == 0) {
		disk->smart_known = before->smart_known;
		disk->critical_warning = before->critical_warning;
		disk->media_errors = before->media_errors;
		disk->smart_usec = before->smart_usec;
	}
	return 0;
}

/* The disks of a target stand side by side, in the order of `applied`. */
static void find_partial(const struct applied *applied, struct health *health)
{
	const struct health_disk *disk = health->disks;

	for (size_t t = 0; t < applied->target_count; t++)
		for (size_t i = 0; i < applied->targets[t].disk_count; i++, disk++)
			if (disk->name[0] == '\0' || disk->head == HEAD_OTHER)
				health->targets[t].partial = true;
}

static void look_at_heads(const struct health_look *look, const struct applied *applied,
			  struct health *health)
{
	struct health_disk *disk = health->disks;
	bool all_ours = true;

	for (size_t t = 0; t < applied->target_count; t++)
		for (size_t i = 0; i < applied->targets[t].disk_count; i++, disk++) {
			disk->head = read_head(look->root, disk, &applied->targets[t].disks[i]);
			all_ours = all_ours && disk->head == HEAD_OURS;
		}
	health->woken = !all_ours;
}

static int look_at_all(const struct health_look *look, const struct applied *applied,
		       const struct health *before, struct health *health)
{
	cleanup(devices_done) struct devices devices = { 0 };
	int r = 0;

	for (size_t t = 0; r == 0 && t < applied->target_count; t++) {
		const struct applied_target *target = &applied->targets[t];

		for (size_t i = 0; r == 0 && i < target->disk_count; i++)
			r = look_at_disk(look, target, &target->disks[i],
					 health_disk(before, target->disks[i].serial), &devices,
					 &health->disks[health->disk_count++]);
	}
	return r;
}

static void look_at_smart(const struct health_look *look, struct health *health)
{
	for (size_t i = 0; i < health->disk_count; i++)
		if (wants_smart(look, &health->disks[i])) {
			read_smart(look, &health->disks[i]);
			return;
		}
}

int health_look_at_disks(const struct health_look *look, const struct applied *applied,
			 const struct health *before, struct health *health, struct error *err)
{
	size_t number = 0;
	int r;

	for (size_t t = 0; t < applied->target_count; t++)
		number += applied->targets[t].disk_count;
	health->disks = calloc(number + 1, sizeof(*health->disks));
	r = health->disks ? look_at_all(look, applied, before, health) : -ENOMEM;
	if (r < 0)
		return error_errno(err, r, "cannot look at the disks");
	if (health->disk_count > 0 &&
	    (health_slept(before, health) ||
	     (before->woken && strcmp(before->boot_id, health->boot_id) == 0)))
		look_at_heads(look, applied, health);
	else
		look_at_smart(look, health);
	find_partial(applied, health);
	return 0;
}
