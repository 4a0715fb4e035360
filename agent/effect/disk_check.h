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
 * 0, and the disk locked in *ret, when its serial number (where it tells one), its size and what it
 * holds are as planned; -ESTALE where one is not, another errno where that could not be seen: it is
 * in use, gone, or cannot be read. `why` names the disk, and what changed or failed.
 */
int disk_check(const struct plan_disk *disk, enum disk_check_depth depth, struct blockdev **ret,
	       char why[DISK_CHECK_TEXT_MAX]);

/*
 * Ends the step by that code: what is not as planned is refused. What could not be seen has failed,
 * and may pass; the next look says whether it does. `rest` follows `why`.
 */
void disk_check_end(struct step *step, int code, const char *why, const char *rest);

/* ACTION_CHECK_DISKS: none of the group's disks is written unless all of them are as planned. */
void disk_check_group(struct step *step);
