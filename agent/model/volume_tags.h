/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Our tags on volume groups and volumes, "lustre-init" and "lustre-init.NAME=VALUE": the truth
 * about a target travels with its data, and LVM commits it atomically. '@' is not allowed in a tag,
 * so no NIDs (lvm(8), "VALID NAMES").
 */

#include "base/words.h"
#include "model/target.h"

#define VOLUME_TAG_OURS "lustre-init"

/* Of "lustre-init.journal": e2fsck dropped what its journal held, so its content proves nothing. */
#define VOLUME_TAG_JOURNAL_LOST "lost"

bool volume_tags_ours(const struct words *tags);

/* The value of tag lustre-init.NAME; NULL when there is none. It lives as long as the tags. */
const char *volume_tag_value(const struct words *tags, const char *name);

enum phase volume_tags_phase(const struct words *tags);
