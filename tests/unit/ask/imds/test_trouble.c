/* SPDX-License-Identifier: Apache-2.0 */

/* What each answer means, how long it is borne, and that every trouble tells what to do. */

#include "ask/imds/trouble.h"

#include "ask/imds/keys.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct imds_question token = { .key = "token", .is_token = true, .limit = 4096 };
static const struct imds_question required = {
	.key = "meta-data/mac", .required = true, .limit = 2048, .is_well_formed = imds_is_mac
};
static const struct imds_question optional = { .key = "user-data", .limit = 65536 };
static const struct imds_question listed = { .key = "tag", .is_listed = true, .limit = 2048 };

static enum imds_trouble judge_status(const struct imds_question *question, long status)
{
	char body[] = "06:12:34:56:78:17";
	struct imds_http_answer answer = {
		.result = IMDS_HTTP_ANSWERED, .status = status, .body = body, .size = strlen(body)
	};

	return imds_judge(question, &answer);
}

static enum imds_trouble judge_result(const struct imds_question *question,
				      enum imds_http_result result, int os_errno)
{
	struct imds_http_answer answer = { .result = result, .os_errno = os_errno };

	return imds_judge(question, &answer);
}

static void test_statuses(void **state)
{
	(void)state;
	assert_int_equal(judge_status(&optional, 200), IMDS_FINE);
	assert_int_equal(judge_status(&required, 200), IMDS_FINE);
	assert_int_equal(judge_status(&optional, 404), IMDS_FINE);
	assert_int_equal(judge_status(&required, 404), IMDS_ABSENT);
	assert_int_equal(judge_status(&listed, 404), IMDS_ABSENT);
	assert_int_equal(judge_status(&token, 404), IMDS_NOT_V2);
	assert_int_equal(judge_status(&token, 405), IMDS_NOT_V2);
	assert_int_equal(judge_status(&optional, 405), IMDS_UNEXPECTED);
	assert_int_equal(judge_status(&optional, 400), IMDS_UNEXPECTED);
	assert_int_equal(judge_status(&optional, 206), IMDS_UNEXPECTED);
	assert_int_equal(judge_status(&optional, 401), IMDS_UNAUTHORIZED);
	assert_int_equal(judge_status(&token, 401), IMDS_UNAUTHORIZED);
	assert_int_equal(judge_status(&token, 403), IMDS_DISABLED);
	assert_int_equal(judge_status(&optional, 403), IMDS_DISABLED);
	assert_int_equal(judge_status(&optional, 429), IMDS_THROTTLED);
	assert_int_equal(judge_status(&optional, 500), IMDS_BUSY);
	assert_int_equal(judge_status(&token, 503), IMDS_BUSY);
	assert_int_equal(judge_status(&optional, 302), IMDS_REDIRECTED);
	assert_int_equal(judge_status(&optional, 0), IMDS_UNEXPECTED);
}

static void test_bodies(void **state)
{
	char body[] = "no MAC";
	struct imds_http_answer answer = {
		.result = IMDS_HTTP_ANSWERED, .status = 200, .body = body, .size = strlen(body)
	};

	(void)state;
	assert_int_equal(imds_judge(&required, &answer), IMDS_MALFORMED);
	answer.size = 0;
	assert_int_equal(imds_judge(&required, &answer), IMDS_ABSENT);
	assert_int_equal(imds_judge(&optional, &answer), IMDS_FINE);
}

static void test_connections(void **state)
{
	(void)state;
	assert_int_equal(judge_result(&token, IMDS_HTTP_NOT_CONNECTED, ECONNREFUSED), IMDS_REFUSED);
	assert_int_equal(judge_result(&token, IMDS_HTTP_NOT_CONNECTED, ENETUNREACH), IMDS_UNROUTED);
	assert_int_equal(judge_result(&token, IMDS_HTTP_NOT_CONNECTED, EHOSTUNREACH),
			 IMDS_UNREACHED);
	assert_int_equal(judge_result(&token, IMDS_HTTP_NOT_CONNECTED, 0), IMDS_UNROUTED);
	assert_int_equal(judge_result(&token, IMDS_HTTP_NOT_CONNECTED, EMFILE), IMDS_SHORT);
	assert_int_equal(judge_result(&token, IMDS_HTTP_NOT_CONNECTED, ENFILE), IMDS_SHORT);
	assert_int_equal(judge_result(&token, IMDS_HTTP_CONNECT_TIMEOUT, 0), IMDS_UNREACHED);
	assert_int_equal(judge_result(&token, IMDS_HTTP_SILENT, 0), IMDS_TOKEN_SILENT);
	assert_int_equal(judge_result(&optional, IMDS_HTTP_SILENT, 0), IMDS_SILENT);
}

static void test_every_trouble_is_told_with_its_remedy(void **state)
{
	const struct imds_http_answer answer = { .status = 503,
						 .os_errno = EACCES,
						 .flaw = "flaw" };
	char text[256];

	(void)state;
	for (int i = IMDS_FINE + 1; i < _IMDS_TROUBLE_COUNT; i++) {
		const struct imds_trouble_rule *rule = imds_trouble_rule((enum imds_trouble)i);

		assert_true(rule->code < 0);
		assert_non_null(rule->remedy);
		assert_true(rule->patience_ms == 0 || rule->pause_max_ms >= 20);
		imds_trouble_describe((enum imds_trouble)i, &optional, &answer, text, sizeof(text));
		assert_true(strlen(text) >= 5 && strlen(text) <= 150);
	}
}

static void test_what_a_person_must_do_is_final(void **state)
{
	(void)state;
	assert_int_equal(imds_trouble_rule(IMDS_DISABLED)->patience_ms, 0);
	assert_int_equal(imds_trouble_rule(IMDS_DISABLED)->code, -EACCES);
	assert_int_equal(imds_trouble_rule(IMDS_NOT_V2)->patience_ms, 0);
	assert_int_equal(imds_trouble_rule(IMDS_TOO_LARGE)->patience_ms, 0);
	/* NixOS/nixpkgs#542874: 401 for ten seconds and more. */
	assert_true(imds_trouble_rule(IMDS_UNAUTHORIZED)->patience_ms >= 30000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_statuses),
		cmocka_unit_test(test_bodies),
		cmocka_unit_test(test_connections),
		cmocka_unit_test(test_every_trouble_is_told_with_its_remedy),
		cmocka_unit_test(test_what_a_person_must_do_is_final),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
