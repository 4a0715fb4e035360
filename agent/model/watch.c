/* SPDX-License-Identifier: Apache-2.0 */
#include "model/watch.h"

#include "model/watch_fields.h"

#include <stddef.h>

static const char *const leavings[] = { "no", "begun", "done", NULL };
_Static_assert(sizeof(leavings) / sizeof(leavings[0]) == LEAVING_MAX + 1, "a name for each");

static const char *const steps[] = { "unmounting", "marking", "hooks", NULL };
_Static_assert(sizeof(steps) / sizeof(steps[0]) == LEAVING_STEP_MAX + 1, "a name for each");

static const struct field watch_fields[] = {
	{ "boot-id", FIELD_TEXT, FIELD_AT(struct watch, boot_id), .required = true },
	{ "sentence", FIELD_TEXT, FIELD_AT(struct watch, sentence), .required = true },
	{ "leaving", FIELD_NAME, FIELD_AT(struct watch, leaving), .names = leavings },
	{ "leaving-step", FIELD_NAME, FIELD_AT(struct watch, leaving_step), .names = steps },
	{ "had-hooks", FIELD_BOOL, FIELD_AT(struct watch, had_hooks) },
	{ "notices", FIELD_ARRAY, FIELD_AT(struct watch, notices.items), .required = true,
	  .fields = notice_fields, .item_size = sizeof(struct notice),
	  .count = offsetof(struct watch, notices.count), .capacity = NOTICES_MAX },
	{ "notices-left-out", FIELD_NUMBER, FIELD_AT(struct watch, notices.left_out) },
	{ "heard", FIELD_ARRAY, FIELD_AT(struct watch, heard.items), .fields = notice_heard_fields,
	  .item_size = sizeof(struct notice_heard), .count = offsetof(struct watch, heard.count),
	  .capacity = NOTICES_MAX },
	{ "degraded", FIELD_WORDS, FIELD_AT(struct watch, degraded) },
	{ "left", FIELD_WORDS, FIELD_AT(struct watch, left) },
	{ "changed-tags", FIELD_WORDS, FIELD_AT(struct watch, changed_tags) },
	{ "metadata-trouble", FIELD_TEXT, FIELD_AT(struct watch, metadata_trouble) },
	{ "events", FIELD_LIST, FIELD_AT(struct watch, events.items), .required = true,
	  .fields = watch_event_fields, .item_size = sizeof(struct watch_event),
	  .count = offsetof(struct watch, events.count), .capacity = WATCH_EVENTS_MAX },
	{ 0 },
};

void watch_done(struct watch *watch)
{
	words_done(&watch->degraded);
	words_done(&watch->left);
	words_done(&watch->changed_tags);
	watch_events_done(&watch->events);
	*watch = (struct watch){ 0 };
}

json_t *watch_to_json(const struct watch *watch)
{
	return fields_to_json(watch_fields, watch);
}

int watch_from_json(const json_t *json, struct watch *ret, struct error *err)
{
	int r;

	*ret = (struct watch){ 0 };
	r = fields_from_json(watch_fields, json, ret, err);
	if (r < 0)
		watch_done(ret);
	return r;
}
