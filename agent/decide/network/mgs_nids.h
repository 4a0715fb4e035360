/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The MGS as the key `mgs` names it, against what this node is itself. The MGS alone can tell
 * whether the address that is given for it is its own, and any other node whether it is not its
 * own: a target that is formatted with a wrong one keeps it. Pure: what names resolve to is a fact.
 */

#include "decide/planner.h"

/*
 * Appends the NIDs of the MGS that this node's targets and client speak to: its own where it is the
 * MGS, whatever names it in `mgs`, and the partners; else what `mgs` names, in the first net of the
 * node where none is given. None twice. -ENOMEM is the only failure.
 */
int mgs_nids_resolve(const struct planner_input *input, const struct plan *plan,
		     struct words *nids);

/*
 * Refuses the node where `mgs` cannot be the MGS: on the MGS, where none of it is a NID of this
 * node (the partners are others), and elsewhere, where all of it is this node, or where a client,
 * or a node that has yet to format a target, has none of its nets and no route to them; anywhere,
 * where a name is that of a loopback or link-local address here, since mkfs.lustre writes down what
 * a name resolves to. What does not resolve may be the MGS: on the MGS that is refused only where
 * `formats`, a target is yet to be formatted; elsewhere the wait for the MGS looks it up again.
 * -ENOMEM is the only failure.
 */
int mgs_nids_check(const struct planner_input *input, bool formats, struct plan *plan);
