/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "answer.h"
#include "node.h"
#include "request.h"
#include "token.h"

#include <stdint.h>

#define IMDS_TOKEN_PATH "/latest/api/token"

/* The part below a known version ("/2021-03-23/meta-data/ami-id" → "meta-data/ami-id"), or NULL. */
const char *imds_below_version(const char *path);

/*
 * What the service truthfully answers: AWS user guide,
 * instance-metadata-v2-how-it-works.md and instancedata-data-retrieval.md. A
 * token that is issued lives ttl_cap seconds at most, where that is not 0.
 */
void imds_answer(const struct node *node, struct token_jar *jar, const struct request *request,
		 int64_t now_ms, int64_t ttl_cap, struct answer *answer);
