/* SPDX-License-Identifier: Apache-2.0 */
#include "model/status.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OUTCOMES_MAX 1024
#define REFUSALS_MAX 256

static json_t *outcome_to_json(const struct outcome *outcome, uint64_t start)
{
	json_t *json = json_object();

	json_object_set_new(json, "action", json_string(action_kind_name(outcome->action)));
	json_object_set_new(json, "what", json_string(outcome->what));
	json_object_set_new(json, "result", json_string(outcome_kind_name(outcome->kind)));
	if (outcome->target[0] != '\0')
		json_object_set_new(json, "target", json_string(outcome->target));
	if (outcome->text[0] != '\0')
		json_object_set_new(json, "text", json_string(outcome->text));
	if (outcome->code != 0)
		json_object_set_new(json, "errno", json_integer(outcome->code));
	json_object_set_new(json, "start-usec",
			    json_integer((json_int_t)(outcome->started_usec - start)));
	json_object_set_new(json, "end-usec",
			    json_integer((json_int_t)(outcome->ended_usec - start)));
	json_object_set_new(json, "tool-usec", json_integer((json_int_t)outcome->tool_usec));
	json_object_set_new(json, "chain-usec", json_integer((json_int_t)outcome->chain_usec));
	return json;
}

static json_t *standings_to_json(const struct status *status)
{
	json_t *array = json_array();

	for (size_t i = 0; i < status->standing_count; i++) {
		const struct standing *s = &status->standings[i];

		json_array_append_new(array, json_pack("{s:s, s:s, s:s, s:b}", "name", s->name,
						       "device", s->device, "mount-point",
						       s->mount_point, "mounted", s->mounted));
	}
	return array;
}

json_t *status_to_json(const struct status *status)
{
	json_t *outcomes = json_array(), *refusals = json_array();

	for (size_t i = 0; i < status->outcome_count; i++)
		json_array_append_new(outcomes,
				      outcome_to_json(&status->outcomes[i], status->started_usec));
	for (size_t i = 0; i < status->refusal_count; i++)
		json_array_append_new(refusals, refusal_to_json(&status->refusals[i]));
	return json_pack(
		"{s:s, s:s, s:s, s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:I, s:I, s:I, s:i, s:I}",
		"verdict", verdict_name(status->verdict), "sentence", status->sentence,
		"instance-id", status->instance_id, "boot-id", status->boot_id, "roles",
		status->roles, "fsname", status->fsname, "targets", standings_to_json(status),
		"refusals", refusals, "problems", problems_to_json(&status->problems), "notes",
		words_to_json(&status->notes), "actions", outcomes, "started-usec",
		(json_int_t)status->started_usec, "ended-usec", (json_int_t)status->ended_usec,
		"observed-usec", (json_int_t)status->observed_usec, "imds-requests",
		(int)status->imds_requests, "peak-memory", (json_int_t)status->peak_memory);
}

/* Copies a string member into a bounded text; an absent one gives "". */
static void get_text(const json_t *json, const char *key, char *text, size_t size)
{
	const char *value = json_string_value(json_object_get(json, key));

	snprintf(text, size, "%s", value ? value : "");
}

static uint64_t get_number(const json_t *json, const char *key)
{
	json_int_t value = json_integer_value(json_object_get(json, key));

	return value > 0 ? (uint64_t)value : 0;
}

/* The row of a name in a table of names; -EINVAL when no row has it. */
static int row_of(const char *name, const char *(*name_of)(unsigned), unsigned count)
{
	for (unsigned i = 0; name && i < count; i++)
		if (strcmp(name_of(i), name) == 0)
			return (int)i;
	return -EINVAL;
}

static const char *verdict_row(unsigned row)
{
	return verdict_name((enum verdict)row);
}

static const char *outcome_row(unsigned row)
{
	return outcome_kind_name((enum outcome_kind)row);
}

static int outcome_from_json(const json_t *json, uint64_t start, struct status *status)
{
	const char *action = json_string_value(json_object_get(json, "action"));
	int kind = row_of(json_string_value(json_object_get(json, "result")), outcome_row,
			  OUTCOME_KIND_MAX);
	struct outcome *outcome = status_add_outcome(status);

	if (!outcome)
		return -ENOMEM;
	if (kind < 0 || !action || !action_kind_from_name(action, &outcome->action))
		return -EINVAL;
	outcome->kind = (enum outcome_kind)kind;
	get_text(json, "what", outcome->what, sizeof(outcome->what));
	get_text(json, "target", outcome->target, sizeof(outcome->target));
	get_text(json, "text", outcome->text, sizeof(outcome->text));
	outcome->code = (int)json_integer_value(json_object_get(json, "errno"));
	outcome->started_usec = start + get_number(json, "start-usec");
	outcome->ended_usec = start + get_number(json, "end-usec");
	outcome->tool_usec = get_number(json, "tool-usec");
	outcome->chain_usec = get_number(json, "chain-usec");
	return 0;
}

static int refusals_from_json(const json_t *json, struct status *status)
{
	const json_t *row;
	size_t i;

	if (json_array_size(json) == 0)
		return 0;
	if (json_array_size(json) > REFUSALS_MAX)
		return -EINVAL;
	status->refusals = calloc(json_array_size(json), sizeof(*status->refusals));
	if (!status->refusals)
		return -ENOMEM;
	json_array_foreach(json, i, row)
	{
		struct refusal *refusal = &status->refusals[status->refusal_count++];
		const char *code = json_string_value(json_object_get(row, "code"));

		if (!code || !refusal_code_from_name(code, &refusal->code))
			return -EINVAL;
		get_text(row, "target", refusal->target, sizeof(refusal->target));
		get_text(row, "found", refusal->text, sizeof(refusal->text));
		get_text(row, "fix", refusal->fix, sizeof(refusal->fix));
	}
	return 0;
}

static void lists_from_json(const json_t *json, struct status *status)
{
	const json_t *row;
	size_t i;

	json_array_foreach(json_object_get(json, "targets"), i, row)
	{
		struct standing *s;

		if (status->standing_count == STANDINGS_MAX)
			break;
		s = &status->standings[status->standing_count++];
		get_text(row, "name", s->name, sizeof(s->name));
		get_text(row, "device", s->device, sizeof(s->device));
		get_text(row, "mount-point", s->mount_point, sizeof(s->mount_point));
		s->mounted = json_is_true(json_object_get(row, "mounted"));
	}
	json_array_foreach(json_object_get(json, "problems"), i, row)
	{
		struct origin origin = { 0 };

		get_text(row, "source", origin.name, sizeof(origin.name));
		origin.line = (unsigned)get_number(row, "line");
		origin.column = (unsigned)get_number(row, "column");
		problems_add(&status->problems, &origin, "%s",
			     json_string_value(json_object_get(row, "text")) ?: "");
	}
}

int status_from_json(const json_t *json, struct status *ret, struct error *err)
{
	const json_t *outcomes = json_object_get(json, "actions");
	int verdict = row_of(json_string_value(json_object_get(json, "verdict")), verdict_row,
			     VERDICT_MAX);
	const json_t *row;
	size_t i;
	int r = 0;

	if (verdict < 0 || json_array_size(outcomes) > OUTCOMES_MAX)
		return error_set(err, -EINVAL, "not a status of this version");
	*ret = (struct status){ .verdict = (enum verdict)verdict };
	get_text(json, "sentence", ret->sentence, sizeof(ret->sentence));
	get_text(json, "instance-id", ret->instance_id, sizeof(ret->instance_id));
	get_text(json, "boot-id", ret->boot_id, sizeof(ret->boot_id));
	get_text(json, "roles", ret->roles, sizeof(ret->roles));
	get_text(json, "fsname", ret->fsname, sizeof(ret->fsname));
	ret->started_usec = get_number(json, "started-usec");
	ret->ended_usec = get_number(json, "ended-usec");
	ret->observed_usec = get_number(json, "observed-usec");
	ret->imds_requests = (unsigned)get_number(json, "imds-requests");
	ret->peak_memory = get_number(json, "peak-memory");
	lists_from_json(json, ret);
	json_array_foreach(outcomes, i, row)
	{
		if (r == 0)
			r = outcome_from_json(row, ret->started_usec, ret);
	}
	if (r == 0)
		r = refusals_from_json(json_object_get(json, "refusals"), ret);
	if (r < 0) {
		status_done(ret);
		return error_set(err, r, "an action or a refusal in it is not understood");
	}
	return 0;
}
