/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The check-up, decided: what was asked, what is here and what a look around brought, as findings
 * with stable ids. Pure; what stands against the plan is the planner's word, not another opinion.
 */

#include "model/checkup.h"
#include "model/finding.h"
#include "model/metadata.h"
#include "model/plan.h"

struct doctor_input {
	const struct metadata *metadata;
	const struct spec *spec;
	const struct problems *problems;
	const struct facts *facts; /* NULL where the machine could not be observed */
	const struct plan *plan;   /* NULL without a specification, or where none could be made */
	const struct checkup *checkup;
};

/* -ENOMEM is the only failure. */
int doctor_examine(const struct doctor_input *input, struct findings *ret);
