/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "simd.h"

/* The requests of this node's own tools: modules, LNET, mounts (the unix socket only). */
int simd_local(struct simd *simd, const struct connection *connection, enum operation operation,
	       struct message *message);
