/* SPDX-License-Identifier: Apache-2.0 */

/*
 * When are all disks there? Counting what has come says nothing, and a pause without news only
 * makes every boot slower. But the kernel knows what is still on its way: PCI functions and Xen's
 * virtual devices are all listed before the first process runs, block devices appear as their
 * drivers get to them. So
 *
 *   - each NVMe function of Amazon's has its block device, unless it is bound to another driver, or
 *     to none and udev, which would load it, is done,
 *   - each virtual block device of Xen has its own, where instance store is mapped to some,
 *   - udev is done with each of those, so that it does not hold them and their links are right (the
 * file that it keeps about a device is written when it is done: sd_device_get_is_initialized(3)),
 *
 * and nothing more is waited for: on most boots, all of that holds at once. `udevadm settle` would
 * wait for devices that are none of ours. What is asked for and nobody has heard of yet is the
 * plan's matter (decide/passing.h).
 */

#include "base/clock.h"
#include "base/file.h"
#include "base/tree.h"
#include "observe/storage/disk_kind.h"
#include "observe/storage/disk_links.h"
#include "observe/storage/disk_rows.h"
#include "observe/storage/nvme.h"
#include "observe/storage/storage.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define POLL_USEC   20000
#define XEN_DEVICES "/sys/bus/xen/devices"

enum prospect {
	NO_DISK,    /* not of ours, or given to another driver (vfio-pci) */
	COMES,      /* a disk, or on its way to be one */
	NOT_DRIVEN, /* no driver has it, and nobody is about to load one */
};

/* One look. */
struct look {
	const struct storage_options *options;
	struct facts facts;
	char missing[STORAGE_SENTENCE_MAX]; /* "" for nothing */
	char note[STORAGE_SENTENCE_MAX];    /* what does not come, "" for nothing */
};

/*
 * udev loads drivers; while it has events left it keeps a file (udevadm settle looks at the same).
 * Without it nothing is known: a driver may come.
 */
static bool is_udev_idle(const char *root)
{
	return tree_exists(root, "/run/udev/control") > 0 &&
	       tree_exists(root, "/run/udev/queue") == 0;
}

static int find_prospect(const char *root, const char *device, enum prospect *ret)
{
	char path[PATH_MAX], driver[64];
	int r = nvme_is_function(root, device);

	*ret = NO_DISK;
	if (r <= 0)
		return r;
	snprintf(path, sizeof(path), NVME_PCI_DEVICES "/%s/driver", device);
	r = tree_link_name(root, path, driver, sizeof(driver));
	if (driver[0] == '\0')
		*ret = is_udev_idle(root) ? NOT_DRIVEN : COMES;
	else if (strcmp(driver, "nvme") == 0)
		*ret = COMES;
	return r;
}

static bool has_disk(const struct facts *facts, const char *pci_address)
{
	for (size_t i = 0; i < facts->disk_count; i++)
		if (strcmp(facts->disks[i].pci_address, pci_address) == 0)
			return true;
	return false;
}

static int find_late_nvme(struct look *look)
{
	const char *root = look->options->root;
	unsigned late = 0, all = 0, dead = 0;
	struct words devices = { 0 };
	const char *first = "", *first_dead = "";
	int r = tree_list(root, NVME_PCI_DEVICES, &devices);

	for (size_t i = 0; r >= 0 && i < devices.count; i++) {
		enum prospect prospect;

		r = find_prospect(root, devices.items[i], &prospect);
		if (r < 0 || prospect == NO_DISK)
			continue;
		all++;
		if (has_disk(&look->facts, devices.items[i]))
			continue;
		if (prospect == NOT_DRIVEN && dead++ == 0)
			first_dead = devices.items[i];
		if (prospect == COMES && late++ == 0)
			first = devices.items[i];
	}
	if (late > 0)
		snprintf(look->missing, sizeof(look->missing),
			 "%u of %u NVMe disks have no block device yet (first: %s)", late, all,
			 first);
	if (dead > 0)
		snprintf(look->note, sizeof(look->note),
			 "%u of %u NVMe disks have no driver, and are not waited for (first: %s); "
			 "dmesg says why",
			 dead, all, first_dead);
	words_done(&devices);
	return r;
}

static int find_late_xen(struct look *look)
{
	const struct words *ephemerals = look->options->ephemerals;
	const char *root = look->options->root;
	struct words devices = { 0 };
	int r;

	if (!ephemerals || ephemerals->count == 0)
		return 0;
	r = tree_list(root, XEN_DEVICES, &devices);

	for (size_t i = 0; r >= 0 && look->missing[0] == '\0' && i < devices.count; i++) {
		struct words disks = { 0 };
		char path[PATH_MAX];

		if (strncmp(devices.items[i], "vbd-", 4) != 0)
			continue;
		snprintf(path, sizeof(path), XEN_DEVICES "/%s/block", devices.items[i]);
		r = tree_list(root, path, &disks);
		if (disks.count == 0)
			snprintf(look->missing, sizeof(look->missing),
				 "Xen disk %.64s has no block device yet", devices.items[i]);
		words_done(&disks);
	}
	words_done(&devices);
	return r;
}

static bool udev_is_done(const char *root, const struct disk *disk)
{
	char path[PATH_MAX], number[32];

	snprintf(path, sizeof(path), "/sys/block/%s/dev", disk->name);
	if (!file_read_line(root, path, number, sizeof(number)))
		return true;
	snprintf(path, sizeof(path), "/run/udev/data/b%s", number);
	return tree_exists(root, path) != 0;
}

/* A path may be a link that udev has yet to make, to any of them. */
static bool may_be_chosen(const struct storage_options *options, const struct disk *disk)
{
	return disk_is_chosen(disk, options->disks, options->disks_name) ||
	       (options->disks == DISKS_PATH && disk->pci_address[0] != '\0');
}

static void find_unfinished(struct look *look)
{
	const struct storage_options *options = look->options;
	bool has_udev = tree_exists(options->root, "/run/udev/control") > 0;

	for (size_t i = 0; has_udev && i < look->facts.disk_count; i++) {
		const struct disk *disk = &look->facts.disks[i];

		if (may_be_chosen(options, disk) && !udev_is_done(options->root, disk))
			snprintf(look->missing, sizeof(look->missing),
				 "udev is not done with %s yet", disk->name);
	}
}

static int look_once(struct look *look, struct error *err)
{
	int r = storage_glance(look->options->root, &look->facts, err);

	look->missing[0] = look->note[0] = '\0';
	if (r >= 0)
		r = disk_kinds_find(look->options, &look->facts, err);
	if (r < 0)
		return r;
	r = find_late_nvme(look);
	if (r >= 0 && look->missing[0] == '\0')
		r = find_late_xen(look);
	if (r >= 0 && look->missing[0] == '\0')
		find_unfinished(look);
	return r < 0 ? error_errno(err, r, "cannot look for disks") : 0;
}

/* Told at each change, and once a second. */
static void tell(const struct look *look, uint64_t waited_usec, uint64_t timeout_usec,
		 storage_progress_fn progress, void *userdata)
{
	char sentence[STORAGE_SENTENCE_MAX + 64];

	if (waited_usec >= timeout_usec)
		snprintf(sentence, sizeof(sentence), "not waiting longer: %s", look->missing);
	else
		snprintf(sentence, sizeof(sentence), "waiting for disks, %llu of %llu s: %s",
			 (unsigned long long)waited_usec / 1000000,
			 (unsigned long long)(timeout_usec + 999999) / 1000000, look->missing);
	if (progress)
		progress(userdata, sentence);
}

int storage_wait(const struct storage_options *options, uint64_t timeout_usec,
		 storage_progress_fn progress, void *userdata, char note[STORAGE_SENTENCE_MAX],
		 struct error *err)
{
	const struct timespec pause = { .tv_nsec = POLL_USEC * 1000 };
	const uint64_t started = clock_now_usec();
	char told[STORAGE_SENTENCE_MAX] = "";
	uint64_t told_sec = 0;
	struct look look = { .options = options };
	int r;

	while ((r = look_once(&look, err)) >= 0 && look.missing[0] != '\0') {
		uint64_t waited = clock_now_usec() - started;

		if (waited >= timeout_usec || strcmp(told, look.missing) != 0 ||
		    waited / 1000000 != told_sec)
			tell(&look, waited, timeout_usec, progress, userdata);
		if (waited >= timeout_usec)
			break;
		memcpy(told, look.missing, sizeof(told));
		told_sec = waited / 1000000;
		nanosleep(&pause, NULL);
		facts_done(&look.facts);
	}
	memcpy(note, look.note, sizeof(look.note));
	facts_done(&look.facts);
	return r < 0 ? r : 0;
}
