/* SPDX-License-Identifier: Apache-2.0 */

/*
 * When are all disks there? Counting what has come says nothing, and a pause without news only
 * makes every boot slower. But the kernel knows what is still on its way: PCI functions and Xen's
 * virtual devices are all listed before the first process runs, block devices appear as their
 * drivers get to them. So
 *
 *   - each NVMe function of Amazon's, unless bound to another driver, has its block device,
 *   - each virtual block device of Xen has its own, where instance store is mapped to some,
 *   - there are as many disks as expected, or the one that the operator named,
 *   - udev is done with each of those, so that it does not hold them and their links are right (the
 * file that it keeps about a device is written when it is done: sd_device_get_is_initialized(3)),
 *
 * and nothing more is waited for: on most boots, all of that holds at once. `udevadm settle` would
 * wait for devices that are none of ours.
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

#define SENTENCE_MAX 256

/* A function that a user gave to another driver (vfio-pci) will never be a disk. */
static int may_become_disk(const char *root, const char *device, bool *ret)
{
	char path[PATH_MAX], driver[64];
	int r = nvme_is_function(root, device);

	*ret = false;
	if (r <= 0)
		return r;
	snprintf(path, sizeof(path), NVME_PCI_DEVICES "/%s/driver", device);
	r = tree_link_name(root, path, driver, sizeof(driver));
	*ret = driver[0] == '\0' || strcmp(driver, "nvme") == 0;
	return r;
}

static bool has_disk(const struct facts *facts, const char *pci_address)
{
	for (size_t i = 0; i < facts->disk_count; i++)
		if (strcmp(facts->disks[i].pci_address, pci_address) == 0)
			return true;
	return false;
}

static int find_late_nvme(const char *root, const struct facts *facts, char *sentence)
{
	struct words devices = { 0 };
	unsigned late = 0, all = 0;
	const char *first = "";
	int r = tree_list(root, NVME_PCI_DEVICES, &devices);

	for (size_t i = 0; r >= 0 && i < devices.count; i++) {
		bool may_be;

		r = may_become_disk(root, devices.items[i], &may_be);
		if (r < 0 || !may_be)
			continue;
		all++;
		if (!has_disk(facts, devices.items[i]) && late++ == 0)
			first = devices.items[i];
	}
	if (late > 0)
		snprintf(sentence, SENTENCE_MAX,
			 "%u of %u NVMe disks have no block device yet (first: %s)", late, all,
			 first);
	words_done(&devices);
	return r;
}

static int find_late_xen(const struct storage_options *options, char *sentence)
{
	const char *root = options->root;
	struct words devices = { 0 };
	int r;

	if (!options->ephemerals || options->ephemerals->count == 0)
		return 0;
	r = tree_list(root, XEN_DEVICES, &devices);

	for (size_t i = 0; r >= 0 && sentence[0] == '\0' && i < devices.count; i++) {
		struct words disks = { 0 };
		char path[PATH_MAX];

		if (strncmp(devices.items[i], "vbd-", 4) != 0)
			continue;
		snprintf(path, sizeof(path), XEN_DEVICES "/%s/block", devices.items[i]);
		r = tree_list(root, path, &disks);
		if (disks.count == 0)
			snprintf(sentence, SENTENCE_MAX, "Xen disk %s has no block device yet",
				 devices.items[i]);
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

static void find_missing(const struct storage_options *options, unsigned expect_disks,
			 const struct facts *facts, char *sentence)
{
	bool has_udev = tree_exists(options->root, "/run/udev/control") > 0;
	unsigned count = 0;

	for (size_t i = 0; i < facts->disk_count; i++) {
		const struct disk *disk = &facts->disks[i];

		if (!disk_is_chosen(disk, options->disks, options->disks_name))
			continue;
		count++;
		if (has_udev && !udev_is_done(options->root, disk))
			snprintf(sentence, SENTENCE_MAX, "udev is not done with %s yet",
				 disk->name);
	}
	if (options->disks != DISKS_INSTANCE_STORE && count == 0)
		snprintf(sentence, SENTENCE_MAX, "there is no disk %.200s yet",
			 options->disks_name);
	else if (count < expect_disks)
		snprintf(sentence, SENTENCE_MAX, "%u of %u expected disks are there", count,
			 expect_disks);
}

/* What is still missing, "" for nothing. */
static int look(const struct storage_options *options, unsigned expect_disks, char *sentence,
		struct error *err)
{
	struct facts facts = { 0 };
	int r = disk_rows_read(options->root, &facts.disks, &facts.disk_count, err);

	sentence[0] = '\0';
	if (r >= 0)
		r = disk_links_find(options->root, &facts, err);
	if (r >= 0)
		r = disk_kinds_find(options, &facts, err);
	if (r >= 0) {
		r = find_late_nvme(options->root, &facts, sentence);
		if (r >= 0 && sentence[0] == '\0')
			r = find_late_xen(options, sentence);
		if (r >= 0 && sentence[0] == '\0')
			find_missing(options, expect_disks, &facts, sentence);
		if (r < 0)
			error_errno(err, r, "cannot look for disks");
	}
	facts_done(&facts);
	return r;
}

int storage_wait(const struct storage_options *options, unsigned expect_disks,
		 uint64_t timeout_usec, storage_progress_fn progress, void *userdata,
		 struct error *err)
{
	const struct timespec pause = { .tv_nsec = POLL_USEC * 1000 };
	const uint64_t deadline = clock_now_usec() + timeout_usec;
	char told[SENTENCE_MAX] = "", missing[SENTENCE_MAX], sentence[SENTENCE_MAX + 32];
	int r;

	while ((r = look(options, expect_disks, missing, err)) >= 0 && missing[0] != '\0') {
		bool over = clock_now_usec() >= deadline;

		snprintf(sentence, sizeof(sentence), "%s: %s",
			 over ? "not waiting longer" : "waiting for disks", missing);
		if (progress && (over || strcmp(told, missing) != 0))
			progress(userdata, sentence);
		if (over)
			break;
		snprintf(told, sizeof(told), "%s", missing);
		nanosleep(&pause, NULL);
	}
	return r < 0 ? r : 0;
}
