/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The parameters of Lustre as they are in the kernel. */

#include "base/error.h"
#include "base/words.h"

/*
 * What `lctl get_param` prints of those that `settings` would set, "osc.lustrewt-OST*.max_…=32":
 * one word each, "osc.lustrewt-OST0017-osc-ffff8f0a.max_…=8". Of what is not there there is none,
 * nor of a parameter whose value has several lines.
 */
int parameters_observe(const struct words *settings, struct words *ret, struct error *err);
