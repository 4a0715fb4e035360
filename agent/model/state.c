/* SPDX-License-Identifier: Apache-2.0 */
#include "model/state.h"

#include "base/text.h"
#include "model/fields.h"
#include "model/metadata.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static struct remembered_target *find(struct state *state, const char *instance_id,
				      const char *target)
{
	for (size_t i = 0; i < state->target_count; i++) {
		struct remembered_target *t = &state->targets[i];

		if (strcmp(t->name, target) == 0 && strcmp(t->instance_id, instance_id) == 0)
			return t;
	}
	return NULL;
}

const struct remembered_target *state_find(const struct state *state, const char *instance_id,
					   const char *target)
{
	for (size_t i = 0; i < state->target_count; i++) {
		const struct remembered_target *t = &state->targets[i];

		if (strcmp(t->name, target) == 0 && strcmp(t->instance_id, instance_id) == 0)
			return t;
	}
	return NULL;
}

size_t state_served(const struct state *state, const char *instance_id, char text[STATE_SERVED_MAX])
{
	const char *first = "";
	size_t count = 0;

	for (size_t i = 0; i < state->target_count; i++) {
		const struct remembered_target *t = &state->targets[i];

		if (t->phase == PHASE_SERVED &&
		    (instance_id[0] == '\0' || strcmp(t->instance_id, instance_id) == 0) &&
		    count++ == 0)
			first = t->name;
	}
	if (count > 1)
		snprintf(text, STATE_SERVED_MAX, "%s and %zu more", first, count - 1);
	else
		snprintf(text, STATE_SERVED_MAX, "%s", first);
	return count;
}

void remembered_describe(const struct remembered_target *t, char text[REMEMBERED_TEXT_MAX])
{
	snprintf(text, REMEMBERED_TEXT_MAX, "%s of %s", t->name, t->instance_id);
}

/* Forgets the first of those that the plan lets be forgotten: never one of this instance's. */
static void make_room(struct state *state, const char *instance_id, const struct plan *plan)
{
	for (size_t i = 0; i < state->target_count; i++) {
		const struct remembered_target *t = &state->targets[i];
		char text[REMEMBERED_TEXT_MAX];

		remembered_describe(t, text);
		if (strcmp(t->instance_id, instance_id) == 0 ||
		    !words_contain(&plan->forgets, text))
			continue;
		state->target_count--;
		memmove(&state->targets[i], &state->targets[i + 1],
			(state->target_count - i) * sizeof(*t));
		return;
	}
}

static bool is_loss(const struct remembered_target *t, enum phase phase)
{
	return phase == PHASE_CREATING && t->phase >= PHASE_REGISTERING;
}

/* Is the group made over an ext3 that EC2 left? */
static bool is_over_ext3(const struct plan_group *group)
{
	for (size_t i = 0; i < group->disk_count; i++)
		if (group->disks[i].holds == PLAN_DISK_EMPTY_EXT3 ||
		    group->disks[i].holds == PLAN_DISK_BEGUN_EXT3)
			return true;
	return false;
}

int state_remember(struct state *state, const char *instance_id, const struct plan *plan,
		   const struct plan_target *target, enum phase phase, struct error *err)
{
	struct remembered_target *t = find(state, instance_id, target->name);
	const struct plan_group *group = &plan->groups[target->group];
	bool lost, remains;

	if (group->disk_count > REMEMBERED_DISKS_MAX)
		return error_set(err, -E2BIG, "%s has more than %d disks", group->name,
				 REMEMBERED_DISKS_MAX);
	if (strlen(instance_id) >= sizeof(t->instance_id))
		return error_set(err, -ENAMETOOLONG, "instance id %s is too long", instance_id);
	if (!t && state->target_count == REMEMBERED_TARGETS_MAX)
		make_room(state, instance_id, plan);
	if (!t && state->target_count == REMEMBERED_TARGETS_MAX)
		return error_set(err, -E2BIG,
				 "state.json remembers %d targets already, and none of them may be "
				 "forgotten; start over with a new instance",
				 REMEMBERED_TARGETS_MAX);
	lost = t && phase < PHASE_SERVED && (t->lost || is_loss(t, phase));
	remains = is_over_ext3(group) || (t && t->remains && strcmp(t->group, group->name) == 0);
	if (!t)
		t = &state->targets[state->target_count++];
	*t = (struct remembered_target){ .phase = phase,
					 .lost = lost,
					 .remains = remains && phase < PHASE_REGISTERING,
					 .disk_count = group->disk_count };
	memcpy(t->name, target->name, sizeof(t->name));
	memcpy(t->instance_id, instance_id, strlen(instance_id) + 1);
	text_set(t->group, sizeof(t->group), "%s", group->name);
	for (size_t i = 0; i < group->disk_count; i++) {
		text_set(t->disks[i].serial, sizeof(t->disks[i].serial), "%s",
			 group->disks[i].serial);
		text_set(t->disks[i].pv_uuid, sizeof(t->disks[i].pv_uuid), "%s",
			 group->disks[i].pv_uuid);
	}
	return 0;
}

int state_remember_format(struct state *state, const char *instance_id, const struct plan *plan,
			  const struct plan_target *target, struct error *err)
{
	struct remembered_target *t = find(state, instance_id, target->name);
	const struct plan_group *group = &plan->groups[target->group];
	int r = 0;

	if (!t || strcmp(t->group, group->name) != 0)
		r = state_remember(state, instance_id, plan, target,
				   t && t->phase > PHASE_CREATING ? t->phase : PHASE_CREATING, err);
	t = r == 0 ? find(state, instance_id, target->name) : NULL;
	if (t)
		t->remains = true;
	return r;
}

bool state_has_remains(const struct state *state, const char *instance_id, const char *target,
		       const char *group)
{
	const struct remembered_target *t = state_find(state, instance_id, target);

	return t && t->remains && strcmp(t->group, group) == 0;
}

static const struct field disk_fields[] = {
	{ "serial", FIELD_TEXT, FIELD_AT(struct remembered_disk, serial), .required = true },
	{ "pv-uuid", FIELD_TEXT, FIELD_AT(struct remembered_disk, pv_uuid), .required = true },
	{ 0 },
};

static const char *phase_row(unsigned row)
{
	return row < PHASE_MAX ? phase_name((enum phase)row) : NULL;
}

static const struct field target_fields[] = {
	{ "name", FIELD_TEXT, FIELD_AT(struct remembered_target, name), .required = true },
	{ "instance-id", FIELD_TEXT, FIELD_AT(struct remembered_target, instance_id),
	  .required = true },
	{ "phase", FIELD_NAME, FIELD_AT(struct remembered_target, phase), .required = true,
	  .name = phase_row },
	{ "lost", FIELD_BOOL, FIELD_AT(struct remembered_target, lost) },
	{ "remains", FIELD_BOOL, FIELD_AT(struct remembered_target, remains) },
	{ "group", FIELD_TEXT, FIELD_AT(struct remembered_target, group), .required = true },
	{ "disks", FIELD_ARRAY, FIELD_AT(struct remembered_target, disks), .required = true,
	  .fields = disk_fields, .item_size = sizeof(struct remembered_disk),
	  .count = offsetof(struct remembered_target, disk_count),
	  .capacity = REMEMBERED_DISKS_MAX },
	{ 0 },
};

static const struct field state_fields[] = {
	{ "version", FIELD_VERSION, .required = true, .version = 1 },
	{ "targets", FIELD_ARRAY, FIELD_AT(struct state, targets), .required = true,
	  .fields = target_fields, .item_size = sizeof(struct remembered_target),
	  .count = offsetof(struct state, target_count), .capacity = REMEMBERED_TARGETS_MAX },
	{ 0 },
};

json_t *state_to_json(const struct state *state)
{
	return fields_to_json(state_fields, state);
}

/*
 * Of a disk or a target that stands there twice, only one would be looked at; and a blank disk
 * would be one that carries no PV by name.
 */
static int check_disks(const struct remembered_target *t, struct error *err)
{
	for (size_t i = 0; i < t->disk_count; i++)
		if (t->disks[i].serial[0] == '\0' || t->disks[i].pv_uuid[0] == '\0')
			return error_set(err, -EINVAL, "%s: disk %zu has no serial or pv-uuid",
					 t->name, i + 1);
	for (size_t i = 0; i < t->disk_count; i++)
		for (size_t k = 0; k < i; k++)
			if (strcmp(t->disks[k].serial, t->disks[i].serial) == 0 ||
			    strcmp(t->disks[k].pv_uuid, t->disks[i].pv_uuid) == 0)
				return error_set(err, -EINVAL, "%s has disk %s twice", t->name,
						 t->disks[i].serial);
	return 0;
}

static int check_target(struct state *state, size_t index, struct error *err)
{
	const struct remembered_target *t = &state->targets[index];

	if (t->name[0] == '\0' || t->instance_id[0] == '\0' || t->group[0] == '\0' ||
	    t->phase == PHASE_NONE)
		return error_set(err, -EINVAL,
				 "target %zu has no name, instance-id, group or phase", index + 1);
	if (!metadata_is_instance_id(t->instance_id))
		return error_set(err, -EINVAL,
				 "target %zu: no instance has the instance-id that it says",
				 index + 1);
	if (find(state, t->instance_id, t->name) != t)
		return error_set(err, -EINVAL, "%s of %s stands there twice", t->name,
				 t->instance_id);
	return check_disks(t, err);
}

int state_from_json(const json_t *json, struct state *ret, struct error *err)
{
	int r;

	*ret = (struct state){ 0 };
	r = fields_from_json(state_fields, json, ret, err);
	for (size_t i = 0; r == 0 && i < ret->target_count; i++)
		r = check_target(ret, i, err);
	/* What was read so far must not pass for all of it. */
	if (r < 0)
		*ret = (struct state){ 0 };
	return r;
}
