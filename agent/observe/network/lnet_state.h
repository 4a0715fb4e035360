/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* How far LNET is, as `lctl list_nids` tells. It asks the kernel only; nothing is loaded or
 * started. */

#include "base/error.h"
#include "base/inquiry.h"
#include "model/facts.h"

/* Fills facts->lnet and facts->nids. LNET_UNKNOWN, and no error, where there is no lctl.
 * `inquiries` may be NULL. */
int lnet_state_find(struct inquiries *inquiries, struct facts *facts, struct error *err);

/* Puts what it will ask. */
void lnet_state_foresee(struct inquiries *inquiries);

/*
 * Fills facts->lnet_adds_by_nid, where an interface has an address that LNET takes by no name:
 * other nodes do not pay for the question. lnetctl of Lustre 2.16 can, that of 2.15 cannot (source:
 * lnet/utils/lnetctl.c, jt_add_ni()); an lnetctl that does not say so cannot.
 */
int lnet_state_find_adds_by_nid(struct facts *facts, struct error *err);

/*
 * What lnet_state_find() fills, from what lctl printed. Exit status 0 is an LNET that is up, with a
 * NID on each line, maybe none; else the messages tell one that is down from a missing module
 * (measured with Lustre 2.17).
 */
int lnet_state_parse(const struct process_output *output, struct facts *facts, struct error *err);
