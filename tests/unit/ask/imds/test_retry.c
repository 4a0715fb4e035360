/* SPDX-License-Identifier: Apache-2.0 */

/* Waiting times: they grow, they stay within their ceilings, and a Retry-After cannot outlast a
 * deadline. */

#include "ask/imds/retry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void test_times_double_up_to_a_ceiling(void **state)
{
	(void)state;
	assert_int_equal(imds_connect_ms(0), 250);
	assert_int_equal(imds_connect_ms(1), 500);
	assert_int_equal(imds_connect_ms(3), 2000);
	assert_int_equal(imds_connect_ms(4000000000u), 2000);
	assert_int_equal(imds_answer_ms(0), 1000);
	assert_int_equal(imds_answer_ms(3), 8000);
	assert_int_equal(imds_answer_ms(4), 10000);
}

/* Whose network took long to come up asks then as who asks for the first time: a first packet that
 * is lost, as behind a DHCP answer, costs 250 ms and no 2 s. */
static void test_who_had_no_way_has_learnt_nothing(void **state)
{
	struct imds_attempts attempts = { 0 };

	(void)state;
	for (unsigned i = 0; i < 12; i++)
		assert_int_equal(imds_attempts_count(&attempts, true), i);
	assert_int_equal(imds_connect_ms(attempts.sent), 250);
	assert_int_equal(imds_pause_ms(imds_attempts_count(&attempts, false), 2000, 0), 20);
	assert_int_equal(imds_connect_ms(attempts.sent), 500);
	/* And is frequent again where the way is gone again. */
	assert_int_equal(imds_attempts_count(&attempts, true), 0);
	assert_int_equal(imds_attempts_count(&attempts, false), 1);
}

static void test_pause_keeps_between_half_and_whole(void **state)
{
	(void)state;
	assert_int_equal(imds_pause_ms(0, 2000, 0), 20);
	for (unsigned attempt = 0; attempt < 20; attempt++) {
		unsigned whole = imds_pause_ms(attempt, 2000, 0);

		assert_true(whole >= 20 && whole <= 2000);
		for (unsigned random = 0; random < 5000; random += 7) {
			unsigned pause = imds_pause_ms(attempt, 2000, random);

			assert_true(pause >= whole / 2 && pause <= whole);
		}
	}
}

static void test_pause_has_the_ceiling_of_its_trouble(void **state)
{
	(void)state;
	assert_int_equal(imds_pause_ms(30, 250, 0), 250);
}

static void test_pause_differs_between_nodes(void **state)
{
	(void)state;
	assert_int_not_equal(imds_pause_ms(6, 2000, 1), imds_pause_ms(6, 2000, 500));
}

static void test_retry_after_leaves_room_for_an_attempt(void **state)
{
	(void)state;
	assert_int_equal(imds_retry_after_ms(2, 300000), 2000);
	assert_int_equal(imds_retry_after_ms(3600, 10000), 8750);
	assert_int_equal(imds_retry_after_ms(3600, 100), 0);
	assert_int_equal(imds_retry_after_ms(0, 300000), 0);
}

static void test_no_time_remains_after_the_deadline(void **state)
{
	(void)state;
	assert_int_equal(imds_remaining_ms(1000, 400), 600);
	assert_int_equal(imds_remaining_ms(1000, 1000), 0);
	assert_int_equal(imds_remaining_ms(1000, 5000), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_times_double_up_to_a_ceiling),
		cmocka_unit_test(test_who_had_no_way_has_learnt_nothing),
		cmocka_unit_test(test_pause_keeps_between_half_and_whole),
		cmocka_unit_test(test_pause_has_the_ceiling_of_its_trouble),
		cmocka_unit_test(test_pause_differs_between_nodes),
		cmocka_unit_test(test_retry_after_leaves_room_for_an_attempt),
		cmocka_unit_test(test_no_time_remains_after_the_deadline),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
