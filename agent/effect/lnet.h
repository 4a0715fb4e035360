/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * LNET, set up explicitly before the first mount: left alone, a mount would configure it by itself
 * on whatever interface came up first (measured). lnetctl(8), lctl(8).
 */

#include "effect/step.h"

/* The errno that lnetctl tells, positive; 0 for none. */
int lnet_errno(const struct process_result *result);

void lnet_configure(struct step *step);
void lnet_add_net(struct step *step);
void lnet_check_nids(struct step *step); /* exactly the NIDs of the plan, or failure */

/*
 * Waits until LNET answers on port 988 of an MGS (mgs_probe.h), so that the kernel's own wait
 * inside mount, a minute and more, partly unkillable, is not needed. Tells whom it waits for and
 * why.
 */
void lnet_wait_mgs(struct step *step);
void lnet_stop_waiting(struct step *step); /* of ACTION_WAIT_MGS: what needs it has failed */
