/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The mount unit of a place, where apply wrote it for what is mounted there: the device, or a
 * client's file system, and the type have to agree. It tells whose a mount is, and what, without a
 * look at any disk.
 */

#include "base/error.h"
#include "model/facts.h"

struct own_unit {
	bool is_there;
	char *target; /* the name of its target; NULL for none */
};

void own_unit_done(struct own_unit *unit);

/* Looks in `unit_directory`, below `root`. No such unit is no error, one that cannot be read is. */
int own_unit_find(const char *root, const char *unit_directory, const struct mount_point *mount,
		  struct own_unit *ret, struct error *err);
