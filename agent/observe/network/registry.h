/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What is registered at the MGS of this node. A mistyped fsname is no error to Lustre: it makes a
 * new file system there (measured), and only a look at the registry finds it.
 */

#include "base/error.h"
#include "base/words.h"

/*
 * Appends the names of file systems ("lustrewt") and of their targets ("lustrewt-OST0017"), by lctl
 * get_param mgs.MGS.*. Where no MGS runs on this node, nothing is appended, and that is no error.
 */
int registry_observe(struct words *filesystems, struct words *members, struct error *err);
