/* SPDX-License-Identifier: Apache-2.0 */
#include "model/volume_tags.h"

#include <string.h>

bool volume_tags_ours(const struct words *tags)
{
	return words_contain(tags, VOLUME_TAG_OURS);
}

const char *volume_tag_value(const struct words *tags, const char *name)
{
	size_t prefix = strlen(VOLUME_TAG_OURS), length = strlen(name);

	for (size_t i = 0; i < tags->count; i++) {
		const char *tag = tags->items[i];

		if (strncmp(tag, VOLUME_TAG_OURS, prefix) == 0 && tag[prefix] == '.' &&
		    strncmp(tag + prefix + 1, name, length) == 0 && tag[prefix + 1 + length] == '=')
			return tag + prefix + length + 2;
	}
	return NULL;
}

enum phase volume_tags_phase(const struct words *tags)
{
	const char *phase = volume_tag_value(tags, "phase");

	return phase ? phase_from_name(phase) : PHASE_NONE;
}
