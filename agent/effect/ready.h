/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"

/*
 * Starts lustre-ready.target, on which units that need the file system hang. Success alone starts
 * it; it is never pulled in by a requirement. -EIO: systemd would not; other negative results are
 * process_run()'s, as without systemd (a test). The node is ready all the same.
 */
int ready_announce(struct error *err);
