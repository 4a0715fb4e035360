/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A session with the service: asks until a key is answered, the trouble is final, or time is up. */

#include "ask/imds/http.h"
#include "ask/imds/imds.h"
#include "ask/imds/keys.h"
#include "ask/imds/progress.h"
#include "ask/imds/token.h"
#include "ask/imds/trouble.h"
#include "ask/imds/way.h"

struct imds {
	struct imds_http *http;
	char label[64]; /* the endpoint, for sentences */
	bool want_launch_index;
	bool lists_tags; /* imds_lists_tags() */
	unsigned timeout_sec;
	uint64_t deadline_ms;
	unsigned requests;
	struct imds_token token;
	struct imds_way way;
	enum imds_trouble trouble;  /* the last one told, until a key is answered */
	uint64_t troubled_since_ms; /* … and without a break since */
	struct imds_progress progress;
	struct marks *marks;
	struct mark *reaching; /* until the service is reached */
};

/* Begins the time in which everything that follows has to be done. */
void imds_session_set_deadline(struct imds *imds);

/* Waits, and tells progress meanwhile. */
void imds_session_wait(struct imds *imds, uint64_t duration_ms);

/* Fetches a token, unless there is one. */
int imds_session_authenticate(struct imds *imds, struct error *err);

/*
 * Fetches question->key (not yet percent-encoded). *ret_body is freed by the caller, NUL-terminated
 * beyond *ret_size, and NULL when the key is absent (404).
 */
int imds_session_ask(struct imds *imds, const struct imds_question *question, char **ret_body,
		     size_t *ret_size, struct error *err);
