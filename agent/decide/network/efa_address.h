/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The IPv4 address that kefalnd makes this node's efa NIDs of. Pure. */

#include "decide/planner.h"

struct efa_address {
	const char *ipv4;              /* of the facts */
	char name[INTERFACE_NAME_MAX]; /* by which kefalnd has it: perhaps a label */
	bool tell;                     /* it is told so: nobody else has */
};

/*
 * By what kefalnd is loaded with, or what an operator has it loaded with, else of the primary
 * interface. 1: it is known; 0: it is not, and what stands against it is a refusal of the node, or
 * of the tcp net that has the same interface. -ENOMEM is the only failure.
 */
int efa_address_find(const struct planner_input *input, struct efa_address *ret, struct plan *plan);
