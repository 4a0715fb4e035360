/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The words that every call of LVM begins with. What LVM sees, says and touches is decided by a
 * hundred settings, and an AMI may have set any of them; here is the one place that says ours.
 *
 * Two nets hold that. LVM_SYSTEM_DIR, which process.c sets for every child, names a directory
 * without a file of LVM's in it: neither lvm.conf, lvmlocal.conf, lvm_TAG.conf, a profile nor a
 * devices file is read. What is left are the defaults that LVM was built with, which are the
 * distribution's to choose: those that we depend on are said again by --config, which comes before
 * all of them (lvm.conf(5)).
 */

#include "base/words.h"

/* Always there, and root's alone; LVM makes one that is not there, and fails where it cannot. */
#define LVM_SYSTEM_DIRECTORY "/run"

/* Where people and vgcfgrestore(8) look for them, whatever the system directory. */
#define LVM_BACKUP_DIRECTORY  "/etc/lvm/backup"
#define LVM_ARCHIVE_DIRECTORY "/etc/lvm/archive"

/*
 * Appends "lvm COMMAND --devicesfile '' --config …". Of volumes, those of `group` alone may be
 * activated; "" for none. A group that carries a system ID can be written only by a host of that ID
 * (lvmsystemid(7)): `system_id` is taken for ours; "" where the group has none. -ENOMEM is the only
 * failure.
 */
int lvm_command_begin(struct words *argv, const char *command, const char *group,
		      const char *system_id);

/* Made of nothing but what LVM itself lets into a system ID; "" too. */
bool lvm_system_id_is_valid(const char *system_id);
