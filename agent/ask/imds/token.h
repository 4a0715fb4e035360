/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The session token of IMDSv2, which every question has to show. */

#include "ask/imds/keys.h"
#include "ask/imds/trouble.h"

#define IMDS_TOKEN_HEADER      "X-aws-ec2-metadata-token: "
#define IMDS_TOKEN_HEADER_SIZE (sizeof(IMDS_TOKEN_HEADER) + IMDS_TOKEN_MAX)

struct imds_token {
	char text[IMDS_TOKEN_MAX + 1]; /* "" when a new one is needed */
	uint64_t born_ms;
	uint64_t trial_ms; /* how long it may be answered 401 before it is replaced; 0 once it has
			      worked */
};

/* What is asked for one, and how; connect_ms, answer_ms and limit are left to the caller. */
extern const struct imds_question imds_token_question;
struct imds_http_request imds_token_request(void);

/* Of an answer that imds_judge() found fine. */
void imds_token_take(struct imds_token *token, const struct imds_http_answer *answer);

/* It was accepted. */
void imds_token_worked(struct imds_token *token);

/*
 * It was answered 401. One that has worked has expired: a new one is needed at once. A new one may
 * be wrong for good, or not yet known to all of the service; so each is tried for longer than the
 * last before it is replaced.
 */
void imds_token_doubt(struct imds_token *token);

void imds_token_show(const struct imds_token *token, char header[IMDS_TOKEN_HEADER_SIZE]);
