/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * How Lustre's mounts look in the kernel's table. A place alone proves nothing: anything may be
 * mounted where a target or a client is expected.
 */

#include "base/words.h"

/* Whether a file system of this type may be a target that serves: as ldiskfs, none does. */
bool mount_is_target_type(const char *type);
bool mount_is_client_type(const char *type);

/* Holds the mount point of a client whose parameters are still to be set: as a mount, it is gone
 * with the boot. */
#define CLIENT_UNTUNED_PATH "/run/lustre-init/client-untuned"

/*
 * Whether a client's mount of this source is the one of `asked`, "mgs@tcp:/lustrewt/sub", in
 * whatever form and order its NIDs are. Where that has a host name, the rest decides: mount.lustre
 * shows what the name resolved to.
 */
bool mount_is_source(const char *mounted, const char *asked);

/* Likewise of the MGS alone: another file system of it, or another directory, may be mounted. */
bool mount_is_of_mgs(const char *mounted, const char *asked);

/*
 * Whether a target that is mounted with these options of the kernel's table asks for its MGS
 * elsewhere than at `nids`: at none of them. Where it asks, "10.0.0.10@tcp", is then added to
 * *ret_at. False wherever that is not certain, as with a name among them.
 */
bool mount_asks_another_mgs(const char *options, const struct words *nids, struct words *ret_at);
