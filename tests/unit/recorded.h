/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Recorded machines, made by a test in a temporary directory: sysfs as plain files and links, block
 * devices as sparse files, tools as scripts that go first in PATH. Include <cmocka.h> before.
 */

#include <fcntl.h>
#include <ftw.h>
#include <libgen.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MIB (1024ULL * 1024)

struct recorded {
	char root[64];
	unsigned disks; /* made so far: for their numbers */
};

static inline void recorded_start(struct recorded *machine)
{
	*machine = (struct recorded){ .root = "/tmp/recorded.XXXXXX" };
	assert_non_null(mkdtemp(machine->root));
}

static inline int recorded_remove_one(const char *path, const struct stat *status, int kind,
				      struct FTW *place)
{
	(void)status;
	(void)kind;
	(void)place;
	return remove(path);
}

static inline void recorded_end(struct recorded *machine)
{
	assert_int_equal(nftw(machine->root, recorded_remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}

/* The full path, its directories made. */
static inline void recorded_path(const struct recorded *machine, const char *path, char full[4096])
{
	snprintf(full, 4096, "%s%s", machine->root, path);
	for (char *at = full + strlen(machine->root) + 1; (at = strchr(at, '/')); at++) {
		*at = '\0';
		mkdir(full, 0755);
		*at = '/';
	}
}

__attribute__((format(printf, 3, 4))) static inline void
recorded_file(const struct recorded *machine, const char *path, const char *format, ...)
{
	char full[4096];
	va_list args;
	FILE *file;

	recorded_path(machine, path, full);
	file = fopen(full, "we");
	assert_non_null(file);
	va_start(args, format);
	vfprintf(file, format, args);
	va_end(args);
	assert_int_equal(fclose(file), 0);
}

static inline void recorded_link(const struct recorded *machine, const char *path,
				 const char *target)
{
	char full[4096];

	recorded_path(machine, path, full);
	assert_int_equal(symlink(target, full), 0);
}

/* A sparse file in place of a block device. */
static inline void recorded_device(const struct recorded *machine, const char *path, uint64_t size)
{
	char full[4096];
	int fd;

	recorded_path(machine, path, full);
	fd = open(full, O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, (off_t)size), 0);
	close(fd);
}

static inline void recorded_write(const struct recorded *machine, const char *path, uint64_t offset,
				  const void *data, size_t size)
{
	char full[4096];
	int fd;

	recorded_path(machine, path, full);
	fd = open(full, O_WRONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, data, size, (off_t)offset), size);
	close(fd);
}

/* A program of the test's own that is found before all others. */
static inline void recorded_tool(const struct recorded *machine, const char *name,
				 const char *script)
{
	char path[256], full[4096], search[8192];
	const char *now = getenv("PATH");

	snprintf(path, sizeof(path), "/tools/%s", name);
	recorded_file(machine, path, "#!/bin/sh\n%s\n", script);
	recorded_path(machine, path, full);
	assert_int_equal(chmod(full, 0755), 0);
	*strrchr(full, '/') = '\0';
	if (strncmp(now, full, strlen(full)) != 0) {
		snprintf(search, sizeof(search), "%s:%s", full, now);
		setenv("PATH", search, 1);
	}
}

/*
 * A block device below `parent` in /sys/devices ("pci0000:00/0000:00:1f.0/nvme/nvme1"), with its
 * links in /sys/block, /sys/class/block and /sys/dev/block, and a blank device file of `size`
 * bytes.
 */
static inline void recorded_disk(struct recorded *machine, const char *parent, const char *name,
				 uint64_t size)
{
	char path[512], target[512];
	unsigned number = machine->disks++;

	snprintf(path, sizeof(path), "/sys/devices/%s/%s/size", parent, name);
	recorded_file(machine, path, "%llu\n", (unsigned long long)size / 512);
	snprintf(path, sizeof(path), "/sys/devices/%s/%s/dev", parent, name);
	recorded_file(machine, path, "259:%u\n", number);
	snprintf(path, sizeof(path), "/sys/devices/%s/%s/ro", parent, name);
	recorded_file(machine, path, "0\n");
	snprintf(path, sizeof(path), "/sys/devices/%s/%s/queue/logical_block_size", parent, name);
	recorded_file(machine, path, "512\n");
	snprintf(path, sizeof(path), "/sys/devices/%s/%s/queue/rotational", parent, name);
	recorded_file(machine, path, "0\n");
	snprintf(target, sizeof(target), "../devices/%s/%s", parent, name);
	snprintf(path, sizeof(path), "/sys/block/%s", name);
	recorded_link(machine, path, target);
	snprintf(target, sizeof(target), "../../devices/%s/%s", parent, name);
	snprintf(path, sizeof(path), "/sys/class/block/%s", name);
	recorded_link(machine, path, target);
	snprintf(path, sizeof(path), "/sys/dev/block/259:%u", number);
	recorded_link(machine, path, target);
	snprintf(path, sizeof(path), "/dev/%s", name);
	recorded_device(machine, path, size);
}

/* A partition of a disk that is there already, by the disk's directory below /sys/devices. */
static inline void recorded_partition(struct recorded *machine, const char *disk, const char *name)
{
	char path[512], target[512];
	unsigned number = machine->disks++;

	snprintf(path, sizeof(path), "/sys/devices/%s/%s/partition", disk, name);
	recorded_file(machine, path, "1\n");
	snprintf(target, sizeof(target), "../../devices/%s/%s", disk, name);
	snprintf(path, sizeof(path), "/sys/class/block/%s", name);
	recorded_link(machine, path, target);
	snprintf(path, sizeof(path), "/sys/dev/block/259:%u", number);
	recorded_link(machine, path, target);
	snprintf(path, sizeof(path), "/dev/%s", name);
	recorded_device(machine, path, MIB);
}

static inline void recorded_pci(const struct recorded *machine, const char *address,
				const char *vendor)
{
	char path[512], target[512];

	snprintf(path, sizeof(path), "/sys/devices/pci0000:00/%s/vendor", address);
	recorded_file(machine, path, "%s\n", vendor);
	snprintf(path, sizeof(path), "/sys/devices/pci0000:00/%s/class", address);
	recorded_file(machine, path, "0x010802\n");
	snprintf(target, sizeof(target), "../../../devices/pci0000:00/%s", address);
	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s", address);
	recorded_link(machine, path, target);
}

/* An NVMe disk on a PCI function that is there already: controller nvmeN, namespace nvmeNn1. */
static inline void recorded_nvme(struct recorded *machine, unsigned number, const char *address,
				 const char *model, uint64_t size)
{
	char controller[256], path[512], name[32];

	snprintf(controller, sizeof(controller), "pci0000:00/%s/nvme/nvme%u", address, number);
	snprintf(path, sizeof(path), "/sys/devices/%s/model", controller);
	recorded_file(machine, path, "%-40s\n", model);
	snprintf(path, sizeof(path), "/sys/devices/%s/serial", controller);
	recorded_file(machine, path, "AWS%04u               \n", number);
	snprintf(path, sizeof(path), "/sys/devices/%s/device", controller);
	recorded_link(machine, path, "../..");
	snprintf(name, sizeof(name), "nvme%un1", number);
	recorded_disk(machine, controller, name, size);
	snprintf(path, sizeof(path), "/sys/devices/%s/%s/device", controller, name);
	recorded_link(machine, path, "..");
}

/* A disk of Xen with its number ("51728"). */
static inline void recorded_xen(struct recorded *machine, const char *name, const char *number,
				uint64_t size)
{
	char parent[128], path[512], target[512];

	snprintf(parent, sizeof(parent), "vbd-%s/block", number);
	recorded_disk(machine, parent, name, size);
	snprintf(path, sizeof(path), "/sys/devices/vbd-%s/block/%s/device", number, name);
	snprintf(target, sizeof(target), "../../../vbd-%s", number);
	recorded_link(machine, path, target);
	snprintf(target, sizeof(target), "../../../devices/vbd-%s", number);
	snprintf(path, sizeof(path), "/sys/bus/xen/devices/vbd-%s", number);
	recorded_link(machine, path, target);
}

/* A device-mapper device above a disk, by the disk's directory below /sys/devices. */
static inline void recorded_mapper(struct recorded *machine, const char *name, const char *mapped,
				   const char *uuid, const char *below)
{
	char path[512], target[512];

	recorded_disk(machine, "virtual/block", name, 64 * MIB);
	snprintf(path, sizeof(path), "/sys/devices/virtual/block/%s/dm/name", name);
	recorded_file(machine, path, "%s\n", mapped);
	snprintf(path, sizeof(path), "/sys/devices/virtual/block/%s/dm/uuid", name);
	recorded_file(machine, path, "%s\n", uuid);
	snprintf(path, sizeof(path), "/sys/devices/%s/holders/%s", below, name);
	snprintf(target, sizeof(target), "/sys/block/%s", name);
	recorded_link(machine, path, target);
}
