/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What EC2 gives notice of in the metadata, as a plain value. Source: AWS user guide,
 * spot-instance-termination-notices, rebalance-recommendations,
 * monitoring-instances-status-check_sched.
 */

#include "base/error.h"

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

enum notice_kind {
	NOTICE_TERMINATE, /* spot/instance-action, by its action */
	NOTICE_STOP,
	NOTICE_HIBERNATE,
	NOTICE_REBALANCE,   /* events/recommendations/rebalance */
	NOTICE_MAINTENANCE, /* events/maintenance/scheduled: one of its list */
	NOTICE_KIND_MAX,
};

struct notice {
	enum notice_kind kind;
	char id[64];   /* EC2's own, of a maintenance: "instance-event-0d59937288b749b32" */
	char code[32]; /* of a maintenance: "system-reboot"; "": not understood */
	/* Seconds since 1970. When it is done, or begins; of a rebalance, when it was given; 0: not
	 * understood. */
	uint64_t when_sec;
	uint64_t until_sec; /* a maintenance ends by then; 0: not said */
};

#define NOTICES_MAX 16 /* at a time; EC2 schedules one or two */

/* Those that end the instance first, then the nearest. */
struct notices {
	struct notice items[NOTICES_MAX];
	size_t count;
	size_t left_out; /* how many more there are, the last by that order */
};

/* What time it was when a notice was first heard. */
struct notice_heard {
	uint64_t wall_sec, boot_sec; /* CLOCK_REALTIME, CLOCK_BOOTTIME */
	uint64_t service_sec;        /* by the clock of the metadata service; 0: not said */
	bool was_due;                /* all clocks agreed once: none of them takes that back */
};

const char *notice_kind_name(enum notice_kind kind); /* "terminate" */

bool notice_is_same(const struct notice *one, const struct notice *other);

/* What ends the instance is first, then what is nearest; a time that is not understood is last. */
bool notice_comes_before(const struct notice *one, const struct notice *other);

bool notices_contain(const struct notices *notices, const struct notice *notice);

/* At its place. One that is there is said once: what is not understood may have nothing to tell it
 * apart. */
void notices_add(struct notices *notices, const struct notice *notice);

/*
 * Whether the instance, or what is on its instance-store disks, goes away with it: a spot notice,
 * or the codes instance-stop and instance-retirement of a maintenance.
 */
bool notice_is_end(const struct notice *notice);

/* "spot notice: EC2 terminates this instance at 2026-01-01T00:02:00Z" */
void notice_describe(const struct notice *notice, char *text, size_t size);

json_t *notice_to_json(const struct notice *notice);
int notice_from_json(const json_t *json, struct notice *ret, struct error *err);
