/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What of Lustre is up on this node now, targets and clients alike, as Lustre's own files have it.
 */

#include "base/error.h"
#include "base/words.h"

/*
 * "mdt/lustrewt-MDT0000", "llite/lustrewt-ffff8d0e3c4f5000": each mount of a client has a name of
 * its own. Below `root`, in sysfs, or in procfs as before Lustre 2.11. Without Lustre there is
 * nothing; what could not be looked at is a negative errno.
 */
int served_read(const char *root, struct words *ret);
