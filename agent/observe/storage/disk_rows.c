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

/* "" for one that the disk does not have; what could not be read is an error, and nothing is known
 * of the disk. */
static int attribute(const char *root, const char *disk, const char *name, char *line, size_t size)
{
	char path[PATH_MAX], text[256];
	int r;

	line[0] = '\0';
	snprintf(path, sizeof(path), "/sys/block/%s/%s", disk, name);
	r = file_read_optional(root, path, text, sizeof(text));
	if (r == 0 && text_take(line, size, text) < 0)
		line[0] = '\0';
	return r;
}

static int number_attribute(const char *root, const char *disk, const char *name, uint64_t *ret)
{
	char line[32];
	int r = attribute(root, disk, name, line, sizeof(line));

	*ret = strtoull(line, NULL, 10);
	return r;
}

/* Idle loop and zram devices have no size; neither has a card reader without a card. */
static int is_left_out(const char *root, const char *name, bool *ret)
{
	bool comes_and_goes = strncmp(name, "loop", 4) == 0 || strncmp(name, "zram", 4) == 0;
	uint64_t size = 1, hidden = 0;
	int r = 0;

	*ret = strncmp(name, "ram", 3) == 0 && isdigit((unsigned char)name[3]);
	if (!*ret && comes_and_goes)
		r = number_attribute(root, name, "size", &size);
	if (r >= 0 && !*ret)
		r = number_attribute(root, name, "hidden", &hidden);
	*ret = *ret || size == 0 || hidden != 0;
	return r;
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

static int find_device(const char *root, struct disk *disk)
{
	char link[PATH_MAX], path[PATH_MAX];
	int r;

	snprintf(link, sizeof(link), "/sys/block/%s", disk->name);
	r = tree_real_path(root, link, path, sizeof(path));
	find_pci_address(path, disk->pci_address, sizeof(disk->pci_address));
	if (r < 0 || disk->pci_address[0] != '\0' || strncmp(disk->name, "nvme", 4) != 0)
		return r;
	/* With multipath, the namespace hangs under its subsystem, and only its controller on PCI.
	 */
	r = nvme_controller_path(root, disk->name, path, sizeof(path));
	find_pci_address(path, disk->pci_address, sizeof(disk->pci_address));
	return r;
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
		r = tree_exists(root, path);
		if (r > 0)
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
	int r = attribute(root, disk->name, "dm/name", mapped, sizeof(mapped));

	if (r < 0 || mapped[0] == '\0')
		return r;
	return words_addf(&disk->links, "/dev/mapper/%s", mapped);
}

static int read_numbers(const char *root, struct disk *disk)
{
	uint64_t sectors = 0, sector = 0, rotational = 0, read_only = 0;
	int r = attribute(root, disk->name, "dev", disk->number, sizeof(disk->number));

	if (r >= 0)
		r = number_attribute(root, disk->name, "size", &sectors);
	if (r >= 0)
		r = number_attribute(root, disk->name, "queue/logical_block_size", &sector);
	if (r >= 0)
		r = number_attribute(root, disk->name, "queue/rotational", &rotational);
	if (r >= 0)
		r = number_attribute(root, disk->name, "ro", &read_only);
	disk->size = sectors * SYSFS_SECTOR;
	disk->logical_sector = (uint32_t)sector;
	disk->rotational = rotational != 0;
	disk->read_only = read_only != 0;
	return r;
}

static int read_identity(const char *root, struct disk *disk)
{
	int r = attribute(root, disk->name, "device/model", disk->model, sizeof(disk->model));

	if (r >= 0)
		r = attribute(root, disk->name, "device/serial", disk->serial,
			      sizeof(disk->serial));
	if (r >= 0 && disk->serial[0] == '\0') /* virtio */
		r = attribute(root, disk->name, "serial", disk->serial, sizeof(disk->serial));
	return r < 0 ? r : find_device(root, disk);
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
	r = read_numbers(root, disk);
	if (r >= 0)
		r = read_identity(root, disk);
	if (r >= 0)
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

	for (size_t i = 0; r >= 0 && i < names->count; i++) {
		bool left_out;

		r = is_left_out(root, names->items[i], &left_out);
		if (r >= 0 && !left_out)
			r = read_row(root, names->items[i], &disks[(*ret_count)++]);
	}
	return r;
}

int disk_rows_read(const char *root, struct disk **ret, size_t *ret_count, struct error *err)
{
	struct facts rows = { 0 };
	struct words names = { 0 };
	int r = tree_exists(root, "/sys/block");

	if (r == 0)
		return error_set(err, -ENOENT, "%s/sys/block is not there: is sysfs mounted?",
				 root);
	if (r < 0)
		return error_errno(err, r, "cannot look at %s/sys/block", root);
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
