/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Which targets this node shall have, and on which disks: pure, from what was asked and what is
 * here. It knows nothing of what the disks hold; that is for the planner to judge, target by
 * target.
 */

#include "model/plan.h"

/*
 * Chooses the node's candidate disks (S1, S2): *ret gets pointers into facts->disks, sorted by
 * their attachment (ephemeralN), then PCI address, then serial, so that ranks do not depend on the
 * order of enumeration. Disks that cannot be used become refusals of the plan. The caller frees
 * *ret.
 */
int layout_choose_disks(const struct spec *spec, const struct facts *facts, struct plan *plan,
			const struct disk ***ret, size_t *ret_count, struct error *err);

/*
 * The node's index by spec->index_mode: the number, the launch index, or the host part of the
 * primary address in its subnet; plus index_base. -EINVAL with a sentence when it cannot be had.
 */
int layout_node_index(const struct spec *spec, const struct facts *facts, unsigned *ret,
		      struct error *err);

/*
 * Adds the targets that the roles ask for, without disks: MGT, then MDT, then OSTs, in the order in
 * which they are mounted. `disk_count` is the number of candidates (for `osts: per-disk`).
 */
int layout_add_targets(const struct spec *spec, const struct facts *facts, size_t disk_count,
		       struct plan *plan, struct error *err);
