/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a mount that does not return may be waiting for. The kernel tells nobody, and each of these
 * ends by itself: told while it lasts, so that nobody takes it for a failure.
 */

enum mount_wait {
	MOUNT_WAIT_MGT,    /* waits for nobody else */
	MOUNT_WAIT_FIRST,  /* a target registers at the MGS */
	MOUNT_WAIT_SERVED, /* a target that the MGS knows */
	MOUNT_WAIT_CLIENT,
};

/* Never NULL; "" where nothing is known that it could be. */
const char *mount_wait_sentence(enum mount_wait wait);
