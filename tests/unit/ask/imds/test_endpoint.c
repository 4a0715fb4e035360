/* SPDX-License-Identifier: Apache-2.0 */

/* The endpoint that a person names is a host and a port, and nothing that would send us elsewhere.
 */

#include "ask/imds/endpoint.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_good(void **state)
{
	static const char *const pairs[][2] = {
		{ "127.0.0.1:8080", "http://127.0.0.1:8080" },
		{ "http://127.0.0.1:8080", "http://127.0.0.1:8080" },
		{ "http://127.0.0.1:8080/", "http://127.0.0.1:8080" },
		{ "http://[::1]:80", "http://[::1]:80" },
		{ "localhost", "http://localhost" },
		{ "HTTP://localhost:65535/", "http://localhost:65535" },
		{ "[fd00:ec2::254]", "http://[fd00:ec2::254]" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		char *base = NULL;

		assert_int_equal(imds_endpoint_parse(pairs[i][0], &base, NULL), 0);
		assert_string_equal(base, pairs[i][1]);
		free(base);
	}
}

static void test_bad(void **state)
{
	static const char *const bad[] = {
		"",
		"https://127.0.0.1",
		"file:///etc/passwd",
		"http://127.0.0.1/latest",
		"http://u:p@127.0.0.1",
		"http://127.0.0.1/?q",
		"127.0.0.1:99999999",
		"http://",
		"http:///",
		"http://http://127.0.0.1",
		"127.0.0.1//",
		"127.0.0.1 ",
		"127.0.0.1#x",
		"127.0.0.1\n",
		"127.0.0.1%2f",
		"::1",
		"[::1",
		"[]",
		"[127.0.0.1]",
		"[::1]x",
		"[fd00:ec2::254:fd00:ec2::254:fd00:ec2::254:fd00:ec2::254]",
		":80",
		"127.0.0.1:",
		"127.0.0.1:0",
		"127.0.0.1:65536",
		"127.0.0.1:+1",
		"127.0.0.1:80:80",
		"127.0.0.1:184467440737095516",
	};
	char longest[600];
	char *base = NULL;
	struct error err;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(imds_endpoint_parse(bad[i], &base, &err), -EINVAL);
		assert_non_null(strstr(err.text, "http://HOST:PORT"));
	}
	memset(longest, 'a', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	assert_int_equal(imds_endpoint_parse(longest, &base, &err), -EINVAL);
	assert_null(base);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
