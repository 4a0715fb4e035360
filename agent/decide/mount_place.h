/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Where a target or the client is mounted in truth, and whether it is free. What systemd would say
 * at the mount is said before anything is written.
 */

#include "decide/planner.h"

/*
 * Follows the links that were seen: `mount_point` becomes the path that the unit and the kernel's
 * table have. Refuses `name` (a target, or the client) where no mount can be at it. -ENOMEM is the
 * only failure.
 */
int mount_place_resolve(const struct planner_input *input, const char *name,
			char mount_point[PATH_TEXT_MAX], struct plan *plan);

/*
 * Refuses `name` where another unit of the same name, a drop-in, a line of /etc/fstab or another
 * mount of the plan has the place, or something is mounted below it, which would be hidden. Not of
 * what is mounted already. -ENOMEM is the only failure.
 */
int mount_place_check(const struct planner_input *input, const char *name, const char *mount_point,
		      struct plan *plan);
