/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * LNET as it shall be: which net on which interface, and the NID that comes of it. Pure.
 */

#include "model/plan.h"

/*
 * Resolves spec->lnet over the interfaces and fills plan->nets. `primary` is the interface whose
 * MAC the metadata names, whatever the kernel calls it. An interface that is missing, or has no
 * address yet, is a refusal of the node, since LNET would silently take another one (measured); so
 * is a primary one whose address is not the instance's.
 */
int lnet_config_resolve(const struct spec *spec, const struct facts *facts, struct plan *plan,
			struct error *err);

/* How LNET stands against plan->nets. */
enum lnet_match {
	LNET_MATCH_NONE,  /* nothing is configured */
	LNET_MATCH_SAME,  /* exactly the NIDs asked for */
	LNET_MATCH_PART,  /* some of them, and no other */
	LNET_MATCH_OTHER, /* a NID that was not asked for */
};
enum lnet_match lnet_config_compare(const struct facts *facts, const struct plan *plan);

/* The first NID that was not asked for; NULL when there is none. */
const char *lnet_config_stranger(const struct facts *facts, const struct plan *plan);

/*
 * Appends an MGS as written ("10.0.0.10", "mgs.internal", "10.0.0.10@tcp1") as the NID text that
 * the tools take: the first net of the node is added where none is given. Several with ',' or ':'
 * were split before; one that is there already is not added again. -ENOMEM is the only failure.
 */
int lnet_config_add_nid(const struct plan *plan, const char *mgs, struct words *nids);
