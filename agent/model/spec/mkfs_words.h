/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What an operator may add to the command line of mkfs.lustre.
 *
 * The agent hands words to mkfs.lustre without a shell, but mkfs.lustre itself runs mke2fs through
 * `sh -c` (lustre/utils/mount_utils.c). So a word may hold only characters that mean nothing to a
 * shell, and only options that are known: getopt_long(3) takes abbreviations, and "--refor" would
 * do.
 */

#include "base/error.h"
#include "base/words.h"

/*
 * Splits `text` at blanks that are not inside '…' or "…"; the marks themselves are dropped. -EINVAL
 * for a mark that is never closed, -ENOMEM.
 */
int mkfs_words_split(const char *text, struct words *words, struct error *why);

/* Whether these may be passed on together; -EINVAL with the reason and the fix otherwise. */
int mkfs_words_check(const struct words *words, struct error *why);
