/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Which targets this node shall have: pure, from what was asked and where the node stands. It knows
 * nothing of disks; what they hold is judged target by target.
 */

#include "model/plan.h"

#define TARGETS_MAX 64 /* of one node */

/*
 * The node's index by spec->index_mode: the number, the launch index, or the host part of the
 * primary address in its subnet. Secondary addresses, and other blocks of the VPC, play no part: a
 * subnet has one IPv4 block (AWS: subnet-sizing). -EINVAL with a sentence when it cannot be had.
 */
int layout_node_index(const struct spec *spec, const struct facts *facts, unsigned *ret,
		      struct error *err);

/*
 * Adds the targets that the roles ask for, without disks: MGT, then MDT, then OSTs, in the order in
 * which they are mounted. With `osts: per-disk` there are expect-disks of them, however many disks
 * are here: OST n of a node has index-base + node index * expect-disks + n. -EINVAL when an index
 * is out of Lustre's range, with the key that would help, or there are more than TARGETS_MAX.
 */
int layout_add_targets(const struct spec *spec, const struct facts *facts, struct plan *plan,
		       struct error *err);
