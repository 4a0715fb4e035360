/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * NIDs and nets in the options that are passed on to mkfs.lustre and mount, against those that this
 * node shall have. A target none of whose NIDs they leave cannot register, and Lustre tells so only
 * when it is formatted and mounted (server_sb2mti(): "improper --servicenode or --network"). Pure.
 */

#include "decide/planner.h"

/*
 * Refuses the node where no NID of --servicenode is its own, and where --network, or the option
 * network= of a mount, names a net that it does not have. `formats`: those of mkfs.lustre are used.
 * Names and what cannot be read are left to the tools. -ENOMEM is the only failure.
 */
int option_nids_check(const struct planner_input *input, bool formats, struct plan *plan);
