/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "model/facts.h"
#include "observe/storage.h"

/*
 * What kind of disk each row is, by positive proof (S1), and the proof. A disk that nearly passes
 * stays DISK_OTHER, and kind_proof says what was missing. Opens only NVMe disks whose model by
 * sysfs is one of Amazon's.
 */
void disk_kinds_find(const struct storage_options *options, struct facts *facts);
