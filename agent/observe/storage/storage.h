/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The disks of this machine: what each is, what is on it, what holds it. Read-only. Only disks that
 * are instance store, or that the operator named, are opened for their content; of all others no
 * more is known than sysfs tells, since they are none of ours.
 *
 * Sources: /sys/block, NVMe Identify Controller, EC2's block-device mapping (Xen),
 * /proc/self/mountinfo, /proc/swaps, libblkid, `lvm fullreport` on those disks alone, tunefs.lustre
 * and debugfs on volumes that carry our tag.
 */

#include "base/error.h"
#include "base/inquiry.h"
#include "base/mark.h"
#include "base/words.h"
#include "model/facts.h"
#include "model/spec/spec.h"
#include "model/state.h"

#include <stdbool.h>
#include <stdint.h>

struct storage_options {
	const char *root; /* "" or a recorded tree (its /dev may hold regular files) */
	const struct words *ephemerals;    /* Xen: metadata.ephemerals; NULL for none */
	const struct words *other_devices; /* Xen: metadata.other_devices; NULL for none */
	const char *instance_type;         /* "d2.xlarge"; NULL or "" where it is not known */
	enum disk_choice disks;            /* the key `disks` … */
	const char *disks_name;            /* … and its name or path; "" for instance-store */
	bool probe; /* look at contents; needs root rights. Without: blankness unknown, no groups */
	/*
	 * Stands in for the vendor of an NVMe controller that reports vendor 0, which no real one
	 * does: the Linux NVMe target cannot be told a PCI vendor. 0: nothing stands in.
	 */
	uint16_t nvme_vendor;
	struct inquiries *inquiries; /* what was put before; NULL: nothing */
	struct marks *marks;         /* of the steps of the look; NULL: not wanted */
};

/* The environment variable for nvme_vendor, hexadecimal; read once, at top level. */
#define STORAGE_NVME_VENDOR_VARIABLE "LUSTRE_INIT_NVME_VENDOR"

/*
 * Fills facts->disks, ->groups and ->mounts, which must be empty. A disk that cannot be read is a
 * row that says so, not an error; an error is what leaves nothing to judge by (no sysfs, or LVM
 * refusing to report on a disk that is an LVM member).
 */
int storage_observe(const struct storage_options *options, struct facts *facts, struct error *err);

/*
 * Puts what storage_observe() will ask where the groups that the state remembers are active and on
 * their disks, as on a reboot. In foresee.c.
 */
void storage_foresee(const char *root, const struct state *state, struct inquiries *inquiries);

/* Tells what is being waited for, on each change. */
typedef void (*storage_progress_fn)(void *userdata, const char *sentence);

#define STORAGE_SENTENCE_MAX 256

/*
 * Waits until no disk is still on its way (the rule is in wait.c): usually not at all. 0
 * also when the bound is reached: the boot goes on with what there is. `note` is what is not waited
 * for and a person should know, "" for nothing.
 */
int storage_wait(const struct storage_options *options, uint64_t timeout_usec,
		 storage_progress_fn progress, void *userdata, char note[STORAGE_SENTENCE_MAX],
		 struct error *err);

/*
 * The first part of storage_observe(): the names, numbers and links of the disks that are here, and
 * nothing that takes time.
 */
int storage_glance(const char *root, struct facts *facts, struct error *err);
