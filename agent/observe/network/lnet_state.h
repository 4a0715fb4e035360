/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* How far LNET is, as `lctl list_nids` tells. It asks the kernel only; nothing is loaded or
 * started. */

#include "base/error.h"
#include "base/process.h"
#include "model/facts.h"

/* Fills facts->lnet and facts->nids. LNET_UNKNOWN, and no error, where there is no lctl. */
int lnet_state_find(struct facts *facts, struct error *err);

/*
 * The same from what lctl printed. Exit status 0 is an LNET that is up, with a NID on each line,
 * maybe none; else the messages tell one that is down from a missing module (measured with
 * Lustre 2.17).
 */
int lnet_state_parse(const struct process_output *output, struct facts *facts, struct error *err);
