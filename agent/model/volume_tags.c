/* SPDX-License-Identifier: Apache-2.0 */
#include "model/volume_tags.h"

#include <stdlib.h>
#include <string.h>

#define PVS_DIGITS_MAX 6

bool volume_tags_ours(const struct words *tags)
{
	return words_contain(tags, VOLUME_TAG_OURS);
}

bool volume_group_name_ours(const char *name)
{
	static const char stem[] = VOLUME_TAG_OURS "-";
	const char *digits = name + strlen(stem);

	return strncmp(name, stem, strlen(stem)) == 0 && strlen(digits) == 8 &&
	       strspn(digits, "0123456789abcdef") == 8;
}

void volume_device_uuid(const char *group_uuid, const char *volume_uuid, char uuid[VOLUME_UUID_MAX])
{
	const char *parts[] = { group_uuid, group_uuid[0] != '\0' ? volume_uuid : "" };
	size_t used = strlen("LVM-");

	memcpy(uuid, "LVM-", used);
	for (size_t i = 0; i < 2; i++)
		for (const char *at = parts[i]; *at && used + 1 < VOLUME_UUID_MAX; at++)
			if (*at != '-')
				uuid[used++] = *at;
	uuid[used] = '\0';
}

/* The value in `tag`, where that is the tag of this name. */
static const char *value_in(const char *tag, const char *name)
{
	size_t prefix = strlen(VOLUME_TAG_OURS), length = strlen(name);

	if (strncmp(tag, VOLUME_TAG_OURS, prefix) != 0 || tag[prefix] != '.' ||
	    strncmp(tag + prefix + 1, name, length) != 0 || tag[prefix + 1 + length] != '=')
		return NULL;
	return tag + prefix + length + 2;
}

const char *volume_tag_value(const struct words *tags, const char *name)
{
	const char *found = NULL;

	for (size_t i = 0; i < tags->count; i++) {
		const char *value = value_in(tags->items[i], name);

		if (value && found && strcmp(value, found) != 0)
			return NULL;
		found = value ? value : found;
	}
	return found;
}

bool volume_tag_is_there(const struct words *tags, const char *name)
{
	for (size_t i = 0; i < tags->count; i++)
		if (value_in(tags->items[i], name))
			return true;
	return false;
}

enum phase volume_tags_phase(const struct words *tags)
{
	const char *phase = volume_tag_value(tags, "phase");

	return phase ? phase_from_name(phase) : PHASE_NONE;
}

bool volume_tags_may_have_served(const struct words *tags)
{
	enum phase phase = volume_tags_phase(tags);

	return phase == PHASE_NONE || phase >= PHASE_REGISTERING;
}

enum volume_journal volume_tags_journal(const struct words *tags)
{
	enum volume_journal journal = VOLUME_JOURNAL_UNTOUCHED;

	for (size_t i = 0; i < tags->count; i++) {
		const char *value = value_in(tags->items[i], "journal");

		if (value && strcmp(value, VOLUME_TAG_JOURNAL_REPLAYING) != 0)
			return VOLUME_JOURNAL_LOST;
		journal = value ? VOLUME_JOURNAL_REPLAYING : journal;
	}
	return journal;
}

unsigned volume_tags_pvs(const struct words *tags)
{
	const char *pvs = volume_tag_value(tags, "pvs");
	size_t length = pvs ? strlen(pvs) : 0;

	if (length == 0 || length > PVS_DIGITS_MAX || strspn(pvs, "0123456789") != length)
		return 0;
	return (unsigned)strtoul(pvs, NULL, 10);
}
