/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Instance tags; tags_parse() itself is in userdata.h. */

#include <stdbool.h>

/*
 * Whether the value of the tag `key` is worth a request: it is ours ("lustre:role"), or looks as if
 * it were meant to be ("Lustre.Role"), which tags_parse() then reports.
 */
bool tag_may_be_ours(const char *key);
