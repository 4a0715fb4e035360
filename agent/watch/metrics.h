/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the watch knows as text for Prometheus, in its exposition format (prometheus.io, "Exposition
 * formats"): /run/lustre-init/metrics.prom, which the textfile collector of node_exporter reads.
 * Names and units follow Prometheus' conventions; the alert rules and the dashboard in units/watch
 * are held against this list by tests/watch.
 */

#include "model/applied.h"
#include "model/health.h"
#include "model/watch.h"

#define METRICS_PATH "/run/lustre-init/metrics.prom"

struct metrics {
	const struct status *status; /* of boot.json; NULL where there is none */
	const struct applied *applied;
	const struct health *health;
	const struct watch *watch;
};

/*
 * A new text, freed by the caller; of what is not known there is no line. -ENOMEM is the only
 * failure.
 */
int metrics_text(const struct metrics *metrics, char **ret, struct error *err);
