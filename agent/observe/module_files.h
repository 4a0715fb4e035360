/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Where kernel modules lie, as modules.dep(5) of a release has it. */

#include "base/words.h"

#include <stdbool.h>

/*
 * Appends the files of the module and of all it depends on, without the root. A module, or a list,
 * that is not there has none; -ENOMEM.
 */
int module_files_find(const char *root, const char *release, const char *module, struct words *ret);

/*
 * Whether the module is listed, with all of these files there, and the index that modprobe reads:
 * then modprobe finds it. Where not, it may find it all the same, by an install line or an alias.
 */
bool module_files_are_there(const char *root, const char *release, const char *module);
