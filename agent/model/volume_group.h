/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A volume group of LVM with its volumes, and what one of ours holds. */

#include "model/disk.h"
#include "model/target.h"

#define VG_NAME_MAX 128

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
