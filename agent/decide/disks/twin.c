/* SPDX-License-Identifier: Apache-2.0 */
#include "decide/disks/twin.h"

#include "decide/disks/disk_identity.h"

#include <string.h>

static bool has_label(const struct disk *disk, const char *pv_uuid)
{
	for (size_t i = 0; i < disk->signature_count; i++)
		if (strcmp(disk->signatures[i].type, "LVM2_member") == 0 &&
		    strcmp(disk->signatures[i].uuid, pv_uuid) == 0)
			return true;
	return false;
}

/* The first disk of the group that has one, which LVM has in none: *ret_twin. NULL for none. */
static const struct disk *find(const struct facts *facts, const struct volume_group *group,
			       const struct disk **ret_twin)
{
	const struct disk *found = NULL;

	for (size_t i = 0; i < facts->disk_count; i++) {
		const struct disk *disk = &facts->disks[i];

		if (strcmp(disk->vg_uuid, group->uuid) != 0 || disk->pv_uuid[0] == '\0')
			continue;
		for (size_t k = 0; k < facts->disk_count; k++) {
			const struct disk *other = &facts->disks[k];

			if (other->vg_uuid[0] != '\0' || !has_label(other, disk->pv_uuid) ||
			    (found && disk_compare(disk, found) > 0))
				continue;
			found = disk;
			*ret_twin = other;
		}
	}
	return found;
}

int twin_check(const struct planner_input *input, const struct volume_group *group,
	       const char *target, struct plan *plan, bool *ret_refused)
{
	char text[DISK_DESCRIPTION_MAX], text_of_twin[DISK_DESCRIPTION_MAX];
	const struct disk *twin = NULL, *disk = find(input->facts, group, &twin);

	*ret_refused = disk != NULL;
	if (!disk)
		return 0;
	disk_describe(disk, text);
	disk_describe(twin, text_of_twin);
	return plan_refuse(
		plan, REFUSAL_OTHER_INSTANCE, target,
		"Clear neither before it is certain which of the two is the copy; then detach that "
		"one, or remove its signature with wipefs.",
		"%s and %s both carry PV %s of volume group %s: one is a copy of the other, and "
		"LVM would take either",
		text, text_of_twin, disk->pv_uuid, group->name);
}
