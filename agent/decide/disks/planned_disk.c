/* SPDX-License-Identifier: Apache-2.0 */
#include "decide/disks/planned_disk.h"

#include "base/text.h"
#include "decide/disks/disk_identity.h"

#include <errno.h>
#include <string.h>

int planned_disk_add(struct plan_group *group, const struct disk *disk, enum plan_disk_holds holds,
		     const char *pv_uuid)
{
	struct plan_disk *planned = plan_group_add_disk(group);
	int r;

	if (!planned)
		return -ENOMEM;
	memcpy(planned->path, disk->path, sizeof(planned->path));
	planned->size = disk->size;
	planned->holds = holds;
	r = text_format(planned->serial, sizeof(planned->serial), "%s", disk_identity(disk));
	if (r == 0)
		r = text_format(planned->pv_uuid, sizeof(planned->pv_uuid), "%s", pv_uuid);
	return r;
}
