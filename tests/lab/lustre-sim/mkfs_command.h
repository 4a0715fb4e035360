/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>

#include "conf.h"
#include "target_options.h"

enum {
	MKFS_COMMAND_SIZE = 2048,
	MKFS_WORDS_MAX = 96,
};

/*
 * The mke2fs options for this target (facts 1.1), without the features this place does not know:
 * the user's own options first, then what Lustre adds. `options->device_kb` must be set. Returns 0
 * or the exit status, having said why.
 */
int mkfs_command_options(const struct conf *conf, const struct target_options *options,
			 char list[static MKFS_COMMAND_SIZE]);

/* Splits a command as a shell would: blanks, single and double quotes; no expansion. `command` is
 * cut up. Returns how many words (the last one is followed by NULL), or -E2BIG. */
int mkfs_command_words(char *command, char *words[static MKFS_WORDS_MAX]);
