/* SPDX-License-Identifier: Apache-2.0 */
#include "model/notice.h"

#include "base/text.h"
#include "base/utc.h"
#include "model/watch_fields.h"

#include <string.h>

static const char *const kinds[NOTICE_KIND_MAX] = {
	[NOTICE_TERMINATE] = "terminate",     [NOTICE_STOP] = "stop",
	[NOTICE_HIBERNATE] = "hibernate",     [NOTICE_REBALANCE] = "rebalance",
	[NOTICE_MAINTENANCE] = "maintenance",
};

const char *notice_kind_name(enum notice_kind kind)
{
	return kinds[kind];
}

static const char *kind_row(unsigned row)
{
	return row < NOTICE_KIND_MAX ? kinds[row] : NULL;
}

const struct field notice_fields[] = {
	{ "kind", FIELD_NAME, FIELD_AT(struct notice, kind), .required = true, .name = kind_row },
	{ "id", FIELD_TEXT, FIELD_AT(struct notice, id) },
	{ "code", FIELD_TEXT, FIELD_AT(struct notice, code) },
	{ "when", FIELD_NUMBER, FIELD_AT(struct notice, when_sec), .most = UTC_SEC_MAX },
	{ "until", FIELD_NUMBER, FIELD_AT(struct notice, until_sec), .most = UTC_SEC_MAX },
	{ 0 },
};

const struct field notice_heard_fields[] = {
	{ "wall", FIELD_NUMBER, FIELD_AT(struct notice_heard, wall_sec), .most = UTC_SEC_MAX },
	{ "boot", FIELD_NUMBER, FIELD_AT(struct notice_heard, boot_sec), .most = UTC_SEC_MAX },
	{ "service", FIELD_NUMBER, FIELD_AT(struct notice_heard, service_sec),
	  .most = UTC_SEC_MAX },
	{ "was-due", FIELD_BOOL, FIELD_AT(struct notice_heard, was_due) },
	{ 0 },
};

json_t *notice_to_json(const struct notice *notice)
{
	return fields_to_json(notice_fields, notice);
}

int notice_from_json(const json_t *json, struct notice *ret, struct error *err)
{
	*ret = (struct notice){ 0 };
	return fields_from_json(notice_fields, json, ret, err);
}

bool notice_is_same(const struct notice *one, const struct notice *other)
{
	return one->kind == other->kind && strcmp(one->id, other->id) == 0 &&
	       strcmp(one->code, other->code) == 0 && one->when_sec == other->when_sec &&
	       one->until_sec == other->until_sec;
}

bool notice_is_end(const struct notice *notice)
{
	switch (notice->kind) {
	case NOTICE_TERMINATE:
	case NOTICE_STOP:
	case NOTICE_HIBERNATE:
		return true;
	case NOTICE_MAINTENANCE:
		return strcmp(notice->code, "instance-stop") == 0 ||
		       strcmp(notice->code, "instance-retirement") == 0;
	case NOTICE_REBALANCE:
	case NOTICE_KIND_MAX:
		break;
	}
	return false;
}

/* A spot notice may have seconds; of a maintenance it counts whether the instance ends with it. */
static int weight_of(const struct notice *notice)
{
	if (!notice_is_end(notice))
		return 0;
	return notice->kind == NOTICE_MAINTENANCE ? 1 : 2;
}

/* A time that is not understood is behind all others. */
bool notice_comes_before(const struct notice *one, const struct notice *other)
{
	const int weight = weight_of(one), other_weight = weight_of(other);

	if (weight != other_weight)
		return weight > other_weight;
	return one->when_sec - 1 < other->when_sec - 1;
}

bool notices_contain(const struct notices *notices, const struct notice *notice)
{
	for (size_t i = 0; i < notices->count; i++)
		if (notice_is_same(&notices->items[i], notice))
			return true;
	return false;
}

void notices_add(struct notices *notices, const struct notice *notice)
{
	size_t at = notices->count;

	if (notices_contain(notices, notice))
		return;
	while (at > 0 && notice_comes_before(notice, &notices->items[at - 1]))
		at--;
	if (notices->count == NOTICES_MAX)
		notices->left_out++;
	else
		notices->count++;
	for (size_t i = notices->count - 1; at < notices->count && i > at; i--)
		notices->items[i] = notices->items[i - 1];
	if (at < notices->count)
		notices->items[at] = *notice;
}

static void describe_maintenance(const struct notice *notice, const char *when, char *text,
				 size_t size)
{
	const char *code = notice->code[0] ? notice->code : "an event that is not understood";

	text_sentence(text, size, "EC2 has scheduled %s %s%s (%s)", code,
		      when[0] ? "for " : "at a time that is not understood", when,
		      notice->id[0] ? notice->id : "without an id that is understood");
}

void notice_describe(const struct notice *notice, char *text, size_t size)
{
	static const char *const deeds[] = {
		[NOTICE_TERMINATE] = "terminates",
		[NOTICE_STOP] = "stops",
		[NOTICE_HIBERNATE] = "hibernates",
	};
	char when[UTC_TEXT_SIZE];

	utc_format(notice->when_sec, when);
	switch (notice->kind) {
	case NOTICE_TERMINATE:
	case NOTICE_STOP:
	case NOTICE_HIBERNATE:
		text_sentence(text, size, "spot notice: EC2 %s this instance%s%s",
			      deeds[notice->kind],
			      when[0] ? " at "
				      : ", at a time that is not understood: it is taken for two "
					"minutes from now",
			      when);
		break;
	case NOTICE_REBALANCE:
		text_sentence(text, size,
			      "EC2 recommends to rebalance: this spot instance is likelier to be "
			      "interrupted (said at %s)",
			      when[0] ? when : "a time that is not understood");
		break;
	case NOTICE_MAINTENANCE:
		describe_maintenance(notice, when, text, size);
		break;
	case NOTICE_KIND_MAX:
		break;
	}
}
