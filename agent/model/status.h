/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * How this boot went: the outcome of every action, and where the node stands because of them.
 * /run/lustre-init/boot.json is this value.
 */

#include "base/mark.h"
#include "model/plan.h"

enum verdict {
	VERDICT_WORKING, /* apply is still at it */
	VERDICT_READY,
	VERDICT_FAILED,     /* exit 1: a retry may help */
	VERDICT_SPEC_ERROR, /* exit 2 */
	VERDICT_REFUSED,    /* exit 3: a person must decide */
	VERDICT_NOT_OURS,   /* exit 4 */
	VERDICT_MAX,
};

enum outcome_kind {
	OUTCOME_DONE,
	OUTCOME_FAILED,  /* code and text say how */
	OUTCOME_REFUSED, /* a precondition did not hold under the lock */
	OUTCOME_SKIPPED, /* something it needs was not done, or nothing needs it any more */
	OUTCOME_KIND_MAX,
};

struct outcome {
	enum action_kind action;
	enum outcome_kind kind;
	unsigned retries; /* how often it was tried before; the rest is of the newest try */
	unsigned round;   /* status.round at its newest try; not kept in boot.json */
	char what[128];   /* action_describe() */
	char target[TARGET_NAME_MAX]; /* "" for the node */
	bool passing;                 /* a failure that may pass by itself; not kept in boot.json */
	int code; /* positive errno of a failure, such as mount.lustre's EADDRINUSE */
	char text[512];
	uint64_t started_usec, ended_usec; /* CLOCK_MONOTONIC: of the first try, of the newest */
	uint64_t tool_usec;                /* time spent in child programs, over all tries */
	uint64_t chain_usec; /* tool time on the longest chain of needs that ends here */
};

/* A target or the client's mount, as status shows it. */
struct standing {
	char name[TARGET_NAME_MAX + FSNAME_MAX]; /* "lustrewt-OST0017", "client lustrewt" */
	char *device; /* allocated; the client's source, which may be long */
	char mount_point[PATH_TEXT_MAX];
	bool mounted;
};
#define STANDINGS_MAX 80 /* the targets of a node and its client */

struct status {
	enum verdict verdict;
	char sentence[ERROR_TEXT_MAX]; /* what STATUS= says */
	char instance_id[64];
	char boot_id[40];
	char roles[32];
	char fsname[FSNAME_MAX + 1];
	struct words tags; /* of ours, as they were asked for: "lustre:role=oss" */
	struct standing standings[STANDINGS_MAX];
	size_t standing_count;
	struct outcome *outcomes; /* in the order of their newest tries */
	size_t outcome_count;
	unsigned round; /* of look, decide and act: counts up, see status_take_outcome() */
	struct refusal *refusals;
	size_t refusal_count;
	struct problems problems;
	struct words network;  /* its nets, and how they are tuned: sentences of the newest plan */
	struct words nids;     /* of this node, as that plan has them: "10.0.8.23@tcp" */
	struct words mgs_nids; /* where it asks for the MGS; none on the MGS's own node */
	struct words notes; /* what a person should know though all is well, by the newest plan */
	uint64_t started_usec, ended_usec; /* CLOCK_MONOTONIC, of apply as a whole */
	struct marks marks;                /* what asking and the first look were made of */
	uint64_t observed_usec;            /* when the first facts were complete */
	unsigned imds_requests;
	uint64_t peak_memory; /* bytes the agent itself had resident at most */
};

void status_done(struct status *status);

/* Appends an empty outcome and returns it; NULL when out of memory. */
struct outcome *status_add_outcome(struct status *status);

/*
 * Appends a copy of *outcome, of the present round. Where it is another try of an action that has
 * an outcome already, it takes that one's place, and counts: a node that waits for days for its MGS
 * has as many outcomes as actions. A format of its target in between makes it another matter.
 * Returns the outcome as it stands there; NULL when out of memory.
 */
const struct outcome *status_take_outcome(struct status *status, const struct outcome *outcome);

/* Takes over refusals and notes of the newest plan in place of earlier ones, lists its targets. */
int status_take_plan(struct status *status, const struct plan *plan);

/* Marks what its outcomes mounted, of the targets and the client of the plan it took last. */
void status_take_mounts(struct status *status, const struct plan *plan);

/* The newest failure of this action on this target; NULL when it never failed. */
const struct outcome *status_failure(const struct status *status, enum action_kind action,
				     const char *target);

/* Whether the newest run of this action on this target was a success. */
bool status_did(const struct status *status, enum action_kind action, const char *target);

int verdict_exit_code(enum verdict verdict);
const char *verdict_name(enum verdict verdict);        /* "ready" */
const char *outcome_kind_name(enum outcome_kind kind); /* "done" */

/* NULL when out of memory: half of it is never written. */
json_t *status_to_json(const struct status *status);

/* -EINVAL for anything that is not understood to the last member. */
int status_from_json(const json_t *json, struct status *ret, struct error *err);
