/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What somebody has set of the parameters that we would set: in the files of modprobe.d(5), on the
 * kernel's command line, or in a module that is loaded. Files are read, and no tool is run.
 */

#include "base/error.h"
#include "model/platform.h"

/*
 * Fills platform->module_options, which must be empty. A file that cannot be read is a row without
 * a module, and no error.
 */
int module_options_observe(const char *root, struct platform *platform, struct error *err);
