/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "simd.h"

/* What `lctl dl`, `lctl get_param` and `lctl set_param` see and change (facts 6). */

/* Lines of `lctl dl`, as one string. The caller holds the lock. */
int parameters_devices(struct simd *simd, struct message *message);

/* Pairs of strings, name and value, to the end of the message. Takes the lock itself. */
int parameters_list(struct simd *simd, struct message *message);

/* name and value; only obdfilter.<target>.degraded can be set. The caller holds the lock.
 * -ENOENT for any other name. */
int parameters_set(struct simd *simd, struct message *message);
