// SPDX-License-Identifier: Apache-2.0
#include "tool_time.h"

/*
 * Seconds on an idle emulated node (facts, TCG with 2 processors), where a bare command takes 0.1
 * to 0.25. The lab's nodes are emulated as well; on others `time-scale` keeps the proportion.
 */
static const double seconds[] = {
	/* §3.1: the first mount after a boot takes 3.5 to 5 s, later ones 0.4 to 1.3; less what a
	 * net takes, modules are 3.1 of the difference. Of a first boot's, lnet has two thirds
	 * (with a net of 29.4 s, 7.2 and 3.9). */
	[TOOL_TIME_LOAD_LNET] = 2.0,
	[TOOL_TIME_LOAD_LUSTRE] = 1.1,
	/* §12: 0.30 to 0.5 with --skip-mr-route-setup, 6.65 without. */
	[TOOL_TIME_NET_ADD] = 0.4,
	[TOOL_TIME_ROUTES] = 6.25,
	/* §1.5: the fixed cost, of scratch images and of debugfs (§12). */
	[TOOL_TIME_MKFS_PROBES] = 0.6,
	/* §3.1: 0.4 to 1.3. §12: a new OST in 2.0 s. §3.1: a new MDT in 1.8 s. §5: a client, whose
	 * servers have been up for long, in 0.6 s. */
	[TOOL_TIME_MOUNT] = 0.8,
	[TOOL_TIME_MOUNT_NEW_OST] = 2.0,
	[TOOL_TIME_MOUNT_NEW_MDT] = 1.8,
	[TOOL_TIME_MOUNT_CLIENT] = 0.6,
};

void tool_time_fill(const struct conf *conf, enum tool_time what, double began)
{
	double left = began + conf_seconds(conf, seconds[what]) - monotonic_seconds();

	if (conf->tool_times && left > 0)
		sleep_seconds(left);
}
