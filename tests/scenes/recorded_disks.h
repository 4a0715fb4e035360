/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The disks of recorded machines, as sysfs shows those of EC2. Include <cmocka.h> before. */

#include "scenes/recorded.h"

/* What EC2's NVMe controllers call themselves. Source: AWS user guide, "Identify NVMe EBS volumes".
 */
#define STORE "Amazon EC2 NVMe Instance Storage"
#define EBS   "Amazon Elastic Block Store"

/* A machine whose sysfs is there, and has no disk yet. */
static inline void recorded_start_bare(struct recorded *machine)
{
	recorded_start(machine);
	recorded_file(machine, "/sys/block/.keep", "%s", "");
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
