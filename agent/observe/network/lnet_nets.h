/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The nets of LNET as they run, by `lnetctl net show -v 4`: for a check-up, since it runs a tool.
 */

#include "base/error.h"
#include "model/checkup.h"

/* Appends to checkup->nets those that tell their connections. Without an lnetctl, or an LNET, there
 * are none, and no error. */
int lnet_nets_observe(struct checkup *checkup, struct error *err);

/* The same from what lnetctl printed; what is no NID is passed over. */
void lnet_nets_parse(const char *printed, struct checkup *checkup);
