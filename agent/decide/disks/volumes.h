/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The EBS volumes of a node by the names they were attached as, for who wrote one that none has. */

#include "model/facts.h"

/*
 * The volume that `name` most probably stands for: the one attached as "sdf" for "xvdf" and the
 * other way about, or the one that the kernel calls so. NULL where there is none.
 */
const struct disk *volumes_near(const struct facts *facts, const char *name);

/* The names of those that are not mounted, "sdf, sdg", as many as fit, "" for none. */
#define VOLUMES_OTHERS_MAX 128
void volumes_others(const struct facts *facts, char text[VOLUMES_OTHERS_MAX]);
