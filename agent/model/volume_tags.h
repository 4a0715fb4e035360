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

/*
 * What tag lustre-init.journal says of a volume whose journal was to be replayed before it could be
 * judged. It is written before the replay begins: what e2fsck did to a damaged journal may be all
 * that can be seen after a cut, and then looks as if nothing had ever been there.
 */
enum volume_journal {
	VOLUME_JOURNAL_UNTOUCHED, /* no such tag */
	VOLUME_JOURNAL_REPLAYING, /* a replay was begun, and how it ended is not written down */
	VOLUME_JOURNAL_LOST, /* what it held is, so the content proves nothing; also any value that
				is not known here */
};

#define VOLUME_TAG_JOURNAL_REPLAYING "replaying"
#define VOLUME_TAG_JOURNAL_LOST      "lost"

bool volume_tags_ours(const struct words *tags);

/* "lustre-init-" and eight hexadecimal digits, as names_group() draws them: no other name is ours,
 * whatever tag it carries, and none of ours means something else under /dev. */
bool volume_group_name_ours(const char *name);

/*
 * device-mapper's UUID of a volume: "LVM-" and LVM's two, without their dashes. Where one is not
 * known yet (""), what comes before it.
 */
#define VOLUME_UUID_LENGTH 68
#define VOLUME_UUID_MAX    (VOLUME_UUID_LENGTH + 16)
void volume_device_uuid(const char *group_uuid, const char *volume_uuid,
			char uuid[VOLUME_UUID_MAX]);

/*
 * The value of tag lustre-init.NAME; NULL when there is none, or where two contradict each other.
 * It lives as long as the tags.
 */
const char *volume_tag_value(const struct words *tags, const char *name);

/* Whether there is one at all, also where two contradict each other. */
bool volume_tag_is_there(const struct words *tags, const char *name);

/* PHASE_NONE for no phase, and for one that is not known here: ask before anything is given up. */
enum phase volume_tags_phase(const struct words *tags);

/* Whether the volume was on its way into service, or in it, as far as is known: a phase that is not
 * understood may be one of a newer agent's. */
bool volume_tags_may_have_served(const struct words *tags);

enum volume_journal volume_tags_journal(const struct words *tags);

/* How many disks the group was made of; 0 where no tag says it in a way that is understood. */
unsigned volume_tags_pvs(const struct words *tags);
