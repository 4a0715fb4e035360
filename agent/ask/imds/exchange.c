/* SPDX-License-Identifier: Apache-2.0 */
#include "ask/imds/exchange.h"

#include "base/cleanup.h"

#include <string.h>

#define ERROR_BODY_MAX 65536
#define CAPACITY_FIRST 1024

void imds_http_answer_done(struct imds_http_answer *answer)
{
	free(answer->body);
	*answer = (struct imds_http_answer){ 0 };
}

/* ---- coming in ---- */

static bool make_room(struct imds_exchange *exchange, size_t wanted)
{
	size_t capacity = exchange->capacity ? exchange->capacity : CAPACITY_FIRST;
	char *body;

	while (capacity < wanted)
		capacity *= 2;
	if (capacity == exchange->capacity)
		return true;
	body = realloc(exchange->answer->body, capacity);
	if (!body)
		return false;
	exchange->answer->body = body;
	exchange->capacity = capacity;
	return true;
}

bool imds_exchange_add_header(struct imds_exchange *exchange, const char *line, size_t size)
{
	return imds_headers_add(&exchange->headers, line, size);
}

static bool has_length(const struct imds_exchange *exchange)
{
	return !exchange->headers.chunked && exchange->headers.length >= 0;
}

static bool add(struct imds_exchange *exchange, const char *data, size_t size)
{
	struct imds_http_answer *answer = exchange->answer;

	exchange->no_memory = !make_room(exchange, answer->size + size + 1);
	if (exchange->no_memory)
		return false;
	memcpy(answer->body + answer->size, data, size);
	answer->size += size;
	return true;
}

bool imds_exchange_add_body(struct imds_exchange *exchange, const char *data, size_t size)
{
	size_t used = exchange->answer->size;

	if (exchange->headers.status != 200) {
		exchange->discarded += size;
		return exchange->discarded <= ERROR_BODY_MAX;
	}
	exchange->too_large = size > exchange->limit - used;
	exchange->has_excess =
		has_length(exchange) && size > (size_t)exchange->headers.length - used;
	if (exchange->too_large || exchange->has_excess)
		return false;
	return add(exchange, data, size);
}

/* ---- at the end ---- */

bool imds_exchange_lacks_only_the_end(const struct imds_exchange *exchange, enum imds_ending ending)
{
	return (ending == IMDS_ENDED_BY_TIME || ending == IMDS_ENDED_CUT) &&
	       exchange->headers.complete && exchange->headers.status == 200 &&
	       has_length(exchange) && (size_t)exchange->headers.length == exchange->answer->size;
}

static enum imds_http_result garbled(struct imds_exchange *exchange, const char *flaw)
{
	exchange->answer->flaw = flaw;
	return IMDS_HTTP_GARBLED;
}

/* Is all that was announced there? */
static enum imds_http_result judge_whole(struct imds_exchange *exchange)
{
	if (!exchange->headers.chunked && !has_length(exchange))
		return garbled(exchange, "it has no length, so it may be cut short");
	if (has_length(exchange) && exchange->answer->size < (size_t)exchange->headers.length)
		return IMDS_HTTP_CUT;
	/* With an empty body there is no buffer yet. */
	if (!add(exchange, "", 0))
		return IMDS_HTTP_NO_MEMORY;
	exchange->answer->body[exchange->answer->size] = '\0';
	return IMDS_HTTP_ANSWERED;
}

static enum imds_http_result judge_time(const struct imds_exchange *exchange)
{
	if (!exchange->answer->sent)
		return IMDS_HTTP_CONNECT_TIMEOUT;
	return exchange->headers.size > 0 ? IMDS_HTTP_SLOW : IMDS_HTTP_SILENT;
}

static enum imds_http_result judge_ending(struct imds_exchange *exchange, enum imds_ending ending,
					  const char *flaw)
{
	switch (ending) {
	case IMDS_ENDED_WELL:
		return judge_whole(exchange);
	case IMDS_ENDED_UNCONNECTED:
		return IMDS_HTTP_NOT_CONNECTED;
	case IMDS_ENDED_BY_TIME:
		return judge_time(exchange);
	case IMDS_ENDED_TOO_LARGE:
		return IMDS_HTTP_TOO_LARGE;
	case IMDS_ENDED_CUT:
		return IMDS_HTTP_CUT;
	case IMDS_ENDED_OTHERWISE:
		break;
	}
	return garbled(exchange, flaw);
}

static enum imds_http_result judge(struct imds_exchange *exchange, enum imds_ending ending,
				   const char *flaw)
{
	/* An error is told by its head; its page may be of any size and never end. */
	if (exchange->headers.complete && exchange->headers.status > 200)
		return IMDS_HTTP_ANSWERED;
	if (exchange->no_memory)
		return IMDS_HTTP_NO_MEMORY;
	if (exchange->headers.flaw)
		return garbled(exchange, exchange->headers.flaw);
	/* The service has none: it is of somebody in between. */
	if (exchange->headers.is_page)
		return garbled(exchange, "it is a page of HTML");
	if (exchange->too_large)
		return IMDS_HTTP_TOO_LARGE;
	/* Which of the two is wrong cannot be known, and a value cut short would pass for another
	 * value. */
	if (exchange->has_excess)
		return garbled(exchange, "it is longer than its Content-Length");
	if (imds_exchange_lacks_only_the_end(exchange, ending))
		return judge_whole(exchange);
	return judge_ending(exchange, ending, flaw);
}

void imds_exchange_finish(struct imds_exchange *exchange, enum imds_ending ending, const char *flaw)
{
	struct imds_http_answer *answer = exchange->answer;

	answer->result = judge(exchange, ending, flaw);
	answer->status = exchange->headers.status;
	answer->retry_after_sec = exchange->headers.retry_after_sec;
	answer->date_sec = exchange->headers.date_sec;
	memcpy(answer->location, exchange->headers.location, sizeof(answer->location));
	if (answer->result == IMDS_HTTP_ANSWERED && answer->status == 200)
		return;
	free(take_pointer(answer->body));
	answer->size = 0;
}
