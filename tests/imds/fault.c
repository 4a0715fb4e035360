// SPDX-License-Identifier: Apache-2.0
#include "fault.h"

#include "effect.h"
#include "imds.h"

#include <string.h>

/* The keys that say which requests a rule is for; all others are effects. */
static const char *const conditions[] = {
	"path", "method", "listen", "from", "until", "since", "after", "times", "comment",
};

static bool is_condition(const char *key)
{
	for (size_t i = 0; i < sizeof(conditions) / sizeof(*conditions); i++) {
		if (!strcmp(conditions[i], key))
			return true;
	}
	return false;
}

static int effects_check(json_t *rule, struct problem *problem)
{
	int effects = 0, wires = 0;
	const char *key;
	json_t *value;

	json_object_foreach(rule, key, value)
	{
		if (is_condition(key))
			continue;
		if (effect_check(key, value, problem) < 0)
			return -1;
		if (effect_stage_of(key) != EFFECT_PARAMETER)
			effects++;
		if (effect_stage_of(key) == EFFECT_WIRE)
			wires++;
	}
	if (effects == 0)
		return problem_set(problem, "a fault without an effect");
	if (wires > 1)
		return problem_set(problem, "a fault with more than one wire effect");
	if (json_object_get(rule, "drip_ms") && !json_object_get(rule, "drip"))
		return problem_set(problem, "a fault with drip_ms but without drip");
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
		return problem_set(problem, "fault: since cannot be %s", text);
	return 0;
}

static int window_parse(struct fault_rule *rule, struct problem *problem)
{
	double from = 0, until = 1e9;
	const char *since = "start";
	json_error_t error;

	if (json_unpack_ex(rule->rule, &error, 0, "{s?F s?F s?s}", "from", &from, "until", &until,
			   "since", &since) < 0)
		return problem_set(problem, "fault: %s", error.text);
	if (from < 0 || until > 1e9 || until <= from)
		return problem_set(problem, "fault: from and until are no window");
	rule->from_ms = (int64_t)(from * 1000);
	rule->until_ms = (int64_t)(until * 1000);
	return since_parse(since, &rule->since, problem);
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
		    (!is_condition(key) && strcmp(key, "not_listening") != 0))
			return problem_set(problem, "fault: not_listening excludes %s", key);
	}
	return 0;
}

static int rule_parse(json_t *source, struct fault_rule *rule, struct problem *problem)
{
	json_error_t error;

	*rule = (struct fault_rule){ .rule = source, .times = -1 };
	if (json_unpack_ex(source, &error, 0, "{s?s s?s s?s s?i s?i}", "path", &rule->path,
			   "method", &rule->method, "listen", &rule->listen, "after", &rule->after,
			   "times", &rule->times) < 0)
		return problem_set(problem, "fault: %s", error.text);
	if (rule->after < 0 || (json_object_get(source, "times") && rule->times < 1))
		return problem_set(problem, "fault: after and times must count something");
	if (window_parse(rule, problem) < 0 || effects_check(source, problem) < 0)
		return -1;
	rule->fresh_ms =
		json_integer_value(json_object_get(source, "fresh_token_401_seconds")) * 1000;
	rule->not_listening = json_object_get(source, "not_listening") != NULL;
	if (rule->not_listening)
		return listener_rule_check(source, problem);
	if (!rule->path)
		return problem_set(problem, "a fault without a path");
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
		if (rule_parse(rule, &faults->rules[i], problem) < 0)
			return -1;
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
