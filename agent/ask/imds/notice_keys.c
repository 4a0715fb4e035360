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

/* A time; EC2 writes each key in a form of its own. 0 for one that is not understood. */
static uint64_t time_of(const json_t *object, const char *key,
			bool (*parse)(const char *, uint64_t *))
{
	const char *text = json_string_value(json_object_get(object, key));
	uint64_t sec;

	return text && parse(text, &sec) ? sec : 0;
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

bool imds_take_spot_action(const char *body, size_t size, struct notices *ret)
{
	cleanup(json_decrefp) json_t *json = load(body, size);
	struct notice notice = { 0 };

	*ret = (struct notices){ 0 };
	if (!take_action(json, &notice.kind))
		return false;
	notice.when_sec = time_of(json, "time", utc_parse);
	notices_add(ret, &notice);
	return true;
}

bool imds_take_rebalance(const char *body, size_t size, struct notices *ret)
{
	cleanup(json_decrefp) json_t *json = load(body, size);
	struct notice notice = { .kind = NOTICE_REBALANCE };

	*ret = (struct notices){ 0 };
	if (!json_object_get(json, "noticeTime"))
		return false;
	notice.when_sec = time_of(json, "noticeTime", utc_parse);
	notices_add(ret, &notice);
	return true;
}

/* It is still to come, or under way, as far as is known. */
static bool lasts(const json_t *object)
{
	const char *state = json_string_value(json_object_get(object, "State"));

	return !state || (strcmp(state, "completed") != 0 && strcmp(state, "canceled") != 0);
}

/* As much of it as is understood; without its state it is not known what to make of its code. */
static struct notice take_event(const json_t *object)
{
	struct notice notice = { .kind = NOTICE_MAINTENANCE };
	char state[16];

	if (!take_name(object, "State", LOWER, state, sizeof(state)) ||
	    !take_name(object, "Code", LOWER "-", notice.code, sizeof(notice.code)))
		notice.code[0] = '\0';
	if (!take_name(object, "EventId", LOWER UPPER DIGITS "-", notice.id, sizeof(notice.id)))
		notice.id[0] = '\0';
	notice.when_sec = time_of(object, "NotBefore", utc_parse_http);
	notice.until_sec = time_of(object, "NotAfter", utc_parse_http);
	return notice;
}

bool imds_take_maintenance(const char *body, size_t size, struct notices *ret)
{
	cleanup(json_decrefp) json_t *json = load(body, size);

	*ret = (struct notices){ 0 };
	if (!json_is_array(json))
		return false;
	for (size_t i = 0; i < json_array_size(json); i++) {
		const json_t *event = json_array_get(json, i);
		struct notice notice = take_event(event);

		if (lasts(event))
			notices_add(ret, &notice);
	}
	return true;
}
