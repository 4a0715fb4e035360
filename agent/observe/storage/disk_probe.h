/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"
#include "model/facts.h"

/*
 * Looks at the content of those disks that `wanted` picks: signatures, zeros (S3), and whether
 * somebody holds the disk whom sysfs does not show (S2). All at once, a thread for each: a disk
 * with moving heads needs seconds for its samples, and there may be 24 of them. A disk that cannot
 * be read stays BLANK_UNKNOWN, with the reason; a shortage (error_is_shortage()) is an error.
 */
int disk_probe_all(const char *root, struct facts *facts,
		   bool (*wanted)(const struct disk *, void *), void *userdata, struct error *err);
