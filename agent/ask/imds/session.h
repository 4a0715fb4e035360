/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A session with the service: asks until a key is answered, the trouble is final, or time is up. */

#include "ask/imds/http.h"
#include "ask/imds/imds.h"
#include "ask/imds/keys.h"
#include "ask/imds/platform.h"
#include "ask/imds/progress.h"
#include "ask/imds/trouble.h"

struct imds {
	struct imds_http *http;
	enum imds_platform platform;
	const char *root;
	char label[64]; /* the endpoint, for sentences */
	bool link_local;
	bool want_launch_index;
	bool lists_tags; /* imds_lists_tags() */
	unsigned timeout_sec;
	uint64_t deadline_ms;
	unsigned requests;
	char token[IMDS_TOKEN_MAX + 1]; /* "" when a new one is needed */
	uint64_t token_born_ms;
	uint64_t token_trial_ms; /* how long it may be answered 401 before it is replaced; 0 once it
				    has worked */
	char interface[IF_NAMESIZE]; /* "": the routing's choice */
	unsigned mark;               /* 0, or IMDS_MARK */
	enum imds_trouble trouble;   /* the last one told, until a key is answered */
	uint64_t troubled_since_ms;  /* … and without a break since */
	struct imds_progress progress;
	struct marks *marks;
	struct mark *way; /* until the service is reached */
};

/* Begins the time in which everything that follows has to be done. */
void imds_session_set_deadline(struct imds *imds);

/* Tells the HTTP client which of EC2's addresses, interfaces and marks to use. */
void imds_session_set_way(struct imds *imds);

/* Fetches a token, unless there is one. */
int imds_session_authenticate(struct imds *imds, struct error *err);

/*
 * Fetches question->key (not yet percent-encoded). *ret_body is freed by the caller, NUL-terminated
 * beyond *ret_size, and NULL when the key is absent (404).
 */
int imds_session_ask(struct imds *imds, const struct imds_question *question, char **ret_body,
		     size_t *ret_size, struct error *err);
