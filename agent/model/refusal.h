/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What stops a target, or the whole node, before anything is written for it. */

#include <jansson.h>
#include <stdbool.h>

/* Stable ids; the man page explains each, fleet tools match them. */
enum refusal_code {
	REFUSAL_NO_DISK,
	REFUSAL_TOO_FEW_DISKS,
	REFUSAL_DISK_IN_USE,
	REFUSAL_FOREIGN_DATA,
	REFUSAL_NOT_READABLE,
	REFUSAL_DISK_MISSING,
	REFUSAL_DATA_LOSS,
	REFUSAL_OTHER_INSTANCE,
	REFUSAL_DRIFT,
	REFUSAL_INDEX_TAKEN,
	REFUSAL_TOOLS,
	REFUSAL_LNET,
	REFUSAL_MGS,
	REFUSAL_NO_SPACE,
	REFUSAL_MOUNT_POINT,
	REFUSAL_NO_MEMORY,
	REFUSAL_CODE_MAX,
};

struct refusal {
	enum refusal_code code;
	char target[512]; /* the targets it stops, "MGS, lustrewt-MDT0000"; "" for the node */
	char text[512];   /* what was found, on which serial, what would be lost */
	char fix[512];    /* which key or command resolves it */
	bool may_pass;    /* what is missing may still come (decide/passing.h); not kept in JSON */
	bool is_silent;   /* and no glance at the machine shows that it did; likewise */
};

/* Whether the refusal names `target`; one of the whole node names none. */
bool refusal_names(const struct refusal *refusal, const char *target);

const char *refusal_code_name(enum refusal_code code); /* "foreign-data" */
bool refusal_code_from_name(const char *name, enum refusal_code *ret);

json_t *refusal_to_json(const struct refusal *refusal);
