/* SPDX-License-Identifier: Apache-2.0 */
#include "model/applied.h"

#include "base/text.h"
#include "model/attachment.h"
#include "model/fields.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char *const roles[] = {
	[APPLIED_MGT] = "MGT",       [APPLIED_MDT] = "MDT",     [APPLIED_OST] = "OST",
	[APPLIED_CLIENT] = "client", [APPLIED_ROLE_MAX] = NULL,
};

const char *applied_role_name(enum applied_role role)
{
	return roles[role];
}

void applied_done(struct applied *applied)
{
	for (size_t i = 0; i < applied->target_count; i++) {
		free(applied->targets[i].mount_point);
		free(applied->targets[i].source);
		free(applied->targets[i].disks);
	}
	free(applied->targets);
	words_done(&applied->nids);
	words_done(&applied->mgs_nids);
	*applied = (struct applied){ 0 };
}

/* By the name of a standing: "MGS", "lustrewt-OST0017", "client lustrewt". */
static enum applied_role role_of(const char *name)
{
	const char *tail = strrchr(name, '-');

	if (strchr(name, ' '))
		return APPLIED_CLIENT;
	if (strcmp(name, "MGS") == 0)
		return APPLIED_MGT;
	return tail && strncmp(tail, "-MDT", 4) == 0 ? APPLIED_MDT : APPLIED_OST;
}

/* Xen's disks have none: they are remembered as what they are mapped as, "ephemeral0:sdb", and
 * volumes as what they are attached as, "sdf". */
static bool is_serial(const char *identity)
{
	return identity[0] != '\0' && !strchr(identity, ':') && !attachment_letters(identity);
}

static int take_remembered(const struct remembered_target *remembered,
			   struct applied_target *target)
{
	if (remembered)
		target->phase = remembered->phase;
	if (!remembered || remembered->disk_count == 0)
		return 0;
	target->disks = calloc(remembered->disk_count, sizeof(*target->disks));
	if (!target->disks)
		return -ENOMEM;
	for (size_t i = 0; i < remembered->disk_count; i++) {
		struct applied_disk *disk = &target->disks[target->disk_count];

		if (!is_serial(remembered->disks[i].serial))
			continue;
		target->disk_count++;
		text_set(disk->serial, sizeof(disk->serial), "%s", remembered->disks[i].serial);
		text_set(disk->pv_uuid, sizeof(disk->pv_uuid), "%s", remembered->disks[i].pv_uuid);
	}
	return 0;
}

static int take_target(const struct standing *standing, const struct state *state,
		       const char *instance_id, struct applied_target *target)
{
	text_set(target->name, sizeof(target->name), "%s", standing->name);
	target->role = role_of(standing->name);
	target->mounted = standing->mounted;
	target->mount_point = strdup(standing->mount_point);
	target->source = strdup(standing->device);
	if (!target->mount_point || !target->source)
		return -ENOMEM;
	return take_remembered(state_find(state, instance_id, standing->name), target);
}

int applied_from(const struct status *status, const struct state *state, struct applied *ret,
		 struct error *err)
{
	struct applied applied = { 0 };
	bool served = false;
	int r;

	text_set(applied.boot_id, sizeof(applied.boot_id), "%s", status->boot_id);
	applied.targets = calloc(status->standing_count + 1, sizeof(*applied.targets));
	r = applied.targets ? 0 : -ENOMEM;
	for (size_t i = 0; r == 0 && i < status->standing_count; i++)
		r = take_target(&status->standings[i], state, status->instance_id,
				&applied.targets[applied.target_count++]);
	for (size_t i = 0; r == 0 && i < applied.target_count; i++)
		served = served || applied.targets[i].mounted;
	/* Else they are those that were to be. */
	if (r == 0 && served)
		r = words_copy(&applied.nids, &status->nids);
	if (r == 0)
		r = words_copy(&applied.mgs_nids, &status->mgs_nids);
	if (r < 0) {
		applied_done(&applied);
		return error_set(err, r, "out of memory");
	}
	*ret = applied;
	return 0;
}

static const char *phase_row(unsigned row)
{
	return row < PHASE_MAX ? phase_name((enum phase)row) : NULL;
}

static const struct field disk_fields[] = {
	{ "serial", FIELD_TEXT, FIELD_AT(struct applied_disk, serial), .required = true },
	{ "pv-uuid", FIELD_TEXT, FIELD_AT(struct applied_disk, pv_uuid), .required = true },
	{ 0 },
};

static const struct field target_fields[] = {
	{ "name", FIELD_TEXT, FIELD_AT(struct applied_target, name), .required = true },
	{ "role", FIELD_NAME, FIELD_AT(struct applied_target, role), .required = true,
	  .names = roles },
	{ "phase", FIELD_NAME, FIELD_AT(struct applied_target, phase), .name = phase_row },
	{ "mounted", FIELD_BOOL, FIELD_AT(struct applied_target, mounted) },
	{ "mount-point", FIELD_STRING, FIELD_AT(struct applied_target, mount_point),
	  .required = true },
	{ "source", FIELD_STRING, FIELD_AT(struct applied_target, source), .required = true },
	{ "disks", FIELD_LIST, FIELD_AT(struct applied_target, disks), .fields = disk_fields,
	  .item_size = sizeof(struct applied_disk),
	  .count = offsetof(struct applied_target, disk_count), .capacity = REMEMBERED_DISKS_MAX },
	{ 0 },
};

static const struct field applied_fields[] = {
	{ "boot-id", FIELD_TEXT, FIELD_AT(struct applied, boot_id), .required = true },
	{ "targets", FIELD_LIST, FIELD_AT(struct applied, targets), .required = true,
	  .fields = target_fields, .item_size = sizeof(struct applied_target),
	  .count = offsetof(struct applied, target_count), .capacity = STANDINGS_MAX },
	{ "nids", FIELD_WORDS, FIELD_AT(struct applied, nids) },
	{ "mgs-nids", FIELD_WORDS, FIELD_AT(struct applied, mgs_nids) },
	{ 0 },
};

json_t *applied_to_json(const struct applied *applied)
{
	return fields_to_json(applied_fields, applied);
}

int applied_from_json(const json_t *json, struct applied *ret, struct error *err)
{
	int r;

	*ret = (struct applied){ 0 };
	r = fields_from_json(applied_fields, json, ret, err);
	if (r < 0)
		applied_done(ret);
	return r;
}
