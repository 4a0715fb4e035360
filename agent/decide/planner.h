/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * From what was asked, what is here and what earlier boots left to a plan. Pure: the same input
 * gives the same plan, on any machine.
 */

#include "model/facts.h"
#include "model/plan.h"
#include "model/spec/spec.h"
#include "model/state.h"
#include "model/status.h"

/* What the check-up says of it as well, where everything is in service. */
#define PLATFORM_FEATURE_MISSING                                                               \
	"the e2fsprogs in PATH do not know %s, a feature of Lustre's file systems: to them a " \
	"target is an empty disk"
#define PLATFORM_FEATURES_UNKNOWN \
	"whether the e2fsprogs in PATH know Lustre's file systems cannot be told: %s"
#define PLATFORM_FEATURES_FIX                                                                   \
	"Install the e2fsprogs that Lustre's packages come with (their version ends in .wcN), " \
	"its libraries too; debugfs -c -R supported_features must name dirdata."

struct planner_input {
	const struct spec *spec;
	const struct facts *facts;
	const struct state *state;
	const struct status *status; /* what this run has tried already, and how it went */
};

/*
 * *ret is complete also when everything is refused; refusals are not errors. -EINVAL: the
 * specification cannot be met by any machine (an index out of range). The caller calls plan_done()
 * in any case.
 */
int planner_plan(const struct planner_input *input, struct plan *ret, struct error *err);
