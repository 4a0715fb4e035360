/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Where kernel modules lie, as modules.dep(5) of a release has it. */

#include "base/words.h"

/*
 * Appends the files of the module and of all it depends on, without the root. A module, or a list,
 * that is not there has none; -ENOMEM. For what may be guessed: whether modules can be loaded is
 * modprobe's to say, which knows install lines and aliases as well.
 */
int module_files_find(const char *root, const char *release, const char *module, struct words *ret);
