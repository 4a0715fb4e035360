/* SPDX-License-Identifier: Apache-2.0 */

/* What names resolve to, with getent played. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "observe/network/hosts.h"

#include "scenes/recorded.h"

static void addresses_are_read_in_their_order(void **state)
{
	struct words addresses = { 0 };

	(void)state;
	assert_int_equal(hosts_parse("10.0.0.11       STREAM mgs.internal\n"
				     "10.0.0.11       DGRAM  \n"
				     "10.0.0.10       STREAM \n"
				     "\n010.0.0.1 STREAM\nmgs.internal\n::1 STREAM\n127.0.1.1",
				     &addresses),
			 0);
	assert_int_equal(addresses.count, 3);
	assert_string_equal(addresses.items[0], "10.0.0.11");
	assert_string_equal(addresses.items[1], "10.0.0.10");
	assert_string_equal(addresses.items[2], "127.0.1.1");
	words_done(&addresses);
}

static void a_flood_of_addresses_is_bounded(void **state)
{
	struct words addresses = { 0 };
	char text[256 * 24] = "";
	size_t used = 0;

	(void)state;
	for (unsigned i = 0; i < 256; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used, "10.0.0.%u STREAM\n", i);
	assert_int_equal(hosts_parse(text, &addresses), 0);
	assert_int_equal(addresses.count, 16);
	words_done(&addresses);
}

static void observe(const char *const *mgs, uint64_t timeout_usec, struct facts *facts)
{
	struct words words = { 0 };
	struct error err;

	for (; *mgs; mgs++)
		assert_int_equal(words_add(&words, *mgs), 0);
	if (hosts_observe(&words, timeout_usec, NULL, NULL, /* inquiries= */ NULL, facts, &err) < 0)
		fail_msg("%s", err.text);
	words_done(&words);
}

static void names_are_looked_up_and_addresses_are_not(void **state)
{
	static const char *const mgs[] = { "10.0.0.10@tcp",     "mgs.internal@tcp", "gone.internal",
					   "mgs.internal@tcp1", "fd00::1",          NULL };
	struct facts facts = { 0 };
	struct recorded machine;

	(void)state;
	recorded_start(&machine);
	recorded_tool(&machine, "getent",
		      "[ $1 = ahostsv4 ] || exit 1\n"
		      "[ $2 = mgs.internal ] || exit 2\n"
		      "echo '10.0.0.10       STREAM mgs.internal'");
	observe(mgs, 0, &facts);
	assert_int_equal(facts.host_count, 2);
	assert_string_equal(facts.hosts[0].name, "mgs.internal");
	assert_string_equal(facts.hosts[0].addresses.items[0], "10.0.0.10");
	assert_int_equal(facts.hosts[1].addresses.count, 0);
	assert_ptr_equal(facts_host(&facts, "mgs.internal@tcp1"), &facts.hosts[0]);
	assert_ptr_equal(facts_host(&facts, "gone.internal"), &facts.hosts[1]);
	assert_null(facts_host(&facts, "mgs.internal.example"));
	assert_null(facts_host(&facts, "mgs"));
	facts_done(&facts);
	recorded_end(&machine);
}

/* A record that is made while the instance boots. */
static void a_name_of_its_own_is_waited_for(void **state)
{
	static const char *const mgs[] = { "mgs.internal", NULL };
	struct facts facts = { 0 };
	struct recorded machine;
	char script[8400], counter[4096];

	(void)state;
	recorded_start(&machine);
	recorded_path(&machine, "/asked", counter);
	snprintf(script, sizeof(script),
		 "[ -e %s ] && { echo '10.0.0.10 STREAM'; exit 0; }\n: >%s\nexit 2", counter,
		 counter);
	recorded_tool(&machine, "getent", script);
	observe(mgs, 60 * 1000000ULL, &facts);
	assert_string_equal(facts.hosts[0].addresses.items[0], "10.0.0.10");
	facts_done(&facts);
	recorded_end(&machine);
}

static void a_resolver_that_is_missing_is_no_error(void **state)
{
	static const char *const mgs[] = { "mgs.internal", NULL };
	struct facts facts = { 0 };
	struct recorded machine;

	(void)state;
	recorded_start(&machine);
	setenv("PATH", "/nonexistent", 1);
	observe(mgs, 0, &facts);
	assert_int_equal(facts.host_count, 1);
	assert_int_equal(facts.hosts[0].addresses.count, 0);
	facts_done(&facts);
	recorded_end(&machine);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_are_read_in_their_order),
		cmocka_unit_test(a_flood_of_addresses_is_bounded),
		cmocka_unit_test(names_are_looked_up_and_addresses_are_not),
		cmocka_unit_test(a_name_of_its_own_is_waited_for),
		cmocka_unit_test(a_resolver_that_is_missing_is_no_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
