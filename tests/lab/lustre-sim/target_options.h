/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "mountdata.h"

/* The options that mkfs.lustre and tunefs.lustre share (facts 1.1, 1.2, section 2). */
struct target_options {
	const char *tool; /* "mkfs.lustre" or "tunefs.lustre" */
	bool tunefs;
	char device[256];
	char mkfs_options[512];
	const char *mount_options;
	uint64_t device_kb;
	unsigned mgs_nodes;
	int verbose; /* 0 quiet, 1 usual, 2 verbose */
	bool reformat, replace, dryrun, erase_parameters, index_given, index_on_mgs;
	struct mountdata data;
};

/*
 * Both return 0 or the exit status, having said why on stderr. The first reads only what is needed
 * before the device is looked at: the device's name, verbosity, --erase-params.
 */
int target_options_early(struct target_options *options, int argc, char *const argv[]);
int target_options_parse(struct target_options *options, int argc, char *const argv[]);

/*
 * What must be true of the whole: a type, an MGS, a file system name. Fills in names and mount
 * options. Returns 0 or the exit status; index_on_mgs asks the caller to print the usage.
 */
int target_options_check(struct target_options *options);

void target_usage(const struct target_options *options);

/* "\ntool FATAL: " and what follows, on stderr. */
__attribute__((format(printf, 2, 3))) void target_fatal(const struct target_options *options,
							const char *format, ...);

/* The last line of a failed run; gives back the exit status. */
int target_exit(const struct target_options *options, int status);
