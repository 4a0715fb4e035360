/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What somebody has LNET's own module options say of its nets, networks= or ip2nets=, beside what
 * `lnet` comes to. They hold for who loads Lustre without us, and not for us, since LNET is
 * configured net by net: so a difference is never passed over. Pure.
 */

#include "decide/planner.h"

/*
 * After the plan's nets are known. Options that come to other nets are a note where the key `lnet`
 * is written, where LNET has NIDs already, or where none is to be written on a target (`formats`);
 * else the node is refused.
 * -ENOMEM is the only failure.
 */
int lnet_options_check(const struct planner_input *input, bool formats, struct plan *plan);
