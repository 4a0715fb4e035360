/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>

/*
 * Where the stand-in keeps its state and how patient it is. /etc/lustre-sim.conf (or the file
 * named by LUSTRE_SIM_CONF) holds `key = value` lines:
 *   time-scale        every wait that was measured on real Lustre is multiplied by it (default 1)
 *   without-features  features that mke2fs here, or the kernel here, does not know (default
 * dirdata)
 *   without-nid       1: lnetctl has no `net add --nid`, as that of Lustre 2.15 (default 0)
 *   tool-times        1: tools take as long as the real ones, tool_time.h (default 0)
 *   mgs-service-time  seconds that the MGS takes for one registration, one after another (default
 * 0)
 *
 * LUSTRE_SIM_RUN is for tests on a plain machine: the state goes to that folder, kernel messages go
 * to a file in it, and neither modprobe nor systemd is asked.
 */
struct conf {
	char run_dir[80];
	bool private_run, without_nid, tool_times;
	double time_scale, mgs_service_time;
	char without_features[128];
};

void conf_load(struct conf *ret_conf);

/* A measured wait, in seconds, as this configuration plays it. */
double conf_seconds(const struct conf *conf, double measured);

void sleep_seconds(double seconds);

/* CLOCK_MONOTONIC in seconds. */
double monotonic_seconds(void);
