/* SPDX-License-Identifier: Apache-2.0 */
#include "decide/planned_disk.h"

#include "decide/disk_identity.h"

#include <errno.h>
#include <stdio.h>

int planned_disk_add(struct plan_group *group, const struct disk *disk, enum plan_disk_holds holds,
		     const char *pv_uuid)
{
	struct plan_disk *planned = plan_group_add_disk(group);

	if (!planned)
		return -ENOMEM;
	snprintf(planned->path, sizeof(planned->path), "%s", disk->path);
	snprintf(planned->serial, sizeof(planned->serial), "%s", disk_identity(disk));
	snprintf(planned->pv_uuid, sizeof(planned->pv_uuid), "%s", pv_uuid);
	planned->size = disk->size;
	planned->holds = holds;
	return 0;
}
