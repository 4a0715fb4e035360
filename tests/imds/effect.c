// SPDX-License-Identifier: Apache-2.0
#include "effect.h"

#include "wire.h"

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum effect_value {
	VALUE_TRUE,    /* true, or the one word */
	VALUE_INTEGER, /* from minimum to maximum, or, where there is the one word "", any text */
	VALUE_TEXT,
};

struct effect {
	const char *name;
	void (*apply)(struct exchange *exchange, json_t *value);
	enum effect_stage stage;
	enum effect_value value;
	json_int_t minimum, maximum;
	const char *word;
};

static void cap_token_ttl(struct exchange *exchange, json_t *value)
{
	exchange->token_ttl_cap = json_integer_value(value);
}

/* An error page unless the rule brings a body; a success keeps the truthful body. */
static void answer_status(struct exchange *exchange, json_t *value)
{
	unsigned int status = (unsigned int)json_integer_value(value);

	if (status >= 300)
		answer_error(&exchange->answer, status);
	exchange->answer.status = status;
}

static void answer_body(struct exchange *exchange, json_t *value)
{
	answer_set_body(&exchange->answer, json_string_value(value), json_string_length(value));
}

static void answer_retry_after(struct exchange *exchange, json_t *value)
{
	answer_set_header(&exchange->answer, "Retry-After", "%lld",
			  (long long)json_integer_value(value));
}

static void answer_redirect(struct exchange *exchange, json_t *value)
{
	if (!json_object_get(exchange->rule, "status"))
		answer_error(&exchange->answer, 302);
	answer_set_header(&exchange->answer, "Location", "%s", json_string_value(value));
}

static void answer_oversize(struct exchange *exchange, json_t *value)
{
	answer_resize_body(&exchange->answer, (size_t)json_integer_value(value));
}

static void answer_chunked(struct exchange *exchange, json_t *value)
{
	exchange->answer.chunked = json_is_true(value);
}

/* Whether the token is fresh was a condition of the rule; here it only has its consequence. */
static void answer_fresh_token(struct exchange *exchange, json_t *value)
{
	(void)value;
	answer_error(&exchange->answer, 401);
}

static void delay(struct exchange *exchange, json_t *value)
{
	wire_wait(exchange, (int)json_integer_value(value));
}

/* As IMDS's own hop limit: packets that still have a router to pass die there, unanswered. */
static void limit_hops(struct exchange *exchange, json_t *value)
{
	int hops = (int)json_integer_value(value);

	setsockopt(exchange->socket, IPPROTO_IP, IP_TTL, &hops, sizeof(hops));
	setsockopt(exchange->socket, IPPROTO_IPV6, IPV6_UNICAST_HOPS, &hops, sizeof(hops));
}

/* Effects of one stage are applied in this order: a status makes the body that oversize then pads.
 */
static const struct effect effects[] = {
	{ "token_ttl", cap_token_ttl, EFFECT_TOKEN, VALUE_INTEGER, 1, 21600, NULL },
	{ "fresh_token_401_seconds", answer_fresh_token, EFFECT_ANSWER, VALUE_INTEGER, 1, 21600,
	  NULL },
	{ "status", answer_status, EFFECT_ANSWER, VALUE_INTEGER, 200, 599, NULL },
	{ "redirect", answer_redirect, EFFECT_ANSWER, VALUE_TEXT, 0, 0, NULL },
	{ "body", answer_body, EFFECT_ANSWER, VALUE_TEXT, 0, 0, NULL },
	{ "retry_after", answer_retry_after, EFFECT_ANSWER, VALUE_INTEGER, 0, 86400, NULL },
	{ "oversize", answer_oversize, EFFECT_ANSWER, VALUE_INTEGER, 1, 64 << 20, NULL },
	{ "chunked", answer_chunked, EFFECT_ANSWER, VALUE_TRUE, 0, 0, NULL },
	{ "hop_limit", limit_hops, EFFECT_DELAY, VALUE_INTEGER, 1, 255, NULL },
	{ "delay_ms", delay, EFFECT_DELAY, VALUE_INTEGER, 0, 600000, NULL },
	{ "reset", wire_reset, EFFECT_WIRE, VALUE_TRUE, 0, 0, NULL },
	{ "close", wire_close, EFFECT_WIRE, VALUE_TRUE, 0, 0, NULL },
	{ "hang", wire_hang, EFFECT_WIRE, VALUE_TRUE, 0, 0, NULL },
	{ "half", wire_half, EFFECT_WIRE, VALUE_TRUE, 0, 0, "reset" },
	{ "drip", wire_drip, EFFECT_WIRE, VALUE_TRUE, 0, 0, "all" },
	{ "drip_ms", NULL, EFFECT_PARAMETER, VALUE_INTEGER, 1, 60000, NULL },
	{ "content_length", wire_content_length, EFFECT_WIRE, VALUE_INTEGER, -(1LL << 40),
	  1LL << 40, "" },
	{ "endless_header", wire_endless_header, EFFECT_WIRE, VALUE_TRUE, 0, 0, "line" },
	{ "not_listening", NULL, EFFECT_LISTENER, VALUE_TRUE, 0, 0, NULL },
};

enum { EFFECT_COUNT = sizeof(effects) / sizeof(*effects) };

static const struct effect *effect_find(const char *name)
{
	for (int i = 0; i < EFFECT_COUNT; i++) {
		if (!strcmp(effects[i].name, name))
			return &effects[i];
	}
	return NULL;
}

int effect_stage_of(const char *name)
{
	const struct effect *effect = effect_find(name);

	return effect ? (int)effect->stage : -1;
}

static bool is_allowed(const struct effect *effect, json_t *value)
{
	const char *text = json_string_value(value);

	switch (effect->value) {
	case VALUE_TRUE:
		if (text)
			return effect->word && !strcmp(effect->word, text);
		return json_is_true(value);
	case VALUE_INTEGER:
		if (text)
			return effect->word != NULL;
		return json_is_integer(value) && json_integer_value(value) >= effect->minimum &&
		       json_integer_value(value) <= effect->maximum;
	case VALUE_TEXT:
		return text != NULL;
	}
	return false;
}

int effect_check(const char *name, json_t *value, struct problem *problem)
{
	const struct effect *effect = effect_find(name);

	if (!effect)
		return problem_set(problem, "unknown key %s", name);
	if (!is_allowed(effect, value))
		return problem_set(problem, "%s has a value it cannot have", name);
	return 0;
}

int effects_apply(struct exchange *exchange, enum effect_stage stage)
{
	int applied = 0;

	for (int i = 0; i < EFFECT_COUNT && !exchange->abandoned; i++) {
		json_t *value = json_object_get(exchange->rule, effects[i].name);

		if (!value || effects[i].stage != stage || !effects[i].apply)
			continue;
		effects[i].apply(exchange, value);
		applied++;
	}
	return applied;
}

char *effects_name(json_t *rule)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	const char *separator = "";

	if (!out)
		return NULL;
	for (int i = 0; i < EFFECT_COUNT; i++) {
		if (!json_object_get(rule, effects[i].name) || effects[i].stage == EFFECT_PARAMETER)
			continue;
		fprintf(out, "%s%s", separator, effects[i].name);
		separator = "+";
	}
	fclose(out);
	return text;
}
