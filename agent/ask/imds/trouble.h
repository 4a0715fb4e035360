/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Everything that can be wrong with an answer, as a table: how long it is borne, the code it ends
 * in, and what a person can do about it. The judge is the only place that decides what a status
 * means.
 */

#include "ask/imds/http.h"

#include <stdbool.h>

enum imds_trouble {
	IMDS_FINE, /* answered: 200, or 404 for a key that may be absent */
	/* borne until the deadline */
	IMDS_SHORT,
	IMDS_UNROUTED,
	IMDS_REFUSED,
	IMDS_UNREACHED,
	IMDS_TOKEN_SILENT,
	IMDS_SILENT,
	IMDS_SLOW,
	IMDS_CUT,
	IMDS_UNAUTHORIZED,
	IMDS_THROTTLED,
	IMDS_BUSY,
	/* borne for a while */
	IMDS_LOCKED,
	IMDS_ABSENT,
	IMDS_GARBLED,
	IMDS_MALFORMED,
	/* final */
	IMDS_DISABLED,
	IMDS_NOT_V2,
	IMDS_REDIRECTED,
	IMDS_UNEXPECTED,
	IMDS_TOO_LARGE,
	IMDS_NO_MEMORY,
	_IMDS_TROUBLE_COUNT,
};

#define IMDS_UNTIL_DEADLINE 0xffffffffu

enum imds_trouble_detail {
	IMDS_DETAIL_NONE,
	IMDS_DETAIL_STATUS,
	IMDS_DETAIL_ERRNO,
	IMDS_DETAIL_FLAW,
	IMDS_DETAIL_LOCATION,
	IMDS_DETAIL_LIMIT,
};

struct imds_trouble_rule {
	const char *what;                /* "connection refused" */
	enum imds_trouble_detail detail; /* in brackets behind it */
	int code;              /* that it ends in, unless the deadline ends it: -ETIMEDOUT */
	unsigned patience_ms;  /* 0: final */
	unsigned pause_max_ms; /* between attempts */
	const char *remedy;
};

/* Of any trouble but IMDS_FINE. */
const struct imds_trouble_rule *imds_trouble_rule(enum imds_trouble trouble);

/* What is asked. */
struct imds_question {
	const char *key; /* as people know it: "user-data"; "token" */
	bool is_token;
	bool required;  /* 404 and an empty body are trouble */
	bool is_listed; /* 404 is: a listing has its name */
	size_t limit;   /* bytes */
	bool (*is_well_formed)(const char *body, size_t size); /* NULL: anything is */
};

enum imds_trouble imds_judge(const struct imds_question *question,
			     const struct imds_http_answer *answer);

/* The trouble in words, without key and remedy: "answered with an error (503)". */
void imds_trouble_describe(enum imds_trouble trouble, const struct imds_question *question,
			   const struct imds_http_answer *answer, char *text, size_t size);
