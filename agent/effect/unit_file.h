/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The text and the name of one mount unit. */

#include "base/unit_name.h"
#include "model/plan.h"

/* How the description of a target's unit begins; its name follows. */
#define UNIT_TARGET_DESCRIPTION "Lustre target "

/* unit_name_from_path(), into `size` bytes. */
int unit_file_name(const char *mount_point, char *name, size_t size);

/*
 * The unit's text. `after` is the mount point that must be mounted before and unmounted after this
 * one, NULL for none. The caller frees *ret. -ENAMETOOLONG: `after` has no unit's name; -ENOMEM.
 */
int unit_file_text(const char *description, const char *what, const char *where,
		   const struct words *options, const char *after, char **ret);

/* Whether the text of a mount unit is one that unit_file_text() made. */
bool unit_file_is_ours(const char *text);

/* What such a unit mounts, a device or a client's source, in a new text; NULL for none. */
char *unit_file_what(const char *text);

/* The name of the target that such a unit mounts, in a new text; NULL for none. */
char *unit_file_target(const char *text);
