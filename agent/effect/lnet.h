/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * LNET, set up explicitly before the first mount: left alone, a mount would configure it by itself
 * on whatever interface came up first (measured). lnetctl(8), lctl(8).
 */

#include "base/inquiry.h"
#include "effect/step.h"

/* The errno that lnetctl tells, positive; 0 for none. */
int lnet_errno(const struct process_result *result);

void lnet_load(struct step *step);

/*
 * What lnet_load() will run, begun before a plan asks for it: on a node that has served while the
 * metadata service is asked, on a client while it looks. It takes a second and more, all else of
 * LNET waits for it, and alone it configures nothing (measured). lnet_await_early() waits for its
 * end, however it went: who asks how LNET stands shall not meet it half loaded, and a plan loads
 * what is not there. It returns how long the tool ran, 0 where it was not begun.
 */
void lnet_load_early(struct inquiries *inquiries);
uint64_t lnet_await_early(struct inquiries *inquiries);

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
