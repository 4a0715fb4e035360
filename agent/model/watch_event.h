/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the watch found amiss after the boot: each thing once when it begins, and once when it is
 * over. The list is also the memory of it, so that nothing flaps.
 */

#include "base/error.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum watch_event_kind {
	EVENT_TARGET_GONE,
	EVENT_TARGET_READ_ONLY,
	EVENT_TARGET_UNHEALTHY,
	EVENT_TARGET_DEGRADED,
	EVENT_RECOVERY_LONG,
	EVENT_FS_ERRORS,
	EVENT_SPACE_LOW,
	EVENT_INODES_LOW,
	EVENT_VOLUME_PARTIAL,
	EVENT_DISK_GONE,
	EVENT_DISK_FAILING,
	EVENT_NID_GONE,
	EVENT_MGS_AWAY,
	EVENT_WOKEN_OVER_BLANK_DISKS, /* nothing may be flushed or unmounted: reboot hard */
	EVENT_HEALTH_LAST = EVENT_WOKEN_OVER_BLANK_DISKS,
	/* what EC2 says (model/notice.h) */
	EVENT_SPOT_TERMINATE,
	EVENT_SPOT_STOP,
	EVENT_SPOT_HIBERNATE,
	EVENT_REBALANCE,
	EVENT_MAINTENANCE,
	EVENT_TAGS_CHANGED,
	EVENT_METADATA_SILENT,
	WATCH_EVENT_KIND_MAX,
};

enum watch_severity {
	SEVERITY_NOTICE,  /* it is so, and may be meant */
	SEVERITY_WARNING, /* it works, and soon may not */
	SEVERITY_ERROR,   /* files, or all of them, are out of reach */
	SEVERITY_MAX,
};

enum watch_change {
	CHANGE_NONE,
	CHANGE_BEGAN, /* to be told, this once */
	CHANGE_ENDED, /* likewise; it is not in the next list */
	CHANGE_MAX,
};

struct watch_event {
	enum watch_event_kind kind;
	char subject[280];   /* a target, the serial of a disk, a NID, EC2's id of a notice; "" for
				the node */
	char target[40];     /* that it matters to; "" for the node */
	char sentence[512];  /* what is, and what to do; of one that ended, that it did */
	uint64_t since_usec; /* CLOCK_MONOTONIC, of the first look that had it */
	uint64_t gone_usec;  /* of the first look that had it no more; 0 while it lasts */
	bool told;           /* it has lasted long enough */
	enum watch_change change; /* by the newest look */
};

#define WATCH_EVENTS_MAX 8192 /* more than the targets and disks of a node can have at once */

struct watch_events {
	struct watch_event *items;
	size_t count;
};

void watch_events_done(struct watch_events *events);

const char *watch_event_name(enum watch_event_kind kind); /* "disk-gone" */
enum watch_severity watch_event_severity(enum watch_event_kind kind);

/* Whether it was told, and is not over. */
bool watch_event_is_open(const struct watch_event *event);

const char *watch_severity_name(enum watch_severity severity); /* "warning" */

/* NULL when out of memory; -EINVAL for anything that is not understood to the last member. */
json_t *watch_events_to_json(const struct watch_events *events);
int watch_events_from_json(const json_t *json, struct watch_events *ret, struct error *err);
