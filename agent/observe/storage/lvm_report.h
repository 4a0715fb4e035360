/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Volume groups, as `lvm fullreport` tells them of a few disks alone: LVM sees nothing but the
 * devices it is given, whatever lvm.conf and the devices file say (lvm_command.h), and only reads
 * (--readonly: no lock, no repair).
 */

#include "base/error.h"
#include "base/inquiry.h"
#include "model/facts.h"

/*
 * Asks about the disks of *facts that carry an LVM2_member signature and that `wanted` picks;
 * without any, LVM is not run. Fills facts->groups, and pv_uuid and vg_uuid of the disks.
 * `inquiries`: what was put before, or NULL.
 */
int lvm_report_read(const char *root, struct facts *facts,
		    bool (*wanted)(const struct disk *, void *), void *userdata,
		    struct inquiries *inquiries, struct error *err);

/* Puts what it will ask where exactly the disks that `wanted` picks turn out to be members. */
void lvm_report_foresee(const struct facts *facts, bool (*wanted)(const struct disk *, void *),
			void *userdata, struct inquiries *inquiries);

/* The same from the text of a report. */
int lvm_report_parse(const char *text, struct facts *facts, struct error *err);
