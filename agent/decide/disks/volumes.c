/* SPDX-License-Identifier: Apache-2.0 */
#include "decide/disks/volumes.h"

#include "base/text.h"
#include "model/attachment.h"

#include <stdio.h>
#include <string.h>

static bool is_named(const struct disk *disk)
{
	return disk->kind == DISK_EBS && disk->attached_as[0] != '\0';
}

const struct disk *volumes_near(const struct facts *facts, const char *name)
{
	const char *wanted = attachment_letters(name);

	for (size_t i = 0; i < facts->disk_count; i++) {
		const struct disk *disk = &facts->disks[i];
		const char *letters = attachment_letters(disk->attached_as);

		if (is_named(disk) && ((wanted && letters && strcmp(wanted, letters) == 0) ||
				       strcmp(disk->name, name) == 0))
			return disk;
	}
	return NULL;
}

void volumes_others(const struct facts *facts, char text[VOLUMES_OTHERS_MAX])
{
	size_t used = 0;

	text[0] = '\0';
	for (size_t i = 0; i < facts->disk_count; i++) {
		const char *name = attachment_name(facts->disks[i].attached_as);
		size_t more = strlen(name) + (used > 0 ? 2 : 0);

		/* Not the system's own. */
		if (!is_named(&facts->disks[i]) || facts->disks[i].mounts.count > 0)
			continue;
		if (used + more + sizeof(", ...") > VOLUMES_OTHERS_MAX) {
			text_set(text + used, VOLUMES_OTHERS_MAX - used, ", ...");
			return;
		}
		text_set(text + used, VOLUMES_OTHERS_MAX - used, "%s%s", used > 0 ? ", " : "",
			 name);
		used += more;
	}
}
