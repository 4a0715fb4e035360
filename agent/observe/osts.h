/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The OSTs that this node serves now, as Lustre's own files have them. */

#include "base/error.h"
#include "base/words.h"

struct osts {
	struct words served;
	struct words degraded; /* of these: no new objects land there */
};

void osts_done(struct osts *osts);

/*
 * Below `root`: obdfilter/NAME/degraded, in sysfs since Lustre 2.11, in procfs before. Without
 * Lustre there are none. -ENOMEM is the only failure.
 */
int osts_read(const char *root, struct osts *ret);
