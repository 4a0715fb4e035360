/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The places that this node's mounts are to be at: what their names lead to, and what else has a
 * word about them. systemd mounts nothing at a path with a symbolic link in it, and of two units of
 * one name it takes one: both come out at the mount, when everything is formatted.
 */

#include "base/error.h"
#include "model/facts.h"
#include "model/spec/spec.h"

/*
 * Fills facts->links for the places that `spec` names or leaves to us, facts->mount_units and
 * facts->fstab. Read-only. What facts->mounts has is not looked at itself, since it may not answer,
 * nor listed where it is of no disk; of what lies below such a mount the directories on the way
 * are. A path that leads nowhere is told (place_link.trouble); one that could not be read is a
 * failure, a negative errno.
 */
int mount_points_observe(const char *root, const struct spec *spec, struct facts *facts,
			 struct error *err);
