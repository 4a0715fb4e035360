/* SPDX-License-Identifier: Apache-2.0 */
#include "model/health.h"

#include "model/fields.h"

#include <stdlib.h>
#include <string.h>

/* The two clocks are read one after the other; no sleep is as short as what may lie between. */
#define SLEEP_LEAST_USEC 500000

/* A health is of one node: more rows than any has are no health. */
#define TARGETS_MAX STANDINGS_MAX
#define DISKS_MAX   (REMEMBERED_TARGETS_MAX * REMEMBERED_DISKS_MAX)

void health_done(struct health *health)
{
	free(health->targets);
	free(health->disks);
	words_done(&health->nids);
	*health = (struct health){ 0 };
}

const struct health_target *health_target(const struct health *health, const char *name)
{
	for (size_t i = 0; i < health->target_count; i++)
		if (strcmp(health->targets[i].name, name) == 0)
			return &health->targets[i];
	return NULL;
}

const struct health_disk *health_disk(const struct health *health, const char *serial)
{
	for (size_t i = 0; i < health->disk_count; i++)
		if (strcmp(health->disks[i].serial, serial) == 0)
			return &health->disks[i];
	return NULL;
}

bool health_is_recovering(const struct health_target *target)
{
	return strcmp(target->recovery, "RECOVERING") == 0 ||
	       strncmp(target->recovery, "WAITING", 7) == 0;
}

bool health_slept(const struct health *before, const struct health *now)
{
	const bool is_first = before->boot_id[0] == '\0';

	return (is_first || strcmp(before->boot_id, now->boot_id) == 0) &&
	       now->slept_usec > before->slept_usec &&
	       now->slept_usec - before->slept_usec >= SLEEP_LEAST_USEC;
}

static const char *role_row(unsigned row)
{
	return row < APPLIED_ROLE_MAX ? applied_role_name((enum applied_role)row) : NULL;
}

static const char *answer_row(unsigned row)
{
	return row < MGS_ANSWER_MAX ? mgs_answer_name((enum mgs_answer)row) : NULL;
}

static const char *const heads[] = {
	[HEAD_NOT_SEEN] = "not-seen",     [HEAD_OURS] = "ours", [HEAD_OTHER] = "other",
	[HEAD_UNREADABLE] = "unreadable", [HEAD_MAX] = NULL,
};

static const struct field space_fields[] = {
	{ "known", FIELD_BOOL, FIELD_AT(struct health_space, known) },
	{ "total-bytes", FIELD_NUMBER, FIELD_AT(struct health_space, total_bytes) },
	{ "free-bytes", FIELD_NUMBER, FIELD_AT(struct health_space, free_bytes) },
	{ "total-inodes", FIELD_NUMBER, FIELD_AT(struct health_space, total_inodes) },
	{ "free-inodes", FIELD_NUMBER, FIELD_AT(struct health_space, free_inodes) },
	{ 0 },
};

static const struct field target_fields[] = {
	{ "name", FIELD_TEXT, FIELD_AT(struct health_target, name), .required = true },
	{ "role", FIELD_NAME, FIELD_AT(struct health_target, role), .required = true,
	  .name = role_row },
	{ "mounted", FIELD_BOOL, FIELD_AT(struct health_target, mounted), .required = true },
	{ "read-only", FIELD_BOOL, FIELD_AT(struct health_target, read_only) },
	{ "unhealthy", FIELD_BOOL, FIELD_AT(struct health_target, unhealthy) },
	{ "degraded", FIELD_BOOL, FIELD_AT(struct health_target, degraded) },
	{ "partial", FIELD_BOOL, FIELD_AT(struct health_target, partial) },
	{ "recovery", FIELD_TEXT, FIELD_AT(struct health_target, recovery) },
	{ "device", FIELD_TEXT, FIELD_AT(struct health_target, device) },
	{ "fs-errors", FIELD_NUMBER, FIELD_AT(struct health_target, fs_errors) },
	{ "space", FIELD_OBJECT, FIELD_AT(struct health_target, space), .fields = space_fields },
	{ 0 },
};

static const struct field disk_fields[] = {
	{ "target", FIELD_TEXT, FIELD_AT(struct health_disk, target), .required = true },
	{ "serial", FIELD_TEXT, FIELD_AT(struct health_disk, serial), .required = true },
	{ "name", FIELD_TEXT, FIELD_AT(struct health_disk, name) },
	{ "has-io-errors", FIELD_BOOL, FIELD_AT(struct health_disk, has_io_errors) },
	{ "io-errors", FIELD_NUMBER, FIELD_AT(struct health_disk, io_errors) },
	{ "smart-known", FIELD_BOOL, FIELD_AT(struct health_disk, smart_known) },
	{ "critical-warning", FIELD_NUMBER, FIELD_AT(struct health_disk, critical_warning),
	  .most = UINT8_MAX },
	{ "media-errors", FIELD_NUMBER, FIELD_AT(struct health_disk, media_errors) },
	{ "smart-usec", FIELD_NUMBER, FIELD_AT(struct health_disk, smart_usec) },
	{ "head", FIELD_NAME, FIELD_AT(struct health_disk, head), .names = heads },
	{ 0 },
};

static const struct field mgs_fields[] = {
	{ "asked", FIELD_BOOL, FIELD_AT(struct health_mgs, asked) },
	{ "answer", FIELD_NAME, FIELD_AT(struct health_mgs, answer), .name = answer_row },
	{ "nid", FIELD_TEXT, FIELD_AT(struct health_mgs, nid) },
	{ "away-since-usec", FIELD_NUMBER, FIELD_AT(struct health_mgs, away_since_usec) },
	{ 0 },
};

static const struct field health_fields[] = {
	{ "boot-id", FIELD_TEXT, FIELD_AT(struct health, boot_id), .required = true },
	{ "at-usec", FIELD_NUMBER, FIELD_AT(struct health, at_usec), .required = true },
	{ "slept-usec", FIELD_NUMBER, FIELD_AT(struct health, slept_usec) },
	{ "woken", FIELD_BOOL, FIELD_AT(struct health, woken) },
	{ "health-check", FIELD_TEXT, FIELD_AT(struct health, health_check) },
	{ "targets", FIELD_LIST, FIELD_AT(struct health, targets), .required = true,
	  .fields = target_fields, .item_size = sizeof(struct health_target),
	  .count = offsetof(struct health, target_count), .capacity = TARGETS_MAX },
	{ "disks", FIELD_LIST, FIELD_AT(struct health, disks), .required = true,
	  .fields = disk_fields, .item_size = sizeof(struct health_disk),
	  .count = offsetof(struct health, disk_count), .capacity = DISKS_MAX },
	{ "nids-known", FIELD_BOOL, FIELD_AT(struct health, nids_known) },
	{ "nids", FIELD_WORDS, FIELD_AT(struct health, nids) },
	{ "mgs", FIELD_OBJECT, FIELD_AT(struct health, mgs), .fields = mgs_fields },
	{ 0 },
};

json_t *health_to_json(const struct health *health)
{
	return fields_to_json(health_fields, health);
}

int health_from_json(const json_t *json, struct health *ret, struct error *err)
{
	int r;

	*ret = (struct health){ 0 };
	r = fields_from_json(health_fields, json, ret, err);
	if (r < 0)
		health_done(ret);
	return r;
}
