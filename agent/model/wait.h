/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What a node waits for, as far as a person or a tool of a fleet should know it apart. */

enum wait {
	WAIT_NONE,     /* nothing: it is only something to know */
	WAIT_METADATA, /* the metadata service, or tags that come late */
	WAIT_DEVICE,   /* a disk, an interface, an address, or the address of a name */
	WAIT_MGS,      /* port 988 of an MGS */
	WAIT_MOUNT,    /* a mount that lasts (model/mount_wait.h) */
	WAIT_RETRY,    /* what failed is tried again after a pause */
	WAIT_MAX,
};
