/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What a check-up found: one value for each check, with what to do about it. */

#include <jansson.h>
#include <stddef.h>

enum finding_verdict {
	FINDING_OK,
	FINDING_WARN, /* it works, or will; a person should know */
	FINDING_FAIL,
	FINDING_VERDICT_MAX,
};

struct finding {
	char id[48]; /* stable, "mount-point"; the man page explains each */
	enum finding_verdict verdict;
	int exit_code; /* of the verb, where it fails */
	char text[768];
	char fix[512]; /* "" where all is well */
};

struct findings {
	struct finding *items;
	size_t count;
};

void findings_done(struct findings *findings);

/* Each appends a finding; -ENOMEM is the only failure. */
int findings_ok(struct findings *findings, const char *id, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
int findings_warn(struct findings *findings, const char *id, const char *fix, const char *format,
		  ...) __attribute__((format(printf, 4, 5)));
int findings_fail(struct findings *findings, const char *id, int exit_code, const char *fix,
		  const char *format, ...) __attribute__((format(printf, 5, 6)));

/* 0 without a failure, else the exit code that weighs most: 2 before 3 before 1. */
int findings_exit_code(const struct findings *findings);

const char *finding_verdict_name(enum finding_verdict verdict); /* "ok" */
json_t *findings_to_json(const struct findings *findings);
