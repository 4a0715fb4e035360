/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Where kernel modules lie, as modules.dep(5) of a release has it. */

#include "base/words.h"

#include <stdbool.h>

/*
 * Appends the files of the modules, 31 at most, and of all they depend on, without the root. The
 * list is long, and read once for all of them. Returns 1 where all are listed, 0 where not, as when
 * there is no list; -ENOMEM.
 */
int module_files_find(const char *root, const char *release, const char *const modules[],
		      size_t count, struct words *ret);

/*
 * Whether the modules are listed, with all of these files there, and the index that modprobe reads:
 * then modprobe finds them. Where not, it may find them all the same, by an install line or an
 * alias.
 */
bool module_files_are_there(const char *root, const char *release, const char *const modules[],
			    size_t count);
