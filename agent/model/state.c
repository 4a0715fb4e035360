/* SPDX-License-Identifier: Apache-2.0 */
#include "model/state.h"

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

	if (!t && state->target_count == REMEMBERED_TARGETS_MAX)
		return error_set(err, -E2BIG,
				 "state.json remembers %d targets already; run lustre-init clean",
				 REMEMBERED_TARGETS_MAX);
	if (group->disk_count > REMEMBERED_DISKS_MAX)
		return error_set(err, -E2BIG, "%s has more than %d disks", group->name,
				 REMEMBERED_DISKS_MAX);
	lost = t && phase < PHASE_SERVED && (t->lost || is_loss(t, phase));
	remains = is_over_ext3(group) || (t && t->remains && strcmp(t->group, group->name) == 0);
	if (!t)
		t = &state->targets[state->target_count++];
	*t = (struct remembered_target){ .phase = phase,
					 .lost = lost,
					 .remains = remains && phase < PHASE_REGISTERING,
					 .disk_count = group->disk_count };
	snprintf(t->name, sizeof(t->name), "%s", target->name);
	snprintf(t->instance_id, sizeof(t->instance_id), "%s", instance_id);
	snprintf(t->group, sizeof(t->group), "%s", group->name);
	for (size_t i = 0; i < group->disk_count; i++) {
		snprintf(t->disks[i].serial, sizeof(t->disks[i].serial), "%s",
			 group->disks[i].serial);
		snprintf(t->disks[i].pv_uuid, sizeof(t->disks[i].pv_uuid), "%s",
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

json_t *state_to_json(const struct state *state)
{
	json_t *targets = json_array();

	for (size_t i = 0; i < state->target_count; i++) {
		const struct remembered_target *t = &state->targets[i];
		json_t *disks = json_array();

		for (size_t d = 0; d < t->disk_count; d++)
			json_array_append_new(disks,
					      json_pack("{s:s, s:s}", "serial", t->disks[d].serial,
							"pv-uuid", t->disks[d].pv_uuid));
		json_array_append_new(targets,
				      json_pack("{s:s, s:s, s:s, s:o*, s:o*, s:s, s:o}", "name",
						t->name, "instance-id", t->instance_id, "phase",
						phase_name(t->phase), "lost",
						t->lost ? json_true() : NULL, "remains",
						t->remains ? json_true() : NULL, "group", t->group,
						"disks", disks));
	}
	return json_pack("{s:i, s:o}", "version", 1, "targets", targets);
}

static int disks_from_json(const json_t *json, struct remembered_target *t, struct error *err)
{
	const json_t *row;
	size_t i;

	if (json_array_size(json) > REMEMBERED_DISKS_MAX)
		return error_set(err, -EINVAL, "too many disks for %s", t->name);
	json_array_foreach(json, i, row)
	{
		const char *serial = json_string_value(json_object_get(row, "serial"));
		const char *pv_uuid = json_string_value(json_object_get(row, "pv-uuid"));

		if (!serial || !pv_uuid)
			return error_set(err, -EINVAL, "a disk of %s has no serial or pv-uuid",
					 t->name);
		snprintf(t->disks[i].serial, sizeof(t->disks[i].serial), "%s", serial);
		snprintf(t->disks[i].pv_uuid, sizeof(t->disks[i].pv_uuid), "%s", pv_uuid);
		t->disk_count++;
	}
	return 0;
}

static int target_from_json(const json_t *json, struct remembered_target *t, struct error *err)
{
	const char *name = json_string_value(json_object_get(json, "name"));
	const char *instance_id = json_string_value(json_object_get(json, "instance-id"));
	const char *phase = json_string_value(json_object_get(json, "phase"));
	const char *group = json_string_value(json_object_get(json, "group"));

	if (!name || !instance_id || !phase || !group)
		return error_set(err, -EINVAL, "a target lacks name, instance-id, phase or group");
	*t = (struct remembered_target){ .phase = phase_from_name(phase),
					 .lost = json_is_true(json_object_get(json, "lost")),
					 .remains =
						 json_is_true(json_object_get(json, "remains")) };
	snprintf(t->name, sizeof(t->name), "%s", name);
	snprintf(t->instance_id, sizeof(t->instance_id), "%s", instance_id);
	snprintf(t->group, sizeof(t->group), "%s", group);
	return disks_from_json(json_object_get(json, "disks"), t, err);
}

int state_from_json(const json_t *json, struct state *ret, struct error *err)
{
	const json_t *targets = json_object_get(json, "targets");
	const json_t *row;
	size_t i;

	if (json_integer_value(json_object_get(json, "version")) != 1 || !json_is_array(targets))
		return error_set(err, -EINVAL, "not a state of this version");
	if (json_array_size(targets) > REMEMBERED_TARGETS_MAX)
		return error_set(err, -EINVAL, "too many targets");
	*ret = (struct state){ 0 };
	json_array_foreach(targets, i, row)
	{
		int r = target_from_json(row, &ret->targets[ret->target_count], err);

		if (r < 0)
			return r;
		ret->target_count++;
	}
	return 0;
}
