/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * How this node is at one moment after its boot: one row for each target (and the client) that
 * apply mounted, one for each disk below them. Each value is as the kernel has it; what could not
 * be seen is marked so, and says nothing.
 */

#include "base/error.h"
#include "base/words.h"
#include "model/applied.h"
#include "model/mgs_answer.h"
#include "model/spec/nid.h"

#include <stdint.h>

struct health_space {
	bool known;
	uint64_t total_bytes, free_bytes; /* free: for users, without what Lustre keeps back */
	uint64_t total_inodes, free_inodes;
};

struct health_target {
	char name[TARGET_NAME_MAX + FSNAME_MAX]; /* as in applied_target */
	enum applied_role role;
	bool mounted;
	bool read_only;    /* after an error; of a client, mounted so */
	bool unhealthy;    /* named by Lustre's health_check */
	bool degraded;     /* its MDT puts no new objects on it */
	bool partial;      /* a disk of its group is gone, or is another */
	char recovery[24]; /* "INACTIVE", "RECOVERING", "COMPLETE"; "" of none, or unreadable */
	char device[DISK_NAME_MAX]; /* kernel name, "dm-0"; "" for a client */
	uint64_t fs_errors;         /* that its file system found since it was last checked */
	struct health_space space;
};

/* What is at the head of a disk; only looked at after a sleep (see `woken`). */
enum disk_head {
	HEAD_NOT_SEEN,   /* not looked at */
	HEAD_OURS,       /* LVM's label of the PV that it was */
	HEAD_OTHER,      /* read, and anything else: zeros, or another's label */
	HEAD_UNREADABLE, /* nothing is known of it */
	HEAD_MAX,
};

struct health_disk {
	char target[TARGET_NAME_MAX]; /* that lies on it */
	char serial[64];
	char name[DISK_NAME_MAX]; /* kernel name; "" where it is gone */
	bool has_io_errors;       /* its kernel driver counts them: SCSI does, NVMe does not */
	uint64_t io_errors;
	bool smart_known;          /* NVMe's health log, of the newest look at it */
	uint32_t critical_warning; /* its bits, as the log has them; 0 is well */
	uint64_t media_errors;
	uint64_t smart_usec; /* CLOCK_MONOTONIC of that look */
	enum disk_head head;
};

struct health_mgs {
	bool asked;               /* on a node that has an MGS to ask, at least once */
	enum mgs_answer answer;   /* of the NID that came furthest */
	char nid[NID_TEXT_MAX];   /* that it is of */
	uint64_t away_since_usec; /* CLOCK_MONOTONIC of the first look without; 0: it answers */
};

struct health {
	char boot_id[40];
	uint64_t at_usec;       /* CLOCK_MONOTONIC of the look */
	uint64_t slept_usec;    /* CLOCK_BOOTTIME less CLOCK_MONOTONIC: all sleep of this boot */
	bool woken;             /* from a sleep, and not all disks are seen to be what they were */
	char health_check[128]; /* Lustre's own word, in one line; "" where it is not known, or of
				   whom */
	struct health_target *targets;
	size_t target_count;
	struct health_disk *disks;
	size_t disk_count;
	bool nids_known;
	struct words nids;
	struct health_mgs mgs;
};

void health_done(struct health *health);

/* NULL where there is none. */
const struct health_target *health_target(const struct health *health, const char *name);
const struct health_disk *health_disk(const struct health *health, const char *serial);

/* Whether it waits for clients of before its start. */
bool health_is_recovering(const struct health_target *target);

/*
 * Whether the machine slept (suspend, hibernation) between the two looks, by clocks that nobody can
 * set: while it sleeps, CLOCK_BOOTTIME goes on and CLOCK_MONOTONIC does not. Never of two boots. A
 * first look, with none `before` (all zero), asks for any sleep of this boot: what was found after
 * it went with the watch that found it.
 */
bool health_slept(const struct health *before, const struct health *now);

/* NULL when out of memory; -EINVAL for anything that is not understood to the last member. */
json_t *health_to_json(const struct health *health);
int health_from_json(const json_t *json, struct health *ret, struct error *err);
