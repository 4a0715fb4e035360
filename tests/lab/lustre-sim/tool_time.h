/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "conf.h"

/*
 * How long the real tools take, so that the lab rewards what a boot on real Lustre does. What waits
 * for somebody else (an MGS, a dead node) is not here but where it is played.
 */
enum tool_time {
	TOOL_TIME_LOAD_LNET,
	TOOL_TIME_LOAD_LUSTRE,
	TOOL_TIME_NET_ADD,
	TOOL_TIME_ROUTES,
	TOOL_TIME_MKFS_PROBES,
	TOOL_TIME_MOUNT,
	TOOL_TIME_MOUNT_NEW_OST,
	TOOL_TIME_MOUNT_NEW_MDT,
	TOOL_TIME_MOUNT_CLIENT,
};

/*
 * Sleeps until a work that began then (monotonic_seconds()) has lasted as long as the real one; not
 * at all where the stand-in itself took longer.
 */
void tool_time_fill(const struct conf *conf, enum tool_time what, double began);
