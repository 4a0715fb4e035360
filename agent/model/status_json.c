/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cleanup.h"
#include "model/fields.h"
#include "model/status.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* More than any run can have: see status_take_outcome() and join_refusal() in plan.c. */
#define OUTCOMES_MAX 8192
#define REFUSALS_MAX 8192

/* 285 years in microseconds: sums and differences of such times are numbers still. */
#define USEC_MAX (1ULL << 53)

static const char *action_row(unsigned row)
{
	return row < ACTION_KIND_MAX ? action_kind_name((enum action_kind)row) : NULL;
}

static const char *outcome_row(unsigned row)
{
	return row < OUTCOME_KIND_MAX ? outcome_kind_name((enum outcome_kind)row) : NULL;
}

static const char *refusal_row(unsigned row)
{
	return row < REFUSAL_CODE_MAX ? refusal_code_name((enum refusal_code)row) : NULL;
}

static const char *verdict_row(unsigned row)
{
	return row < VERDICT_MAX ? verdict_name((enum verdict)row) : NULL;
}

static const struct field standing_fields[] = {
	{ "name", FIELD_TEXT, FIELD_AT(struct standing, name), .required = true },
	{ "device", FIELD_STRING, FIELD_AT(struct standing, device), .required = true },
	{ "mount-point", FIELD_TEXT, FIELD_AT(struct standing, mount_point), .required = true },
	{ "mounted", FIELD_BOOL, FIELD_AT(struct standing, mounted), .required = true },
	{ 0 },
};

static const struct field refusal_fields[] = {
	{ "code", FIELD_NAME, FIELD_AT(struct refusal, code), .required = true,
	  .name = refusal_row },
	{ "target", FIELD_TEXT, FIELD_AT(struct refusal, target) },
	{ "found", FIELD_TEXT, FIELD_AT(struct refusal, text) },
	{ "fix", FIELD_TEXT, FIELD_AT(struct refusal, fix) },
	{ 0 },
};

static const struct field problem_fields[] = {
	{ "source", FIELD_TEXT, FIELD_AT(struct problem, origin.name), .required = true },
	{ "text", FIELD_TEXT, FIELD_AT(struct problem, text), .required = true },
	{ "line", FIELD_NUMBER, FIELD_AT(struct problem, origin.line) },
	{ "column", FIELD_NUMBER, FIELD_AT(struct problem, origin.column) },
	{ 0 },
};

static const struct field outcome_fields[] = {
	{ "action", FIELD_NAME, FIELD_AT(struct outcome, action), .required = true,
	  .name = action_row },
	{ "what", FIELD_TEXT, FIELD_AT(struct outcome, what), .required = true },
	{ "result", FIELD_NAME, FIELD_AT(struct outcome, kind), .required = true,
	  .name = outcome_row },
	{ "target", FIELD_TEXT, FIELD_AT(struct outcome, target) },
	{ "text", FIELD_TEXT, FIELD_AT(struct outcome, text) },
	{ "errno", FIELD_NUMBER, FIELD_AT(struct outcome, code), .most = INT32_MAX },
	{ "retries", FIELD_NUMBER, FIELD_AT(struct outcome, retries) },
	{ "start-usec", FIELD_NUMBER, FIELD_AT(struct outcome, started_usec), .required = true,
	  .most = USEC_MAX },
	{ "end-usec", FIELD_NUMBER, FIELD_AT(struct outcome, ended_usec), .required = true,
	  .most = USEC_MAX },
	{ "tool-usec", FIELD_NUMBER, FIELD_AT(struct outcome, tool_usec), .required = true,
	  .most = USEC_MAX },
	{ "chain-usec", FIELD_NUMBER, FIELD_AT(struct outcome, chain_usec), .required = true,
	  .most = USEC_MAX },
	{ 0 },
};

static const struct field mark_fields[] = {
	{ "what", FIELD_TEXT, FIELD_AT(struct mark, what), .required = true },
	{ "start-usec", FIELD_NUMBER, FIELD_AT(struct mark, started_usec), .required = true,
	  .most = USEC_MAX },
	{ "end-usec", FIELD_NUMBER, FIELD_AT(struct mark, ended_usec), .required = true,
	  .most = USEC_MAX },
	{ 0 },
};

static const struct field status_fields[] = {
	{ "verdict", FIELD_NAME, FIELD_AT(struct status, verdict), .required = true,
	  .name = verdict_row },
	{ "sentence", FIELD_TEXT, FIELD_AT(struct status, sentence), .required = true },
	{ "instance-id", FIELD_TEXT, FIELD_AT(struct status, instance_id), .required = true },
	{ "boot-id", FIELD_TEXT, FIELD_AT(struct status, boot_id), .required = true },
	{ "roles", FIELD_TEXT, FIELD_AT(struct status, roles), .required = true },
	{ "tags", FIELD_WORDS, FIELD_AT(struct status, tags) },
	{ "fsname", FIELD_TEXT, FIELD_AT(struct status, fsname), .required = true },
	{ "targets", FIELD_ARRAY, FIELD_AT(struct status, standings), .required = true,
	  .fields = standing_fields, .item_size = sizeof(struct standing),
	  .count = offsetof(struct status, standing_count), .capacity = STANDINGS_MAX },
	{ "refusals", FIELD_LIST, FIELD_AT(struct status, refusals), .required = true,
	  .fields = refusal_fields, .item_size = sizeof(struct refusal),
	  .count = offsetof(struct status, refusal_count), .capacity = REFUSALS_MAX },
	{ "problems", FIELD_ARRAY, FIELD_AT(struct status, problems.items), .required = true,
	  .fields = problem_fields, .item_size = sizeof(struct problem),
	  .count = offsetof(struct status, problems.count), .capacity = PROBLEMS_MAX },
	{ "network", FIELD_WORDS, FIELD_AT(struct status, network) },
	{ "nids", FIELD_WORDS, FIELD_AT(struct status, nids) },
	{ "mgs-nids", FIELD_WORDS, FIELD_AT(struct status, mgs_nids) },
	{ "notes", FIELD_WORDS, FIELD_AT(struct status, notes), .required = true },
	{ "marks", FIELD_ARRAY, FIELD_AT(struct status, marks.items), .fields = mark_fields,
	  .item_size = sizeof(struct mark), .count = offsetof(struct status, marks.count),
	  .capacity = MARKS_MAX },
	{ "actions", FIELD_LIST, FIELD_AT(struct status, outcomes), .required = true,
	  .fields = outcome_fields, .item_size = sizeof(struct outcome),
	  .count = offsetof(struct status, outcome_count), .capacity = OUTCOMES_MAX },
	{ "started-usec", FIELD_NUMBER, FIELD_AT(struct status, started_usec), .required = true,
	  .most = USEC_MAX },
	{ "ended-usec", FIELD_NUMBER, FIELD_AT(struct status, ended_usec), .required = true,
	  .most = USEC_MAX },
	{ "observed-usec", FIELD_NUMBER, FIELD_AT(struct status, observed_usec), .required = true,
	  .most = USEC_MAX },
	{ "imds-requests", FIELD_NUMBER, FIELD_AT(struct status, imds_requests), .required = true },
	{ "peak-memory", FIELD_NUMBER, FIELD_AT(struct status, peak_memory), .required = true },
	{ 0 },
};

static uint64_t since(uint64_t start, uint64_t usec)
{
	return usec > start ? usec - start : 0;
}

/* A new copy of the outcomes, with times that count from the start of apply. */
static struct outcome *copy_outcomes(const struct status *status)
{
	struct outcome *outcomes = calloc(status->outcome_count + 1, sizeof(*outcomes));

	for (size_t i = 0; outcomes && i < status->outcome_count; i++) {
		outcomes[i] = status->outcomes[i];
		outcomes[i].started_usec = since(status->started_usec, outcomes[i].started_usec);
		outcomes[i].ended_usec = since(status->started_usec, outcomes[i].ended_usec);
	}
	return outcomes;
}

/* All times but its own count from the start of apply. */
static void count_from_start(struct marks *marks, uint64_t start)
{
	for (size_t i = 0; i < marks->count; i++) {
		marks->items[i].started_usec = since(start, marks->items[i].started_usec);
		marks->items[i].ended_usec = since(start, marks->items[i].ended_usec);
	}
}

json_t *status_to_json(const struct status *status)
{
	cleanup(free_pointer) struct status *copy = malloc(sizeof(*copy));
	cleanup(free_pointer) struct outcome *outcomes = copy_outcomes(status);

	if (!copy || !outcomes)
		return NULL;
	*copy = *status;
	copy->outcomes = outcomes;
	count_from_start(&copy->marks, status->started_usec);
	return fields_to_json(status_fields, copy);
}

int status_from_json(const json_t *json, struct status *ret, struct error *err)
{
	int r;

	*ret = (struct status){ 0 };
	r = fields_from_json(status_fields, json, ret, err);
	for (size_t i = 0; r == 0 && i < ret->outcome_count; i++) {
		struct outcome *outcome = &ret->outcomes[i];

		outcome->started_usec += ret->started_usec;
		outcome->ended_usec += ret->started_usec;
	}
	for (size_t i = 0; r == 0 && i < ret->marks.count; i++) {
		ret->marks.items[i].started_usec += ret->started_usec;
		ret->marks.items[i].ended_usec += ret->started_usec;
	}
	if (r < 0)
		status_done(ret);
	return r;
}
