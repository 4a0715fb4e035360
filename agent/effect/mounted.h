/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Whether a mount is there: by the kernel's own table, whatever anybody says of it. */

#include "base/error.h"

#include <stdbool.h>

/* What shall be there. */
struct mounted_asked {
	const char *source; /* a target's device, or "10.0.0.10@tcp:/lustrewt" */
	const char *where;
	bool is_client;
	bool by_name; /* a client whose source has host names: mount.lustre puts addresses there */
};

/*
 * 0 when what is mounted there, uppermost, is what was asked for: device, type and place are right.
 * -ENOENT when nothing is, -EBUSY when something else is. `table` is /proc/self/mountinfo.
 */
int mounted_check(const char *table, const struct mounted_asked *asked, struct error *err);
