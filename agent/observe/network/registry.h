/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What is registered at the MGS of this node. A mistyped fsname is no error to Lustre: it makes a
 * new file system there (measured), and only a look at the registry finds it. And who is connected
 * to it: an MGS waits for a node that died, and refuses to replace NIDs while it has one
 * (measured).
 */

#include "base/error.h"
#include "base/words.h"

/*
 * Appends the names of file systems ("lustrewt") and of their targets ("lustrewt-OST0017"), by lctl
 * get_param mgs.MGS.*. Where no MGS runs on this node, nothing is appended, and that is no error.
 */
int registry_observe(struct words *filesystems, struct words *members, struct error *err);

/*
 * Appends the NIDs of the other nodes that the MGS holds an export of, by lctl get_param
 * mgs.MGS.exports.*.uuid; `own` are this node's. Where no MGS runs here, nothing is appended.
 */
int registry_observe_exports(const struct words *own, struct words *exports, struct error *err);
