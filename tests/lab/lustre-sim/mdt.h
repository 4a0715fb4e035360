/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "simd.h"

/*
 * The MDT: the names and attributes of the file system, as a tree of empty files under ROOT of the
 * target; where the bytes are is in an attribute of each (layout.h). Every request names the target
 * first.
 */
int mdt_handle(struct simd *simd, enum operation operation, struct message *message);
