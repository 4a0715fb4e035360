/* SPDX-License-Identifier: Apache-2.0 */
#include "model/watch_event.h"

#include "model/watch_fields.h"

#include <stdlib.h>

static const struct {
	const char *name;
	enum watch_severity severity;
} kinds[WATCH_EVENT_KIND_MAX] = {
	[EVENT_TARGET_GONE] = { "target-gone", SEVERITY_ERROR },
	[EVENT_TARGET_READ_ONLY] = { "target-read-only", SEVERITY_ERROR },
	[EVENT_TARGET_UNHEALTHY] = { "target-unhealthy", SEVERITY_ERROR },
	[EVENT_TARGET_DEGRADED] = { "target-degraded", SEVERITY_NOTICE },
	[EVENT_RECOVERY_LONG] = { "recovery-long", SEVERITY_WARNING },
	[EVENT_FS_ERRORS] = { "fs-errors", SEVERITY_ERROR },
	[EVENT_SPACE_LOW] = { "space-low", SEVERITY_WARNING },
	[EVENT_INODES_LOW] = { "inodes-low", SEVERITY_WARNING },
	[EVENT_VOLUME_PARTIAL] = { "volume-partial", SEVERITY_ERROR },
	[EVENT_DISK_GONE] = { "disk-gone", SEVERITY_ERROR },
	[EVENT_DISK_FAILING] = { "disk-failing", SEVERITY_WARNING },
	[EVENT_NID_GONE] = { "nid-gone", SEVERITY_ERROR },
	[EVENT_MGS_AWAY] = { "mgs-away", SEVERITY_WARNING },
	[EVENT_WOKEN_OVER_BLANK_DISKS] = { "woken-over-blank-disks", SEVERITY_ERROR },
	[EVENT_SPOT_TERMINATE] = { "spot-terminate", SEVERITY_ERROR },
	[EVENT_SPOT_STOP] = { "spot-stop", SEVERITY_ERROR },
	[EVENT_SPOT_HIBERNATE] = { "spot-hibernate", SEVERITY_ERROR },
	[EVENT_REBALANCE] = { "rebalance", SEVERITY_WARNING },
	[EVENT_MAINTENANCE] = { "maintenance", SEVERITY_WARNING },
	[EVENT_TAGS_CHANGED] = { "tags-changed", SEVERITY_NOTICE },
	[EVENT_METADATA_SILENT] = { "metadata-silent", SEVERITY_WARNING },
};

static const char *const severities[] = {
	[SEVERITY_NOTICE] = "notice",
	[SEVERITY_WARNING] = "warning",
	[SEVERITY_ERROR] = "error",
};

static const char *const changes[] = {
	[CHANGE_NONE] = "none",
	[CHANGE_BEGAN] = "began",
	[CHANGE_ENDED] = "ended",
	[CHANGE_MAX] = NULL,
};

void watch_events_done(struct watch_events *events)
{
	free(events->items);
	*events = (struct watch_events){ 0 };
}

const char *watch_event_name(enum watch_event_kind kind)
{
	return kinds[kind].name;
}

enum watch_severity watch_event_severity(enum watch_event_kind kind)
{
	return kinds[kind].severity;
}

bool watch_event_is_open(const struct watch_event *event)
{
	return event->told && event->change != CHANGE_ENDED;
}

const char *watch_severity_name(enum watch_severity severity)
{
	return severities[severity];
}

static const char *kind_row(unsigned row)
{
	return row < WATCH_EVENT_KIND_MAX ? kinds[row].name : NULL;
}

const struct field watch_event_fields[] = {
	{ "id", FIELD_NAME, FIELD_AT(struct watch_event, kind), .required = true,
	  .name = kind_row },
	{ "subject", FIELD_TEXT, FIELD_AT(struct watch_event, subject) },
	{ "target", FIELD_TEXT, FIELD_AT(struct watch_event, target) },
	{ "sentence", FIELD_TEXT, FIELD_AT(struct watch_event, sentence), .required = true },
	{ "since-usec", FIELD_NUMBER, FIELD_AT(struct watch_event, since_usec), .required = true },
	{ "gone-usec", FIELD_NUMBER, FIELD_AT(struct watch_event, gone_usec) },
	{ "told", FIELD_BOOL, FIELD_AT(struct watch_event, told) },
	{ "change", FIELD_NAME, FIELD_AT(struct watch_event, change), .names = changes },
	{ 0 },
};

static const struct field events_fields[] = {
	{ "events", FIELD_LIST, FIELD_AT(struct watch_events, items), .required = true,
	  .fields = watch_event_fields, .item_size = sizeof(struct watch_event),
	  .count = offsetof(struct watch_events, count), .capacity = WATCH_EVENTS_MAX },
	{ 0 },
};

json_t *watch_events_to_json(const struct watch_events *events)
{
	return fields_to_json(events_fields, events);
}

int watch_events_from_json(const json_t *json, struct watch_events *ret, struct error *err)
{
	int r;

	*ret = (struct watch_events){ 0 };
	r = fields_from_json(events_fields, json, ret, err);
	if (r < 0)
		watch_events_done(ret);
	return r;
}
