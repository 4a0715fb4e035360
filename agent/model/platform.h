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

/*
 * A parameter of one of Lustre's modules that somebody has set, or that it is loaded with. Without
 * a module: `where` could not be read, and may set any.
 */
struct module_option {
	char module[24], name[40]; /* "ksocklnd", "conns_per_peer" */
	char value[128];           /* to be shown; "" also for one that is longer */
	char where[PATH_TEXT_MAX]; /* "/etc/modprobe.d/lustre.conf" */
	bool loaded;               /* it holds, in the kernel */
};

struct platform {
	char kernel[128]; /* uname -r */
	uint64_t memory;  /* bytes, MemTotal; 0 where it is not known */
	unsigned cpus;    /* online; 0 where that is not known */
	struct module_option *module_options;
	size_t module_option_count;
	struct words missing_modules; /* of those the roles need, as modprobe finds them */
	struct words missing_tools;   /* likewise, as found in PATH */
	/* Of what Lustre's targets have on disk and stock e2fsprogs do not know. */
	struct words missing_features;
	char features_unknown_because[128]; /* "debugfs: …"; "" where they are known */
};

/*
 * What is known of a module's parameter: with which value it is loaded, else what the last of the
 * files sets, else one that could not be read. NULL where nobody has set it.
 */
const struct module_option *platform_option(const struct platform *platform, const char *module,
					    const char *name);

/* Whether one of its parameters is known from the kernel. */
bool platform_has_loaded(const struct platform *platform, const char *module);
