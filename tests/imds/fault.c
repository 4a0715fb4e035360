// SPDX-License-Identifier: Apache-2.0
#include "fault.h"

#include "effect.h"
#include "imds.h"

#include <limits.h>
#include <string.h>

/* Thirty years: for ever, as tests go. */
enum { SECONDS_MAX = 1000000000 };

enum condition_type {
	CONDITION_TEXT,
	CONDITION_SECONDS,
	CONDITION_COUNT,
	CONDITION_ANY,
};

/* The keys that say which requests a rule is for; all others are effects. */
static const struct condition {
	const char *key;
	enum condition_type type;
} conditions[] = {
	{ "path", CONDITION_TEXT },   { "method", CONDITION_TEXT },  { "listen", CONDITION_TEXT },
	{ "since", CONDITION_TEXT },  { "from", CONDITION_SECONDS }, { "until", CONDITION_SECONDS },
	{ "after", CONDITION_COUNT }, { "times", CONDITION_COUNT },  { "comment", CONDITION_ANY },
};

static const struct condition *condition_find(const char *key)
{
	for (size_t i = 0; i < sizeof(conditions) / sizeof(*conditions); i++) {
		if (!strcmp(conditions[i].key, key))
			return &conditions[i];
	}
	return NULL;
}

static int condition_check(const struct condition *condition, json_t *value,
			   struct problem *problem)
{
	bool good = false;

	switch (condition->type) {
	case CONDITION_TEXT:
		good = json_is_string(value);
		break;
	case CONDITION_SECONDS:
		good = json_is_number(value) && json_number_value(value) >= 0 &&
		       json_number_value(value) <= SECONDS_MAX;
		break;
	case CONDITION_COUNT:
		good = json_is_integer(value) && json_integer_value(value) >= 0 &&
		       json_integer_value(value) <= INT_MAX;
		break;
	case CONDITION_ANY:
		good = true;
		break;
	}
	return good ? 0 : problem_set(problem, "%s has a value it cannot have", condition->key);
}

/* Every key is a good condition or a good effect, and the effects go together. */
static int keys_check(json_t *rule, struct problem *problem)
{
	int effects = 0, wires = 0;
	const char *key;
	json_t *value;

	json_object_foreach(rule, key, value)
	{
		const struct condition *condition = condition_find(key);
		int r = condition ? condition_check(condition, value, problem)
				  : effect_check(key, value, problem);

		if (r < 0)
			return -1;
		effects += !condition && effect_stage_of(key) != EFFECT_PARAMETER;
		wires += !condition && effect_stage_of(key) == EFFECT_WIRE;
	}
	if (effects == 0)
		return problem_set(problem, "it has no effect");
	if (wires > 1)
		return problem_set(problem, "it has more than one wire effect");
	if (json_object_get(rule, "drip_ms") && !json_object_get(rule, "drip"))
		return problem_set(problem, "drip_ms without drip");
	return 0;
}

static int since_parse(const char *text, enum fault_since *ret_since, struct problem *problem)
{
	if (!strcmp(text, "start"))
		*ret_since = SINCE_START;
	else if (!strcmp(text, "first-request"))
		*ret_since = SINCE_FIRST_REQUEST;
	else if (!strcmp(text, "load"))
		*ret_since = SINCE_LOAD;
	else
		return problem_set(problem, "since cannot be %s", text);
	return 0;
}

static int64_t milliseconds(json_t *rule, const char *key, double otherwise)
{
	json_t *value = json_object_get(rule, key);

	return (int64_t)((value ? json_number_value(value) : otherwise) * 1000);
}

static int count_of(json_t *rule, const char *key, int otherwise)
{
	json_t *value = json_object_get(rule, key);

	return value ? (int)json_integer_value(value) : otherwise;
}

/* A closed port sees no requests, so nothing about requests can be a condition. */
static int listener_rule_check(json_t *rule, struct problem *problem)
{
	const char *key;
	json_t *value;

	json_object_foreach(rule, key, value)
	{
		if (!strcmp(key, "path") || !strcmp(key, "method") || !strcmp(key, "after") ||
		    !strcmp(key, "times") ||
		    (!condition_find(key) && strcmp(key, "not_listening") != 0))
			return problem_set(problem, "not_listening excludes %s", key);
	}
	return 0;
}

static int rule_parse(json_t *source, struct fault_rule *rule, struct problem *problem)
{
	const char *since = json_string_value(json_object_get(source, "since"));

	if (!json_is_object(source))
		return problem_set(problem, "it is not an object");
	if (keys_check(source, problem) < 0)
		return -1;
	*rule = (struct fault_rule){
		.rule = source,
		.path = json_string_value(json_object_get(source, "path")),
		.method = json_string_value(json_object_get(source, "method")),
		.listen = json_string_value(json_object_get(source, "listen")),
		.from_ms = milliseconds(source, "from", 0),
		.until_ms = milliseconds(source, "until", SECONDS_MAX),
		.fresh_ms = milliseconds(source, "fresh_token_401_seconds", 0),
		.after = count_of(source, "after", 0),
		.times = count_of(source, "times", -1),
		.not_listening = json_object_get(source, "not_listening") != NULL,
	};
	if (rule->times == 0 || rule->until_ms <= rule->from_ms)
		return problem_set(problem, "it never applies");
	if (since && since_parse(since, &rule->since, problem) < 0)
		return -1;
	if (rule->not_listening)
		return listener_rule_check(source, problem);
	if (!rule->path)
		return problem_set(problem, "it has no path");
	return 0;
}

int faults_parse(json_t *source, struct fault_list *faults, struct problem *problem)
{
	size_t i;
	json_t *rule;

	*faults = (struct fault_list){ 0 };
	if (json_array_size(source) > FAULTS_MAX)
		return problem_set(problem, "more than %d faults", FAULTS_MAX);
	json_array_foreach(source, i, rule)
	{
		struct problem detail;

		if (rule_parse(rule, &faults->rules[i], &detail) < 0)
			return problem_set(problem, "fault %zu: %.200s", i + 1, detail.text);
	}
	faults->source = json_incref(source);
	faults->count = json_array_size(source);
	return 0;
}

static bool is_due(const struct fault_rule *rule, const struct fault_clock *clock)
{
	int64_t elapsed = clock->now_ms;

	switch (rule->since) {
	case SINCE_START:
		break;
	case SINCE_FIRST_REQUEST:
		if (clock->first_request_ms < 0)
			return false;
		elapsed -= clock->first_request_ms;
		break;
	case SINCE_LOAD:
		elapsed -= clock->load_ms;
		break;
	}
	return elapsed >= rule->from_ms && elapsed < rule->until_ms;
}

static bool text_matches(const char *pattern, const char *text)
{
	size_t length = strlen(pattern);

	if (length > 0 && pattern[length - 1] == '*')
		return !strncmp(pattern, text, length - 1);
	return !strcmp(pattern, text);
}

/* A pattern without leading slash is for the path below whatever version was asked. */
static bool path_matches(const char *pattern, const char *path)
{
	const char *below;

	if (!strcmp(pattern, "*"))
		return true;
	if (!strcmp(pattern, "token"))
		return !strcmp(path, IMDS_TOKEN_PATH);
	if (*pattern == '/')
		return text_matches(pattern, path);
	below = imds_below_version(path);
	return below && text_matches(pattern, below);
}

/* "[::1]:80" is met by itself, and by "[::1]". */
static bool listen_matches(const char *pattern, const char *listen)
{
	size_t length = strlen(pattern);

	if (strncmp(listen, pattern, length) != 0)
		return false;
	return listen[length] == '\0' ||
	       (listen[length] == ':' && !strchr(listen + length + 1, ':'));
}

static bool rule_matches(const struct fault_rule *rule, const struct request *request)
{
	if (!path_matches(rule->path, request->path))
		return false;
	if (rule->method && strcmp(rule->method, request->method) != 0)
		return false;
	if (rule->listen && !listen_matches(rule->listen, request->listen))
		return false;
	if (rule->fresh_ms == 0)
		return true;
	return request->verdict.state == TOKEN_VALID && request->verdict.age_ms < rule->fresh_ms;
}

json_t *faults_match(struct fault_list *faults, const struct request *request,
		     const struct fault_clock *clock)
{
	for (size_t i = 0; i < faults->count; i++) {
		struct fault_rule *rule = &faults->rules[i];

		if (rule->not_listening || !is_due(rule, clock) || !rule_matches(rule, request))
			continue;
		/* Neither count runs away: seen stops at after, hits at times. */
		if (rule->seen < rule->after) {
			rule->seen++;
			continue;
		}
		if (rule->times >= 0) {
			if (rule->hits >= rule->times)
				continue;
			rule->hits++;
		}
		return json_incref(rule->rule);
	}
	return NULL;
}

bool faults_close(const struct fault_list *faults, const char *listen,
		  const struct fault_clock *clock)
{
	for (size_t i = 0; i < faults->count; i++) {
		const struct fault_rule *rule = &faults->rules[i];

		if (rule->not_listening && is_due(rule, clock) &&
		    (!rule->listen || listen_matches(rule->listen, listen)))
			return true;
	}
	return false;
}

void faults_done(struct fault_list *faults)
{
	json_decref(faults->source);
	*faults = (struct fault_list){ 0 };
}
