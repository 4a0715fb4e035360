/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Law 3: right before a disk is written it is looked at once more, under its lock, whether it is
 * what the plan saw.
 */

#include "effect/step.h"

#define DISK_CHECK_TEXT_MAX 400

enum disk_check_depth {
	DISK_CHECK_AT_ENDS, /* a blank disk's first 4 MiB and last MiB; the samples were read before
			     */
	DISK_CHECK_WHOLE,   /* the samples too, as when the plan was made (S3) */
};

/*
 * True, and the disk locked in *ret, when its serial number (where it tells one), its size and what
 * it holds are as planned; else false, and `why` names the disk and what changed.
 */
bool disk_check(const struct plan_disk *disk, enum disk_check_depth depth, struct blockdev **ret,
		char why[DISK_CHECK_TEXT_MAX]);

/* ACTION_CHECK_DISKS: none of the group's disks is written unless all of them are as planned. */
void disk_check_group(struct step *step);
