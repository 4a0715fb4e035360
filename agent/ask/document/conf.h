/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* /etc/lustre-init/conf.d: documents baked into an AMI. */

#include "base/error.h"
#include "model/spec/setting.h"

/*
 * Parses DIRECTORY/conf.d/ *.yaml and *.json in name order, the later winning. No directory is no
 * settings; one behind a link to nowhere is not known (-ENOTCONN). A file that is none (a folder, a
 * FIFO, a link to nowhere, or too large) is a problem, since what it says is not known; so is one
 * whose name almost ends so ("10.yml", "10.conf"). Where reading fails (-EIO, with the reason),
 * nothing is said of what is asked.
 */
int conf_read(const char *directory, struct settings *settings, struct problems *problems,
	      struct error *err);
