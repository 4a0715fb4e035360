/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Whether a mount is there: by the kernel's own table, whatever anybody says of it. */

#include "base/error.h"
#include "base/words.h"

#include <stdbool.h>

#define MOUNT_TABLE "/proc/self/mountinfo"

/* What shall be there. */
struct mounted_asked {
	const char *source; /* a target's device, or "10.0.0.10@tcp:/lustrewt" */
	const char *where;
	bool is_client;
};

/*
 * 0 when what is mounted there, uppermost, is what was asked for: device, type and place are right.
 * -ENOENT when nothing is, -EBUSY when something else is; another error where `table` cannot be
 * read.
 */
int mounted_check(const char *table, const struct mounted_asked *asked, struct error *err);

/* Whether anything is mounted there. Without the table nothing is known of it, which is false. */
bool mounted_is_any(const char *table, const char *where);

/*
 * Whether a target that is mounted as asked looks for its MGS at none of `mgs`, where the node
 * shall find it: it goes on asking the one that it was formatted with. `text` is the sentence for
 * that.
 */
bool mounted_asks_another_mgs(const char *table, const struct mounted_asked *asked,
			      const char *target, const struct words *mgs,
			      char text[ERROR_TEXT_MAX]);
