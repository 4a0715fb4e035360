/* SPDX-License-Identifier: Apache-2.0 */
#include "decide/disks/own_disk.h"

#include "decide/disks/disk_identity.h"

#include <string.h>

bool disk_may_be_preformatted(const struct disk *disk)
{
	return disk->kind == DISK_INSTANCE_STORE && disk->serial[0] == '\0';
}

/* The UUID of the PV whose label is on the disk; "" without a label, NULL for anything else. */
static const char *label_of(const struct disk *disk)
{
	if (disk->vg_uuid[0] != '\0' || disk->signature_count > 1)
		return NULL;
	if (disk->signature_count == 0)
		return "";
	if (strcmp(disk->signatures[0].type, "LVM2_member") != 0 ||
	    disk->signatures[0].uuid[0] == '\0')
		return NULL;
	return disk->signatures[0].uuid;
}

static const struct remembered_disk *find_disk(const struct remembered_target *target,
					       const struct disk *disk)
{
	for (size_t i = 0; i < target->disk_count; i++)
		if (disk_is(disk, target->disks[i].serial))
			return &target->disks[i];
	return NULL;
}

/* With our label, or with that of the ext3 gone. */
static bool is_begun_ext3(const struct spec *spec, const struct disk *disk)
{
	return spec->accept_preformatted && disk_may_be_preformatted(disk) &&
	       (disk->signature_count > 0 || disk->beheaded_ext);
}

bool own_disk_find(const struct planner_input *input, const struct disk *disk, struct own_disk *ret)
{
	const struct state *state = input->state;
	const char *label = label_of(disk), *pv_uuid = NULL;
	bool never_in_service = true;

	for (size_t i = 0; label && i < state->target_count; i++) {
		const struct remembered_target *target = &state->targets[i];
		const struct remembered_disk *remembered = find_disk(target, disk);

		if (!remembered || strcmp(target->instance_id, input->facts->instance_id) != 0)
			continue;
		never_in_service = never_in_service && target->phase < PHASE_REGISTERING;
		if (label[0] == '\0' || strcmp(remembered->pv_uuid, label) == 0)
			pv_uuid = remembered->pv_uuid;
	}
	if (!pv_uuid)
		return false;
	ret->pv_uuid = pv_uuid;
	ret->holds = PLAN_DISK_OUR_PV;
	if (never_in_service && disk->only_lvm_head)
		ret->holds = PLAN_DISK_BEGUN;
	else if (never_in_service && is_begun_ext3(input->spec, disk))
		ret->holds = PLAN_DISK_BEGUN_EXT3;
	return label[0] != '\0' || ret->holds != PLAN_DISK_OUR_PV;
}
