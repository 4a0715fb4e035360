/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What this machine has, as it was observed: one row for every block device, volume group, network
 * interface and mount, plus what the kernel and the tools can do. Plain values with JSON; a fixture
 * of tests/machines is a file of these.
 *
 * Most texts are arrays of the length that the field's own source allows, so a value needs no care.
 * Nothing is ever cut to fit into one: it is an error, or held otherwise.
 */

#include "base/error.h"
#include "base/words.h"
#include "model/interface.h"
#include "model/platform.h"
#include "model/spec/spec.h"
#include "model/target.h"

#include <stdint.h>

#define DISK_NAME_MAX  32
#define VG_NAME_MAX    128
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

/* What a volume of ours holds. Only looked at while the volume is active. */
struct content {
	bool known;                /* false: inactive, or could not be judged */
	char unknown_because[128]; /* "debugfs: …"; "" while inactive */
	char type[32];             /* "ext4", "" when blank */
	char label[64]; /* "lustrewt:OST0017" before, "lustrewt-OST0017" after registration */
	char uuid[UUID_TEXT_MAX];
	char other_type[32]; /* a second signature beside that; "" for none */
	/* Without a signature: "data at byte 4096"; "" where it reads zero (S3). */
	char not_blank_because[64];
	bool needs_recovery; /* the journal has to be replayed before anything can be judged */
	bool lustre;         /* tunefs.lustre --dryrun: a complete format */
	char lustre_target[TARGET_NAME_MAX]; /* as tunefs.lustre names it, always with '-' */
	/* The first name on it that neither mkfs.lustre nor Lustre makes; "" for none. */
	char stranger[64];
	bool served; /* last_rcvd is there: it has been in service (S4) */
};

struct volume {
	char name[VG_NAME_MAX];
	char uuid[UUID_TEXT_MAX];
	char path[PATH_TEXT_MAX];   /* /dev/VG/LV */
	char device[DISK_NAME_MAX]; /* kernel name while active, "dm-0", as in holders and mounts */
	uint64_t size;
	bool active;
	struct words tags;
	struct content content;
};

struct volume_group {
	char name[VG_NAME_MAX];
	char uuid[UUID_TEXT_MAX];
	unsigned pv_count;
	unsigned pv_missing;
	uint64_t size, free;
	char system_id[VG_NAME_MAX]; /* lvmsystemid(7); "" for none */
	bool exported;               /* vgexport(8) */
	bool shared, clustered;      /* its locks are lvmlockd(8)'s; clvmd's, of before 2.03 */
	char lock_type[16];          /* "sanlock", "dlm", "clvm"; "" or "none": this host's own */
	struct words tags;
	struct volume *volumes;
	size_t volume_count;
};

struct mount_point {
	char *source, *target; /* allocated: paths of any length, and sources of many NIDs */
	char fstype[32];
	char device[DISK_NAME_MAX]; /* kernel name of the source, "" for a network file system */
	bool read_only;
	bool untuned; /* a client of ours: its parameters are still to be set */
};

struct facts {
	char instance_id[64];
	char instance_type[64];
	char local_ipv4[16];
	char subnet_cidr[20];
	char mac[18];
	struct words assigned; /* metadata.interfaces: "0a:…:99=10.0.8.23" */
	int launch_index;      /* -1: not asked for */
	struct platform platform;
	struct disk *disks;
	size_t disk_count;
	struct volume_group *groups; /* seen on instance-store and operator-named disks only */
	size_t group_count;
	struct interface *interfaces;
	size_t interface_count;
	struct rdma_device *rdma;
	size_t rdma_count;
	struct host *hosts;
	size_t host_count;
	enum lnet_state lnet;
	struct words nids;     /* of this node, without 0@lo */
	bool lnet_adds_by_nid; /* lnetctl takes a NID; asked only where no name would do */
	struct mount_point *mounts;
	size_t mount_count;
	struct place_link *links; /* only of places that are not what their name says */
	size_t link_count;
	struct words mount_units; /* files of others that decide over mount units */
	struct words fstab;       /* the mount points of /etc/fstab, links followed */
	char random[65]; /* 64 hex digits: where the plan's new names and UUIDs come from */
};

void facts_done(struct facts *facts);

json_t *facts_to_json(const struct facts *facts);
int facts_from_json(const json_t *json, struct facts *ret, struct error *err);

const char *disk_kind_name(enum disk_kind kind);

/*
 * Whether `disk` is among those that the key `disks` names: every instance-store disk, the EBS
 * volume that was attached as `name` (with or without /dev/), or what the path `name` under
 * /dev/disk/ leads to. Says nothing about its being free (S2, S3).
 */
bool disk_is_chosen(const struct disk *disk, enum disk_choice choice, const char *name);

/* NULL when there is none. */
const struct disk *facts_disk_by_serial(const struct facts *facts, const char *serial);
const struct volume_group *facts_group_by_uuid(const struct facts *facts, const char *uuid);
const struct host *facts_host(const struct facts *facts, const char *nid); /* by its name */
const struct mount_point *facts_mount_at(const struct facts *facts, const char *target);

/*
 * The interface that `lnet` names: by its name, or for "primary" by the MAC address that the
 * metadata gives. A bridge or a VLAN shares its MAC with the interface below it: the one that has
 * the instance's address is meant, else one that has any. NULL when there is none.
 */
const struct interface *facts_interface(const struct facts *facts, const char *name);

/* Whether its MAC is the one that the metadata gives, by whatever name `lnet` calls it. */
bool facts_is_primary(const struct facts *facts, const struct interface *interface);

/* The address that the metadata gives an interface, the primary one's being local-ipv4; else "". */
const char *facts_assigned(const struct facts *facts, const struct interface *interface);

/* Whether an IPv4 address is one of this node's, on whichever interface. */
bool facts_has_address(const struct facts *facts, const char *ipv4);
