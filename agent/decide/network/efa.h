/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The nets over EFA: which RDMA device each is on, and the NID that comes of it. They stand beside
 * tcp, which comes first. Pure.
 */

#include "decide/planner.h"

#define EFA_MODULE_FIX                                                                          \
	"Install Lustre 2.17 or later, or the client of Amazon FSx, for this kernel; or leave " \
	"efa out of `lnet`."

/*
 * Appends the efa nets of the specification to plan->nets, with the module that they need; what
 * stands against one is a refusal of the node. -ENOMEM is the only failure.
 */
int efa_plan(const struct planner_input *input, struct plan *plan);
