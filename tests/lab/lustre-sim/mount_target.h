/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "conf.h"

/* What mount(8) handed over. */
struct mount_request {
	const char *source; /* with /dev/dm-N turned into /dev/mapper/NAME */
	const char *directory;
	unsigned attributes; /* MOUNT_ATTR_* */
	bool no_service;     /* -o nosvc: only the MGS of the target */
};

/*
 * Mounts a server target. Returns 0, the exit status for something already told to stderr
 * (`*ret_told` is then true), or a positive errno that the caller tells.
 */
int mount_target(const struct conf *conf, const struct mount_request *request, bool *ret_told);
