/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"
#include "model/facts.h"

/*
 * Tells each disk of *facts which mounts and swap spaces lie on it, directly, on its partitions, or
 * on any device above (S2). facts->disks and facts->mounts are filled already.
 */
int disk_use_find(const char *root, struct facts *facts, struct error *err);

/* Whether anything lies on the disk: a holder, a partition, a mount or a swap space. */
bool disk_use_any(const struct disk *disk);
