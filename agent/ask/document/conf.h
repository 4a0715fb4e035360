/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* /etc/lustre-init/conf.d: documents baked into an AMI. */

#include "base/error.h"
#include "model/spec/setting.h"

/*
 * Parses DIRECTORY/conf.d/ *.yaml and *.json in name order, the later winning. No directory is no
 * settings. A file that cannot be read is a problem, since what it says is not known.
 */
int conf_read(const char *directory, struct settings *settings, struct problems *problems,
	      struct error *err);
