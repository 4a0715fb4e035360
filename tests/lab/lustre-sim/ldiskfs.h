/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>

#include "mountdata.h"

/*
 * A target's file system as the server sees it: ext4, mounted nowhere until it serves. Killing the
 * process that holds such a mount dissolves it, as an interrupted mount of the real thing does.
 */

/* Mounts the device detached. `flags` as for fsmount(2). A descriptor, or a negative errno. */
int ldiskfs_mount(const char *device, unsigned flags);

/* Makes the detached mount appear at `directory`. */
int ldiskfs_attach(int mount, const char *directory);

/* Clears the update flag in CONFIGS/mountdata, on the medium, before anything else happens. */
int ldiskfs_clear_update(int mount, const struct mountdata *data);

/* What is there even when the MGS then refuses: O, OI_scrub, oi.16.* (facts 10). */
int ldiskfs_make_index_files(int mount);

/* What is there once the target serves: last_rcvd and the rest (facts, section 2). Not flushed: a
 * cut before the next journal commit undoes it. */
int ldiskfs_make_service_files(int mount, const struct mountdata *data, const char *nids);

/* Has the target its own copy of its configuration? */
int ldiskfs_has_local_log(int mount, const struct mountdata *data);

/* FS_IOC_SETFSLABEL: in the page cache at once, on the medium later (facts, surprise 4). */
int ldiskfs_set_label(int mount, const char *label);
