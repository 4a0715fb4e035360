/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "model/facts.h"
#include "observe/storage/nvme.h"
#include "observe/storage/storage.h"

/*
 * What kind of disk each row is, by positive proof (S1), and the proof. A disk that nearly passes
 * stays DISK_OTHER, and kind_proof says what was missing. Opens only NVMe disks whose model by
 * sysfs is one of Amazon's. A proof that could not be looked for is an error.
 */
int disk_kinds_find(const struct storage_options *options, struct facts *facts, struct error *err);

/* One NVMe disk, by what its controller says of itself: vendor and model, both. */
void disk_kind_of_identity(const struct storage_options *options,
			   const struct nvme_identity *identity, struct disk *disk);
