/* SPDX-License-Identifier: Apache-2.0 */
#include "ask/imds/notice_keys.h"

#include "base/cleanup.h"
#include "base/text.h"
#include "base/utc.h"

#include <string.h>

#define LOWER  "abcdefghijklmnopqrstuvwxyz"
#define UPPER  "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"

static json_t *load(const char *body, size_t size)
{
	return json_loadb(body, size, JSON_REJECT_DUPLICATES, /* error= */ NULL);
}

/* A time that must be there; EC2 writes each key in a form of its own. */
static bool take_time(const json_t *object, const char *key,
		      bool (*parse)(const char *, uint64_t *), uint64_t *ret)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text && parse(text, ret);
}

/* A text of these characters alone, that must be there and fit. */
static bool take_name(const json_t *object, const char *key, const char *characters, char *ret,
		      size_t size)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text && text[0] != '\0' && strspn(text, characters) == strlen(text) &&
	       text_format(ret, size, "%s", text) == 0;
}

static bool take_action(const json_t *object, enum notice_kind *ret)
{
	static const enum notice_kind actions[] = { NOTICE_TERMINATE, NOTICE_STOP,
						    NOTICE_HIBERNATE };
	const char *action = json_string_value(json_object_get(object, "action"));

	for (size_t i = 0; action && i < sizeof(actions) / sizeof(actions[0]); i++)
		if (strcmp(action, notice_kind_name(actions[i])) == 0) {
			*ret = actions[i];
			return true;
		}
	return false;
}

static void add(struct notices *notices, const struct notice *notice)
{
	notices->items[notices->count++] = *notice;
}

bool imds_take_spot_action(const char *body, size_t size, struct notices *ret)
{
	cleanup(json_decrefp) json_t *json = load(body, size);
	struct notice notice = { 0 };

	*ret = (struct notices){ 0 };
	if (!take_action(json, &notice.kind) ||
	    !take_time(json, "time", utc_parse, &notice.when_sec))
		return false;
	add(ret, &notice);
	return true;
}

bool imds_take_rebalance(const char *body, size_t size, struct notices *ret)
{
	cleanup(json_decrefp) json_t *json = load(body, size);
	struct notice notice = { .kind = NOTICE_REBALANCE };

	*ret = (struct notices){ 0 };
	if (!take_time(json, "noticeTime", utc_parse, &notice.when_sec))
		return false;
	add(ret, &notice);
	return true;
}

/* *ret_lasts: it is still to come, or under way. */
static bool take_event(const json_t *object, struct notice *ret, bool *ret_lasts)
{
	char state[16];

	*ret = (struct notice){ .kind = NOTICE_MAINTENANCE };
	if (!take_name(object, "Code", LOWER "-", ret->code, sizeof(ret->code)) ||
	    !take_name(object, "EventId", LOWER UPPER DIGITS "-", ret->id, sizeof(ret->id)) ||
	    !take_name(object, "State", LOWER, state, sizeof(state)) ||
	    !take_time(object, "NotBefore", utc_parse_http, &ret->when_sec))
		return false;
	*ret_lasts = strcmp(state, "completed") != 0 && strcmp(state, "canceled") != 0;
	return !json_object_get(object, "NotAfter") ||
	       take_time(object, "NotAfter", utc_parse_http, &ret->until_sec);
}

bool imds_take_maintenance(const char *body, size_t size, struct notices *ret)
{
	cleanup(json_decrefp) json_t *json = load(body, size);

	*ret = (struct notices){ 0 };
	if (!json_is_array(json))
		return false;
	for (size_t i = 0; i < json_array_size(json); i++) {
		struct notice notice;
		bool lasts;

		if (!take_event(json_array_get(json, i), &notice, &lasts))
			return false;
		if (lasts && ret->count == NOTICES_MAX)
			return false;
		if (lasts)
			add(ret, &notice);
	}
	return true;
}
