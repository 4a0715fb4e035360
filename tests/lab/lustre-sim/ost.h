/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "simd.h"

/*
 * The OST: objects as files (layout.h). An object nobody has written to is not there, and reads as
 * empty: so a replaced OST gives files of size 0 and no error (facts, surprise 7). Every request
 * names the target first, then the object as sequence and number. OP_STATFS is answered for MDTs
 * too.
 */
int ost_handle(struct simd *simd, enum operation operation, struct message *message);
