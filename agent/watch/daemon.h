/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * lustre-init watch: one process, one loop, no thread. It looks, it tells, and where the instance
 * is about to go away it takes the targets out of service in time. It mounts nothing, repairs
 * nothing, and being started, stopped or killed touches nothing.
 */

#include "base/error.h"
#include "watch/boot_state.h"

struct watch_options {
	const char *endpoint; /* of the metadata service; NULL: EC2's own */
	struct boot_state_paths boot;
};

/* Runs until a signal ends the process. What it returns is a reason not to have begun, or -EIO. */
int watch_run(const struct watch_options *options, struct error *err);
