/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The system around the disks: what its kernel and tools can do, and where its directories lead. */

#include "base/words.h"

#include <stdint.h>

#define PATH_TEXT_MAX 512 /* LVM allows /dev/VG/LV 259 characters */

/* A directory that something is to be mounted at, or below, and whose name leads elsewhere. */
struct place_link {
	char path[PATH_TEXT_MAX]; /* "/srv/lustre" */
	char real[PATH_TEXT_MAX]; /* "/var/srv/lustre", all links followed; "" where that is
				     impossible */
	char trouble[128]; /* "… is one of a ring of symbolic links"; "" where nothing speaks
			      against it */
};

struct platform {
	char kernel[128];             /* uname -r */
	uint64_t memory;              /* bytes, MemTotal; 0 where it is not known */
	struct words missing_modules; /* of those the roles need, as modprobe finds them */
	struct words missing_tools;   /* likewise, as found in PATH */
	/* Of what Lustre's targets have on disk and stock e2fsprogs do not know. */
	struct words missing_features;
	char features_unknown_because[128]; /* "debugfs: …"; "" where they are known */
};
