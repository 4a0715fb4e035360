/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * One answer as it comes in, and whether it is whole. No network here: lines and bytes in, a result
 * out.
 */

#include "ask/imds/headers.h"
#include "ask/imds/http.h"

/* How the transfer ended, as far as HTTP can tell. */
enum imds_ending {
	IMDS_ENDED_WELL,
	IMDS_ENDED_UNCONNECTED,
	IMDS_ENDED_BY_TIME,
	IMDS_ENDED_TOO_LARGE,
	IMDS_ENDED_CUT,
	IMDS_ENDED_OTHERWISE,
};

/* Begin with .answer, .limit and .headers.length = IMDS_LENGTH_ABSENT set. */
struct imds_exchange {
	struct imds_http_answer *answer;
	struct imds_headers headers;
	size_t limit;     /* bytes of body */
	size_t capacity;  /* of answer->body */
	size_t discarded; /* bytes of an error page, which nobody reads */
	bool has_excess;  /* bytes came behind the announced end */
	bool too_large, no_memory;
};

/* A line of the head; a piece of the body. False: enough, end the transfer. */
bool imds_exchange_add_header(struct imds_exchange *exchange, const char *line, size_t size);
bool imds_exchange_add_body(struct imds_exchange *exchange, const char *data, size_t size);

/* All bytes came; only the end of the connection that was announced did not. */
bool imds_exchange_lacks_only_the_end(const struct imds_exchange *exchange,
				      enum imds_ending ending);

/* Fills result, status, Retry-After, date, location; drops a body that is not whole. `flaw`
 * explains ENDED_OTHERWISE. */
void imds_exchange_finish(struct imds_exchange *exchange, enum imds_ending ending,
			  const char *flaw);
