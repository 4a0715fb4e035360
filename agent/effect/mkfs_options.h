/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The options of mkfs.lustre that are neither identity nor place: what the operator asked for, with
 * ours.
 */

#include "base/words.h"

/*
 * Appends `asked` to argv with one --mkfsoptions that holds the operator's and `extended`, our own
 * list for mke2fs -E: mkfs.lustre takes one -E and one -O only (rc=22 for two). Of options given in
 * both, the operator's stays. -ENOMEM is the only failure, and stays with argv.
 */
int mkfs_options_add(struct words *argv, const struct words *asked, const struct words *extended);
