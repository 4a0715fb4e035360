/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A name under /dev is only a name: another group of the same name, or somebody's link, may be
 * behind it. What a volume's device is, the kernel tells: device-mapper's UUID is made of LVM's
 * two (lvm2: lib/activate/dev_manager.c), and `slaves` are the disks below it.
 */

#include "effect/step.h"

/*
 * Whether the device that the step's target is planned on is that very volume: by its UUIDs, where
 * the plan knows them, else by LVM's own name for it, and in any case on disks of its group alone.
 * -ENOENT: there is no such device. -EXDEV: it is another one, named in *err. Any other code says
 * nothing of it.
 */
int volume_device_check(const struct step *step, struct error *err);

/*
 * Whether what lies on that device is labelled as the step's target, or is no ext4 at all, of which
 * mount.lustre says what it is. -EXDEV: it is another target, named in *err.
 */
int volume_label_check(const struct step *step, struct error *err);
