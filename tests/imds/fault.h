/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "problem.h"
#include "request.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

enum { FAULTS_MAX = 64 };

/* What the seconds of a rule are counted from. */
enum fault_since {
	SINCE_START,
	SINCE_FIRST_REQUEST,
	SINCE_LOAD,
};

struct fault_rule {
	json_t *rule;                       /* borrowed from fault_list.source */
	const char *path, *method, *listen; /* NULL: any */
	enum fault_since since;
	int64_t from_ms, until_ms;
	int64_t fresh_ms; /* only requests whose token is younger; 0: any request */
	int after, times; /* times -1: without limit */
	int seen, hits;
	bool not_listening;
};

struct fault_list {
	json_t *source; /* the list as it was in the file, a reference of its own; or NULL */
	struct fault_rule rules[FAULTS_MAX];
	size_t count;
};

/* Milliseconds since the simulator's start. */
struct fault_clock {
	int64_t now_ms;
	int64_t first_request_ms; /* -1: there was none */
	int64_t load_ms;          /* when the list was read */
};

/* Reads the rules of a node. NULL is no rules. */
int faults_parse(json_t *source, struct fault_list *faults, struct problem *problem);

/*
 * The first rule that the request meets, as a new reference, or NULL; counts it.
 * The request's token must have been judged already.
 */
json_t *faults_match(struct fault_list *faults, const struct request *request,
		     const struct fault_clock *clock);

/* Is the port with this name ("127.0.0.1:80") to be closed now? */
bool faults_close(const struct fault_list *faults, const char *listen,
		  const struct fault_clock *clock);

/* Frees the contents, not the list itself. */
void faults_done(struct fault_list *faults);
