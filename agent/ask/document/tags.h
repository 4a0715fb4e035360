/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Instance tags: which are ours, and what they say. */

#include "model/metadata.h"
#include "model/spec/setting.h"

#include <stdbool.h>

/*
 * Whether the tag `key` is ours ("lustre:role"), or looks as if it were meant to be
 * ("Lustre.Role"), which tags_parse() then reports.
 */
bool tag_may_be_ours(const char *key);

/*
 * Whether its value is worth a request: it is ours, or bears our name and nothing else
 * ("lustre-init"), and the value tells. Other near misses are told by their keys.
 */
bool tag_value_tells(const char *key);

/*
 * The tags that begin with "lustre:" to settings. Near misses ("lustre.role", "Lustre:role",
 * "lustre-init:mgs") are problems; a tag that only looks alike ("lustre_mount") is somebody else's.
 * Only -ENOMEM is an error.
 */
int tags_parse(const struct metadata *metadata, struct settings *settings,
	       struct problems *problems);
