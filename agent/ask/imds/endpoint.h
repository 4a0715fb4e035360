/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The endpoint that a person names, instead of EC2's own. */

#include "base/error.h"

/*
 * "HOST[:PORT]" or "http://HOST[:PORT]" as "http://HOST[:PORT]", freed by the caller. -EINVAL for
 * anything more: another scheme, a user, a path, a query.
 */
int imds_endpoint_parse(const char *endpoint, char **ret_base, struct error *err);
