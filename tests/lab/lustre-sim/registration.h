/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "conf.h"
#include "mountdata.h"

/* How a target that is being mounted speaks to its MGS. */
struct registration {
	const struct mountdata *data;
	const char *nids; /* our own, as the MGS is to remember them */
	bool local_log;   /* the target has been in service before */
	bool others; /* other targets are mounted on this node: it has an MGC (facts, surprise 14)
		      */
};

/*
 * Registers a new target, or fetches the configuration of a registered one, waiting as long as the
 * real mount does. 0 also for a registered target whose MGS cannot be reached: it goes on with its
 * own copy. Else a negative errno, already told to the kernel log.
 */
int registration_run(const struct conf *conf, const struct registration *registration);
