/* SPDX-License-Identifier: Apache-2.0 */

/* Marks are taken where they are wanted, as many as there is room for. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/mark.h"

#include <string.h>

static void a_mark_has_a_beginning_and_an_end(void **state)
{
	const uint64_t before = clock_now_usec();
	struct marks marks = { .count = 0 };
	struct mark *mark = mark_begin(&marks, "asked for %s", "user-data");

	(void)state;
	assert_string_equal(mark->what, "asked for user-data");
	assert_true(mark->started_usec >= before);
	assert_int_equal(mark->ended_usec, mark->started_usec);
	mark_end(mark);
	assert_true(mark->ended_usec >= mark->started_usec);
	assert_int_equal(marks.count, 1);
}

static void nobody_wants_them(void **state)
{
	(void)state;
	assert_null(mark_begin(/* marks= */ NULL, "x"));
	mark_end(NULL);
}

static void there_is_room_for_so_many(void **state)
{
	struct marks marks = { .count = 0 };

	(void)state;
	for (size_t i = 0; i < MARKS_MAX; i++)
		assert_non_null(mark_begin(&marks, "%zu", i));
	assert_null(mark_begin(&marks, "one more"));
	assert_int_equal(marks.count, MARKS_MAX);
	assert_string_equal(marks.items[MARKS_MAX - 1].what, "95");
}

/* Keys have names of tags in them. */
static void what_is_said_can_be_shown(void **state)
{
	struct marks marks = { .count = 0 };
	char name[300];
	struct mark *mark;

	(void)state;
	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	name[1] = '\x1b';
	name[2] = '\n';
	mark = mark_begin(&marks, "%s", name);
	assert_null(strchr(mark->what, '\x1b'));
	assert_null(strchr(mark->what, '\n'));
	assert_true(strlen(mark->what) < sizeof(mark->what));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_mark_has_a_beginning_and_an_end),
		cmocka_unit_test(nobody_wants_them),
		cmocka_unit_test(there_is_room_for_so_many),
		cmocka_unit_test(what_is_said_can_be_shown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
