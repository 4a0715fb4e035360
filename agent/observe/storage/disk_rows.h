/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The block devices as sysfs shows them: one row each, nothing opened. */

#include "base/error.h"
#include "model/facts.h"

/*
 * Every whole block device, device-mapper and md devices too, in the order of their names. Left out
 * are RAM disks, unused loop and zram devices, and the hidden paths of NVMe multipath (nvme1c0n1),
 * whose device proper has a row. Fills name, path, number, size, sector, flags, model, serial, PCI
 * address, partitions and holders. The rows are freed with facts_done().
 */
int disk_rows_read(const char *root, struct disk **ret, size_t *ret_count, struct error *err);
