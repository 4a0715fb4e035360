/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A group of ours that LVM cannot read. A power cut in the middle of LVM's commit can leave it so
 * on all of its disks (measured): the header points to a text that did not reach the medium. What
 * is on the volumes is whole, and LVM keeps a copy of the text in /etc/lvm/backup.
 */

#include "decide/disks/allocate.h"
#include "decide/disks/place.h"

/* Holds a disk of the place a PV of ours, with data perhaps, in no group? */
bool unreadable_is(const struct place *place);

/*
 * Plans the repair of its group, once in a boot; its targets are judged after that. Refuses them
 * where the disks are not those of one group that is known, where the metadata is not torn and LVM
 * merely does not show it, or the repair was in vain. No consent
 * covers it. -ENOMEM is the only failure.
 */
int unreadable_plan(const struct planner_input *input, const struct place *place, struct plan *plan,
		    struct allocation *ret);
