/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The head of a physical volume, before its data: the label in the second sector, the header of the
 * metadata area in the ninth, and behind that the metadata as text (lvm2, lib/format_text/layout.h;
 * the kernel's sectors of 512 bytes). All else is zero.
 */

#include "base/blockdev.h"

#include <stdbool.h>

/* LVM leaves it to itself: the first extent begins here (lvm_command.h), or later where another LVM
 * made the PV. */
#define LVM_HEAD_SIZE (1024ULL * 1024)

/*
 * Whether the first LVM_HEAD_SIZE bytes of the medium hold nothing but what LVM writes there, or
 * any sectors of it, as they are left by an LVM that was cut off. So an empty head is one; a device
 * that is too small to have one has none.
 */
int lvm_head_read(struct blockdev *device, bool *ret, struct error *err);

/*
 * Whether LVM cannot read the metadata on the medium, as a power cut in the middle of its commit
 * can leave it (measured): the header of the area is none, or points to a text that is not the one
 * it has the checksum of. False where the text is whole, whatever LVM makes of it, where the header
 * says that there is none (a PV in no group), and where the area lies otherwise than we let LVM
 * make it.
 */
int lvm_text_is_torn(struct blockdev *device, bool *ret, struct error *err);

/*
 * The UUID that LVM's label on the medium gives the physical volume, as LVM writes it
 * ("Nz3nGd-…"), where we let LVM put the label; "" where anything else is there.
 */
#define LVM_UUID_SIZE 39
int lvm_head_uuid(struct blockdev *device, char uuid[LVM_UUID_SIZE], struct error *err);
