/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What a PV, or a group, that was cut off in the making, or in a change, leaves on a disk. */

#include "model/facts.h"

/*
 * Tells of every disk that is neither blank nor in a group, and that `wanted` is true for, whether
 * it holds no more than that (only_lvm_head, beheaded_ext), and whether LVM cannot read what it
 * holds (lvm_text_torn). To be called when LVM was asked: a disk of a group that it can read, as at
 * every reboot, is not read again. A disk that cannot be read keeps all of them false; a shortage
 * (error_is_shortage()) is an error.
 */
int disk_begun_find(const char *root, struct facts *facts,
		    bool (*wanted)(const struct disk *, void *), void *userdata, struct error *err);
