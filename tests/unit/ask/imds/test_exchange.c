/* SPDX-License-Identifier: Apache-2.0 */

/* An answer counts only when it is whole, and an error as soon as its head is. */

#include "ask/imds/exchange.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define LIMIT 32

struct story {
	const char *name;
	const char *head[8];
	const char *body; /* NULL: none */
	enum imds_ending ending;
	bool has_excess; /* seen on the socket */
	enum imds_http_result result;
};

static const struct story stories[] = {
	{ "whole",
	  { "HTTP/1.1 200 OK\r\n", "Content-Length: 3\r\n", "\r\n" },
	  "oss",
	  IMDS_ENDED_WELL,
	  false,
	  IMDS_HTTP_ANSWERED },
	{ "empty",
	  { "HTTP/1.1 200 OK\r\n", "Content-Length: 0\r\n", "\r\n" },
	  NULL,
	  IMDS_ENDED_WELL,
	  false,
	  IMDS_HTTP_ANSWERED },
	{ "chunked",
	  { "HTTP/1.1 200 OK\r\n", "transfer-encoding: Chunked\r\n", "\r\n" },
	  "oss",
	  IMDS_ENDED_WELL,
	  false,
	  IMDS_HTTP_ANSWERED },
	{ "a page",
	  { "HTTP/1.1 200 OK\r\n", "Content-Length: 3\r\n",
	    "Content-Type: Text/HTML; charset=utf-8\r\n", "\r\n" },
	  "oss",
	  IMDS_ENDED_WELL,
	  false,
	  IMDS_HTTP_GARBLED },
	{ "an error's page",
	  { "HTTP/1.1 404 Not Found\r\n", "Content-Type: text/html\r\n", "\r\n" },
	  NULL,
	  IMDS_ENDED_WELL,
	  false,
	  IMDS_HTTP_ANSWERED },
	{ "after an interim answer",
	  { "HTTP/1.1 100 Continue\r\n", "\r\n", "HTTP/1.1 200 OK\r\n", "Content-Length: 3\r\n",
	    "\r\n" },
	  "oss",
	  IMDS_ENDED_WELL,
	  false,
	  IMDS_HTTP_ANSWERED },
	{ "only an interim answer",
	  { "HTTP/1.1 100 Continue\r\n", "\r\n" },
	  NULL,
	  IMDS_ENDED_BY_TIME,
	  false,
	  IMDS_HTTP_SLOW },
	{ "whole, but the connection stays open",
	  { "HTTP/1.1 200 OK\r\n", "Content-Length: 3\r\n", "Connection: close\r\n", "\r\n" },
	  "oss",
	  IMDS_ENDED_BY_TIME,
	  false,
	  IMDS_HTTP_ANSWERED },
	{ "short",
	  { "HTTP/1.1 200 OK\r\n", "Content-Length: 4\r\n", "\r\n" },
	  "oss",
	  IMDS_ENDED_WELL,
	  false,
	  IMDS_HTTP_CUT },
	{ "short and late",
	  { "HTTP/1.1 200 OK\r\n", "Content-Length: 4\r\n", "\r\n" },
	  "oss",
	  IMDS_ENDED_BY_TIME,
	  false,
	  IMDS_HTTP_SLOW },
	{ "long",
	  { "HTTP/1.1 200 OK\r\n", "Content-Length: 2\r\n", "\r\n" },
	  "oss",
	  IMDS_ENDED_OTHERWISE,
	  false,
	  IMDS_HTTP_GARBLED },
	{ "long, seen on the socket",
	  { "HTTP/1.1 200 OK\r\n", "Content-Length: 3\r\n", "\r\n" },
	  "oss",
	  IMDS_ENDED_WELL,
	  true,
	  IMDS_HTTP_GARBLED },
	{ "no length",
	  { "HTTP/1.1 200 OK\r\n", "\r\n" },
	  "oss",
	  IMDS_ENDED_WELL,
	  false,
	  IMDS_HTTP_GARBLED },
	{ "two lengths",
	  { "HTTP/1.1 200 OK\r\n", "Content-Length: 3\r\n", "Content-Length: 4\r\n", "\r\n" },
	  "oss",
	  IMDS_ENDED_WELL,
	  false,
	  IMDS_HTTP_GARBLED },
	{ "no number",
	  { "HTTP/1.1 200 OK\r\n", "Content-Length: 3x\r\n", "\r\n" },
	  "oss",
	  IMDS_ENDED_WELL,
	  false,
	  IMDS_HTTP_GARBLED },
	{ "a number beyond all",
	  { "HTTP/1.1 200 OK\r\n", "Content-Length: 99999999999999999999\r\n", "\r\n" },
	  "oss",
	  IMDS_ENDED_WELL,
	  false,
	  IMDS_HTTP_GARBLED },
	{ "too large",
	  { "HTTP/1.1 200 OK\r\n", "Transfer-Encoding: chunked\r\n", "\r\n" },
	  "123456789012345678901234567890123",
	  IMDS_ENDED_OTHERWISE,
	  false,
	  IMDS_HTTP_TOO_LARGE },
	{ "as large as allowed",
	  { "HTTP/1.1 200 OK\r\n", "Content-Length: 32\r\n", "\r\n" },
	  "12345678901234567890123456789012",
	  IMDS_ENDED_WELL,
	  false,
	  IMDS_HTTP_ANSWERED },
	{ "error with an endless page",
	  { "HTTP/1.1 503 Busy\r\n", "Content-Length: 1000000\r\n", "\r\n" },
	  "123456789012345678901234567890123",
	  IMDS_ENDED_BY_TIME,
	  false,
	  IMDS_HTTP_ANSWERED },
	{ "error in half a head",
	  { "HTTP/1.1 503 Busy\r\n", "Content-Length: 10\r\n" },
	  NULL,
	  IMDS_ENDED_BY_TIME,
	  false,
	  IMDS_HTTP_SLOW },
	{ "nothing", { NULL }, NULL, IMDS_ENDED_BY_TIME, false, IMDS_HTTP_SILENT },
	{ "reset", { NULL }, NULL, IMDS_ENDED_CUT, false, IMDS_HTTP_CUT },
};

static void play(const struct story *story, struct imds_http_answer *answer)
{
	struct imds_exchange exchange = { .answer = answer,
					  .limit = LIMIT,
					  .headers = { .length = IMDS_LENGTH_ABSENT } };
	bool goes_on = true;

	answer->sent = true;
	for (size_t i = 0; goes_on && i < 8 && story->head[i]; i++)
		goes_on =
			imds_exchange_add_header(&exchange, story->head[i], strlen(story->head[i]));
	if (goes_on && story->body)
		imds_exchange_add_body(&exchange, story->body, strlen(story->body));
	exchange.has_excess |= story->has_excess;
	imds_exchange_finish(&exchange, story->ending, "why");
}

static void test_stories(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(stories) / sizeof(stories[0]); i++) {
		const struct story *story = &stories[i];
		struct imds_http_answer answer = { 0 };

		play(story, &answer);
		if (answer.result != story->result)
			fail_msg("%s: %d", story->name, (int)answer.result);
		if (answer.result == IMDS_HTTP_ANSWERED && answer.status == 200)
			assert_string_equal(answer.body, story->body ? story->body : "");
		else
			assert_null(answer.body);
		if (answer.result == IMDS_HTTP_GARBLED)
			assert_non_null(answer.flaw);
		imds_http_answer_done(&answer);
	}
}

static void test_silence_without_a_request_is_a_connection_that_failed(void **state)
{
	struct imds_http_answer answer = { 0 };
	struct imds_exchange exchange = { .answer = &answer, .limit = LIMIT };

	(void)state;
	imds_exchange_finish(&exchange, IMDS_ENDED_BY_TIME, "why");
	assert_int_equal(answer.result, IMDS_HTTP_CONNECT_TIMEOUT);
}

static void test_a_head_without_end_is_cut_off(void **state)
{
	static const char line[] =
		"X-Filler: ....................................................\r\n";
	struct imds_headers headers = { .length = IMDS_LENGTH_ABSENT };
	unsigned lines = 0;

	(void)state;
	while (imds_headers_add(&headers, line, sizeof(line) - 1))
		assert_true(++lines <= 1000);
	assert_string_equal(headers.flaw, "its head does not end");
	/* Interim answers do not start the count anew. */
	assert_false(imds_headers_add(&headers, "HTTP/1.1 100 Continue\r\n", 23));
}

static void test_error_pages_are_not_kept(void **state)
{
	struct imds_http_answer answer = { 0 };
	struct imds_exchange exchange = { .answer = &answer, .limit = LIMIT };
	char page[4096] = { 0 };
	unsigned pieces = 0;

	(void)state;
	imds_exchange_add_header(&exchange, "HTTP/1.1 500 Oops\r\n", 19);
	while (imds_exchange_add_body(&exchange, page, sizeof(page)))
		assert_true(++pieces <= 100);
	assert_null(answer.body);
	imds_http_answer_done(&answer);
}

static void test_retry_after_and_location(void **state)
{
	struct imds_headers headers = { .length = IMDS_LENGTH_ABSENT };
	static const char date[] = "Retry-After: Wed, 21 Oct 2099 07:28:00 GMT\r\n";
	static const char evil[] = "Location: http://a/\x1b[2J\xff x\r\n";

	(void)state;
	assert_true(imds_headers_add(&headers, "retry-after: 7\r\n", 16));
	assert_int_equal(headers.retry_after_sec, 7);
	assert_true(imds_headers_add(&headers, "Retry-After: 999999999999\r\n", 27));
	assert_int_equal(headers.retry_after_sec, 3600);
	assert_true(imds_headers_add(&headers, date, sizeof(date) - 1));
	assert_int_equal(headers.retry_after_sec, 0);
	assert_true(imds_headers_add(&headers, evil, sizeof(evil) - 1));
	assert_string_equal(headers.location, "http://a/?[2J??x");
}

static void test_the_date_of_the_service(void **state)
{
	struct imds_headers headers = { .length = IMDS_LENGTH_ABSENT };
	static const char date[] = "date: Mon, 21 Jan 2019 09:00:43 GMT\r\n";
	static const char old[] = "Date: Monday, 21-Jan-19 09:00:44 GMT\r\n";

	(void)state;
	assert_true(imds_headers_add(&headers, date, sizeof(date) - 1));
	assert_int_equal(headers.date_sec, 1548061243);
	assert_true(imds_headers_add(&headers, old, sizeof(old) - 1));
	assert_int_equal(headers.date_sec, 1548061243);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stories),
		cmocka_unit_test(test_silence_without_a_request_is_a_connection_that_failed),
		cmocka_unit_test(test_a_head_without_end_is_cut_off),
		cmocka_unit_test(test_error_pages_are_not_kept),
		cmocka_unit_test(test_retry_after_and_location),
		cmocka_unit_test(test_the_date_of_the_service),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
