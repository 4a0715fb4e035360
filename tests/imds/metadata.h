/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "facts.h"
#include "problem.h"
#include "tree.h"

/*
 * Makes the tree below the version (meta-data, user-data, dynamic) from a
 * node's facts, and lets facts->keys have the last word. The categories are
 * those of the EC2 user guide, instancedata-data-categories.md.
 */
int metadata_build(const struct facts *facts, struct tree *tree, struct problem *problem);
