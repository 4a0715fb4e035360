/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What node reads of its files, and of those of a recorded machine. */

#include "node.h"

/* Into *ret, which the caller releases. -EBADMSG where it is no JSON; else file_read()'s. */
int node_files_json(const char *directory, const char *name, json_t **ret, struct error *err);
