/* SPDX-License-Identifier: Apache-2.0 */

/* Timers from now on, and sources that are over at once. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/event.h"

#include <errno.h>
#include <unistd.h>

#define HOUR_USEC (3600 * 1000000ULL)

static int count(sd_event_source *source, uint64_t usec, void *userdata)
{
	(void)source;
	(void)usec;
	(*(unsigned *)userdata)++;
	return 0;
}

static int new_loop(void **state)
{
	return sd_event_new((sd_event **)state);
}

static int free_loop(void **state)
{
	sd_event_unref(*state);
	return 0;
}

static void a_timer_is_due_from_now_on(void **state)
{
	sd_event_source *timer = NULL;
	unsigned calls = 0;
	uint64_t before = clock_now_usec(), due;

	assert_true(event_add_timer(*state, &timer, HOUR_USEC, count, &calls) >= 0);
	assert_true(sd_event_source_get_time(timer, &due) >= 0);
	assert_true(due >= before + HOUR_USEC && due <= clock_now_usec() + HOUR_USEC);
	assert_int_equal(sd_event_run(*state, 0), 0);
	assert_int_equal(calls, 0);
	assert_true(event_set_timer(timer, 0) >= 0);
	assert_true(sd_event_run(*state, UINT64_MAX) > 0);
	assert_int_equal(calls, 1);
	event_source_end(timer);
}

/* A handler may have been at work for long, as by a journal that takes no line. */
static void a_timer_is_due_from_now_on_within_a_handler(void **state)
{
	sd_event_source *timer = NULL;
	unsigned calls = 0;
	uint64_t before, due;

	assert_int_equal(sd_event_run(*state, 0), 0);
	usleep(1000);
	before = clock_now_usec();
	assert_true(event_add_timer(*state, &timer, HOUR_USEC, count, &calls) >= 0);
	assert_true(sd_event_source_get_time(timer, &due) >= 0);
	assert_true(due >= before + HOUR_USEC);
	usleep(1000);
	before = clock_now_usec();
	assert_true(event_set_timer(timer, HOUR_USEC) >= 0);
	assert_true(sd_event_source_get_time(timer, &due) >= 0);
	assert_true(due >= before + HOUR_USEC);
	event_source_end(timer);
}

/* A machine that was not asleep cannot tell the two clocks apart. */
static void a_timer_counts_sleep_where_it_is_to(void **state)
{
	sd_event_source *timer = NULL;
	unsigned calls = 0;
	uint64_t before = clock_usec(CLOCK_BOOTTIME), due;
	clockid_t clock;

	assert_true(event_add_timer_through_sleep(*state, &timer, 0, count, &calls) >= 0);
	assert_true(sd_event_source_get_time_clock(timer, &clock) >= 0);
	assert_int_equal(clock, CLOCK_BOOTTIME);
	assert_true(event_set_timer(timer, HOUR_USEC) >= 0);
	assert_true(sd_event_source_get_time(timer, &due) >= 0);
	assert_true(due >= before + HOUR_USEC && due <= clock_usec(CLOCK_BOOTTIME) + HOUR_USEC);
	assert_true(event_set_timer(timer, 0) >= 0);
	assert_true(sd_event_run(*state, UINT64_MAX) > 0);
	assert_int_equal(calls, 1);
	event_source_end(timer);
}

static void there_is_no_time_after_the_last(void **state)
{
	sd_event_source *timer = NULL;
	unsigned calls = 0;

	assert_int_equal(event_add_timer(*state, &timer, UINT64_MAX, count, &calls), -EOVERFLOW);
	assert_null(timer);
	assert_true(event_add_timer(*state, &timer, HOUR_USEC, count, &calls) >= 0);
	assert_int_equal(event_set_timer(timer, UINT64_MAX - 1), -EOVERFLOW);
	event_source_end(timer);
}

/* Somebody else's reference keeps the source, but not its handler. */
static void a_source_that_is_over_calls_nobody(void **state)
{
	sd_event_source *timer = NULL, *other;
	unsigned calls = 0;

	assert_true(event_add_timer(*state, &timer, 0, count, &calls) >= 0);
	other = sd_event_source_ref(timer);
	assert_null(event_source_end(timer));
	assert_int_equal(sd_event_run(*state, 50000), 0);
	assert_int_equal(calls, 0);
	sd_event_source_unref(other);
	assert_null(event_source_end(NULL));
}

static void a_pause_is_never_longer_nor_much_shorter(void **state)
{
	uint64_t least = HOUR_USEC, most = 0;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		uint64_t usec = event_jittered(HOUR_USEC);

		least = usec < least ? usec : least;
		most = usec > most ? usec : most;
	}
	assert_true(least > HOUR_USEC / 4 * 3 && least < HOUR_USEC / 100 * 80);
	assert_true(most <= HOUR_USEC && most > HOUR_USEC / 100 * 95);
	for (uint64_t usec = 0; usec < 4; usec++)
		assert_int_equal(event_jittered(usec), usec);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_timer_is_due_from_now_on, new_loop, free_loop),
		cmocka_unit_test_setup_teardown(a_timer_is_due_from_now_on_within_a_handler,
						new_loop, free_loop),
		cmocka_unit_test_setup_teardown(a_timer_counts_sleep_where_it_is_to, new_loop,
						free_loop),
		cmocka_unit_test_setup_teardown(there_is_no_time_after_the_last, new_loop,
						free_loop),
		cmocka_unit_test_setup_teardown(a_source_that_is_over_calls_nobody, new_loop,
						free_loop),
		cmocka_unit_test(a_pause_is_never_longer_nor_much_shorter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
