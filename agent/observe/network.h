/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Network interfaces with their addresses, and how far LNET is. Read-only; nothing is sent.
 */

#include "base/error.h"
#include "model/facts.h"

/*
 * Fills facts->interfaces (all but lo), facts->lnet and facts->nids, which must be empty. Addresses
 * come from rtnetlink, which has no root: in a recorded tree interfaces have none.
 */
int network_observe(const char *root, struct facts *facts, struct error *err);
