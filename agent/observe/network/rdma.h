/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* RDMA devices, as sysfs has them: EFA's among them. */

#include "base/error.h"
#include "model/facts.h"

/* Fills facts->rdma, which must be empty. */
int rdma_observe(const char *root, struct facts *facts, struct error *err);
