/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A block device as it was observed: what proves whose it is, what it holds, and who holds it. */

#include "base/words.h"
#include "model/platform.h"
#include "model/spec/spec.h"

#include <stdbool.h>
#include <stdint.h>

#define DISK_NAME_MAX  32
#define UUID_TEXT_MAX  40
#define SIGNATURES_MAX 4

/* Positive proof only (S1): anything not proven is DISK_OTHER. */
enum disk_kind {
	DISK_OTHER,
	DISK_INSTANCE_STORE,
	DISK_EBS,
	DISK_KIND_MAX,
};

/* A signature found by libblkid: file system, RAID, LVM member or partition table. */
struct signature {
	char type[32]; /* "xfs", "LVM2_member", "gpt" */
	char label[64];
	char uuid[UUID_TEXT_MAX];
};

/* What is known of a disk's content; a disk that was not looked at is never blank. */
enum blankness {
	BLANK_UNKNOWN, /* not probed, or not readable */
	BLANK_YES,     /* no signature, and zeros where S3 looks */
	BLANK_NO,
};

struct disk {
	char name[DISK_NAME_MAX]; /* kernel name, "nvme1n1" */
	char path[PATH_TEXT_MAX]; /* "/dev/nvme1n1" */
	char number[24];          /* of the device, "259:1": the same whatever name leads to it */
	uint64_t size;            /* bytes */
	uint32_t logical_sector;  /* bytes */
	bool rotational;
	bool read_only;
	enum disk_kind kind;
	char kind_proof[128]; /* "NVMe vendor 0x1d0f, model Amazon EC2 NVMe Instance Storage" */
	char model[64];
	char serial[64];
	char attached_as[64]; /* vendor area: "ephemeral0:sdb", "sdf" */
	char pci_address[32]; /* "0000:00:1f.0", "" where there is none */
	struct words links;   /* /dev/disk/by-… names, for the operator's paths */
	enum blankness blank;
	char not_blank_because[128]; /* "data at byte 1048576" */
	struct signature signatures[SIGNATURES_MAX];
	size_t signature_count;
	bool empty_ext3;    /* the one signature, and nothing is on it but lost+found */
	bool beheaded_ext;  /* no signature, but the copy of a superblock of ext */
	bool only_lvm_head; /* not blank, but for what LVM writes before the data of a PV */
	bool lvm_text_torn; /* a PV, and LVM's metadata on it is not whole (lvm_head.h) */
	/* What holds it now (S2); each names the holder. */
	struct words holders;    /* kernel names above it, at any height: "dm-0", "md127" */
	struct words partitions; /* kernel names */
	struct words mounts;     /* mount points, also of its partitions and holders */
	bool swap;               /* likewise */
	bool busy;               /* nothing above, yet open with O_EXCL says -EBUSY */
	/* LVM, where it is a PV that our restricted view saw. */
	char pv_uuid[UUID_TEXT_MAX];
	char vg_uuid[UUID_TEXT_MAX]; /* "" for a PV in no group */
};

const char *disk_kind_name(enum disk_kind kind);

/*
 * Whether `disk` is among those that the key `disks` names: every instance-store disk, the EBS
 * volume that was attached as `name` (with or without /dev/), or what the path `name` under
 * /dev/disk/ leads to. Says nothing about its being free (S2, S3).
 */
bool disk_is_chosen(const struct disk *disk, enum disk_choice choice, const char *name);
