/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "simd.h"

/*
 * What the kernel shows of Lustre as files (facts 6), below kernel/ in the run directory as below
 * /: a stand-in can make none in sysfs or procfs. Who shall see them has them bound over
 * (files/lustre-watch.conf). They are as old as a second, at most.
 */

/* A thread of its own, until the daemon ends. 0 or a negative errno. */
int kernel_files_start(struct simd *simd);
