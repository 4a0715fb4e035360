/* SPDX-License-Identifier: Apache-2.0 */
#include "observe/storage/disk_rows.h"

#include "base/file.h"
#include "base/text.h"
#include "base/tree.h"
#include "observe/storage/nvme.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SYSFS_SECTOR 512 /* /sys/block/NAME/size counts these, whatever the disk's own sector */

static void attribute(const char *root, const char *disk, const char *name, char *line, size_t size)
{
	char path[PATH_MAX], text[256];

	snprintf(path, sizeof(path), "/sys/block/%s/%s", disk, name);
	file_read_line(root, path, text, sizeof(text));
	if (text_take(line, size, text) < 0)
		line[0] = '\0';
}

static uint64_t number_attribute(const char *root, const char *disk, const char *name)
{
	char line[32];

	attribute(root, disk, name, line, sizeof(line));
	return strtoull(line, NULL, 10);
}

/* Idle loop and zram devices have no size; neither has a card reader without a card. */
static bool is_left_out(const char *root, const char *name)
{
	bool comes_and_goes = strncmp(name, "loop", 4) == 0 || strncmp(name, "zram", 4) == 0;

	if (strncmp(name, "ram", 3) == 0 && isdigit((unsigned char)name[3]))
		return true;
	if (comes_and_goes && number_attribute(root, name, "size") == 0)
		return true;
	return number_attribute(root, name, "hidden") != 0;
}

/* "0000:00:1f.0" */
static bool is_pci_address(const char *text, size_t length)
{
	static const char shape[] = "xxxx:xx:xx.x";

	if (length != strlen(shape))
		return false;
	for (size_t i = 0; i < length; i++) {
		if (shape[i] == 'x' ? !isxdigit((unsigned char)text[i]) : text[i] != shape[i])
			return false;
	}
	return true;
}

/* The PCI function nearest to the disk: the last one on the way to it. */
static void find_pci_address(const char *device_path, char *address, size_t size)
{
	address[0] = '\0';
	for (const char *at = device_path; *at; at += strspn(at, "/")) {
		size_t length = strcspn(at, "/");

		if (is_pci_address(at, length))
			snprintf(address, size, "%.*s", (int)length, at);
		at += length;
	}
}

static void find_device(const char *root, struct disk *disk)
{
	char link[PATH_MAX], path[PATH_MAX];

	snprintf(link, sizeof(link), "/sys/block/%s", disk->name);
	tree_real_path(root, link, path, sizeof(path));
	find_pci_address(path, disk->pci_address, sizeof(disk->pci_address));
	if (disk->pci_address[0] != '\0' || strncmp(disk->name, "nvme", 4) != 0)
		return;
	/* With multipath, the namespace hangs under its subsystem, and only its controller on PCI.
	 */
	nvme_controller_path(root, disk->name, path, sizeof(path));
	find_pci_address(path, disk->pci_address, sizeof(disk->pci_address));
}

static int find_partitions(const char *root, const char *name, struct words *ret)
{
	char path[PATH_MAX];
	struct words entries = { 0 };
	int r;

	snprintf(path, sizeof(path), "/sys/block/%s", name);
	r = tree_list(root, path, &entries);
	for (size_t i = 0; r >= 0 && i < entries.count; i++) {
		snprintf(path, sizeof(path), "/sys/block/%s/%s/partition", name, entries.items[i]);
		if (tree_exists(root, path))
			r = words_add(ret, entries.items[i]);
	}
	words_done(&entries);
	return r;
}

/* Adds what `directory` lists and is not yet among the holders. */
static int add_holders(const char *root, const char *directory, struct words *holders)
{
	struct words names = { 0 };
	int r = tree_list(root, directory, &names);

	for (size_t i = 0; r >= 0 && i < names.count; i++)
		if (!words_contain(holders, names.items[i]))
			r = words_add(holders, names.items[i]);
	words_done(&names);
	return r;
}

static int add_holders_of_partitions(const char *root, const char *name,
				     const struct words *partitions, struct words *holders)
{
	char path[PATH_MAX];
	int r = 0;

	for (size_t i = 0; r >= 0 && i < partitions->count; i++) {
		snprintf(path, sizeof(path), "/sys/block/%s/%s/holders", name,
			 partitions->items[i]);
		r = add_holders(root, path, holders);
	}
	return r;
}

/* What lies on a whole device: its holders, its partitions, and theirs. */
static int add_above(const char *root, const char *name, struct words *holders)
{
	struct words partitions = { 0 };
	char path[PATH_MAX];
	int r;

	snprintf(path, sizeof(path), "/sys/block/%s/holders", name);
	r = add_holders(root, path, holders);
	if (r >= 0)
		r = find_partitions(root, name, &partitions);
	if (r >= 0)
		r = add_holders_of_partitions(root, name, &partitions, holders);
	/* Partitions of an md device lie above the disk as well; its own are listed elsewhere. */
	for (size_t i = 0; r >= 0 && words_contain(holders, name) && i < partitions.count; i++)
		r = words_add(holders, partitions.items[i]);
	words_done(&partitions);
	return r;
}

static int find_holders(const char *root, struct disk *disk)
{
	int r = add_above(root, disk->name, &disk->holders);

	/* The list grows under the loop, until nothing lies above the last of it. */
	for (size_t i = 0; r >= 0 && i < disk->holders.count; i++) {
		char name[DISK_NAME_MAX];

		r = text_take(name, sizeof(name), disk->holders.items[i]);
		if (r >= 0)
			r = add_above(root, name, &disk->holders);
	}
	return r;
}

/* device-mapper devices are known by their names, md and all others by their kernel's. */
static int add_mapper_name(const char *root, struct disk *disk)
{
	char mapped[128];

	attribute(root, disk->name, "dm/name", mapped, sizeof(mapped));
	return mapped[0] != '\0' ? words_addf(&disk->links, "/dev/mapper/%s", mapped) : 0;
}

static int read_row(const char *root, const char *name, struct disk *disk)
{
	int r = text_take(disk->name, sizeof(disk->name), name);

	if (r == 0)
		r = text_format(disk->path, sizeof(disk->path), "/dev/%s", name);
	if (r < 0)
		return r;
	/* The kernel writes '!' where a device's name has a slash (cciss!c0d0). */
	for (char *at = disk->path; (at = strchr(at, '!'));)
		*at = '/';
	attribute(root, name, "dev", disk->number, sizeof(disk->number));
	disk->size = number_attribute(root, name, "size") * SYSFS_SECTOR;
	disk->logical_sector = (uint32_t)number_attribute(root, name, "queue/logical_block_size");
	disk->rotational = number_attribute(root, name, "queue/rotational") != 0;
	disk->read_only = number_attribute(root, name, "ro") != 0;
	attribute(root, name, "device/model", disk->model, sizeof(disk->model));
	attribute(root, name, "device/serial", disk->serial, sizeof(disk->serial));
	if (disk->serial[0] == '\0') /* virtio */
		attribute(root, name, "serial", disk->serial, sizeof(disk->serial));
	find_device(root, disk);
	r = find_partitions(root, name, &disk->partitions);
	if (r >= 0)
		r = find_holders(root, disk);
	if (r >= 0)
		r = add_mapper_name(root, disk);
	return r;
}

static int read_rows(const char *root, const struct words *names, struct disk *disks,
		     size_t *ret_count)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < names->count; i++)
		if (!is_left_out(root, names->items[i]))
			r = read_row(root, names->items[i], &disks[(*ret_count)++]);
	return r;
}

int disk_rows_read(const char *root, struct disk **ret, size_t *ret_count, struct error *err)
{
	struct facts rows = { 0 };
	struct words names = { 0 };
	int r;

	if (!tree_exists(root, "/sys/block"))
		return error_set(err, -ENOENT, "%s/sys/block is not there: is sysfs mounted?",
				 root);
	r = tree_list(root, "/sys/block", &names);
	rows.disks = calloc(names.count + 1, sizeof(*rows.disks));
	if (r >= 0)
		r = rows.disks ? read_rows(root, &names, rows.disks, &rows.disk_count) : -ENOMEM;
	words_done(&names);
	if (r < 0) {
		facts_done(&rows);
		return error_errno(err, r, "cannot list the disks");
	}
	*ret = rows.disks;
	*ret_count = rows.disk_count;
	return 0;
}
