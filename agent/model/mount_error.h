/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What mount.lustre's exit status means. It is a raw errno (lustre/utils/mount_lustre.c, measured);
 * the same number says one thing of a target and another of a client.
 */

#include <stdbool.h>

/* What becomes of the mount. */
enum mount_fate {
	MOUNT_ENDS,    /* trying again changes nothing */
	MOUNT_RETRIED, /* within this apply: it may pass by itself */
	MOUNT_DECIDED, /* the planner decides with it: consent, repair or refusal */
};

struct mount_error {
	const char *sentence;
	const char *next; /* what a person does where it stays */
	enum mount_fate fate;
};

/* Never NULL: a number that is not in the table has a meaning of its own, that it is unknown. */
const struct mount_error *mount_error_find(int code, bool is_client);
