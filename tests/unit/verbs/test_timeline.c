/* SPDX-License-Identifier: Apache-2.0 */

/* The steps of a boot on one scale, whatever times the report has. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "verbs/timeline.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECOND 1000000ULL

static struct status *make_status(void)
{
	struct status *status = calloc(1, sizeof(*status));

	assert_non_null(status);
	status->started_usec = 100 * SECOND;
	status->observed_usec = 101 * SECOND;
	status->ended_usec = 110 * SECOND;
	return status;
}

static struct outcome *add(struct status *status, const char *what, uint64_t from, uint64_t to)
{
	struct outcome *outcome = status_add_outcome(status);

	assert_non_null(outcome);
	snprintf(outcome->what, sizeof(outcome->what), "%s", what);
	outcome->kind = OUTCOME_DONE;
	outcome->started_usec = from;
	outcome->ended_usec = to;
	return outcome;
}

static void drop(struct status *status)
{
	status_done(status);
	free(status);
}

static void steps_lie_within_the_whole(void **state)
{
	static const struct {
		uint64_t from, to, expected_from, expected_to;
	} rows[] = {
		{ 102 * SECOND, 105 * SECOND, 2 * SECOND, 5 * SECOND },
		{ 105 * SECOND, 102 * SECOND, 2 * SECOND, 2 * SECOND }, /* backwards */
		{ 0, 1, 0, 0 },                                         /* before the beginning */
		{ 1ULL << 62, 1ULL << 63, 10 * SECOND, 10 * SECOND },   /* long after the end */
		{ UINT64_MAX, UINT64_MAX, 10 * SECOND, 10 * SECOND },
	};
	struct status *status = make_status();
	struct timeline timeline;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		add(status, "x", rows[i].from, rows[i].to);
	assert_int_equal(timeline_make(status, &timeline), 0);
	assert_int_equal(timeline.count, 1 + sizeof(rows) / sizeof(rows[0]));
	assert_int_equal(timeline.rows[0].to_usec, SECOND);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(timeline.rows[i + 1].from_usec, rows[i].expected_from);
		assert_int_equal(timeline.rows[i + 1].to_usec, rows[i].expected_to);
	}
	timeline_done(&timeline);
	drop(status);
}

static void mark(struct status *status, const char *what, uint64_t from, uint64_t to)
{
	struct mark *added = mark_begin(&status->marks, "%s", what);

	assert_non_null(added);
	added->started_usec = from;
	added->ended_usec = to;
}

/* What asking and the first look were made of stands between the whole of it and the actions. */
static void marks_are_rows(void **state)
{
	struct status *status = make_status();
	struct timeline timeline;

	(void)state;
	add(status, "format", 102 * SECOND, 104 * SECOND);
	mark(status, "asked for user-data", 100 * SECOND + 5, 100 * SECOND + 9);
	mark(status, "what is on the disks", 100 * SECOND + 3, 200 * SECOND);
	assert_int_equal(timeline_make(status, &timeline), 0);
	assert_int_equal(timeline.count, 4);
	assert_string_equal(timeline.rows[0].what, "asked, and observed");
	assert_string_equal(timeline.rows[1].what, "asked for user-data");
	assert_int_equal(timeline.rows[1].from_usec, 5);
	assert_int_equal(timeline.rows[1].to_usec, 9);
	assert_string_equal(timeline.rows[2].what, "what is on the disks");
	assert_int_equal(timeline.rows[2].to_usec, timeline.whole_usec);
	assert_string_equal(timeline.rows[3].what, "format");
	timeline_done(&timeline);
	drop(status);
}

static void what_is_at_work_ends_with_its_last_step(void **state)
{
	struct status *status = make_status();
	struct timeline timeline;

	(void)state;
	status->ended_usec = 0;
	add(status, "format", 102 * SECOND, 104 * SECOND);
	add(status, "mount", 0, 0)->kind = OUTCOME_SKIPPED;
	assert_int_equal(timeline_make(status, &timeline), 0);
	assert_int_equal(timeline.whole_usec, 4 * SECOND);
	assert_int_equal(timeline.count, 2);
	timeline_done(&timeline);
	drop(status);
}

static void a_row_is_a_line_with_its_bar(void **state)
{
	static const char expected[] = "   start     took\n"
				       "    0.00     1.00  |#         | asked, and observed\n"
				       "    5.00     5.00  |    ######| mount (3 tries)\n"
				       "\n10.00 s in all; the longest chain of tools took 4.00 s\n";
	struct status *status = make_status();
	struct outcome *outcome = add(status, "mount", 105 * SECOND, 110 * SECOND);
	struct timeline timeline;
	char *text;

	(void)state;
	outcome->retries = 2;
	outcome->chain_usec = 4 * SECOND;
	assert_int_equal(timeline_make(status, &timeline), 0);
	text = timeline_text(&timeline, 10);
	assert_string_equal(text, expected);
	free(text);
	timeline_done(&timeline);
	drop(status);
}

/* A picture must not become a page: names come from outside. */
static void a_picture_holds_text_alone(void **state)
{
	struct status *status = make_status();
	struct timeline timeline;
	char *svg;

	(void)state;
	add(status, "</text><script>a&\"b\"\x1b\xff", 102 * SECOND, 103 * SECOND)->kind =
		OUTCOME_FAILED;
	assert_int_equal(timeline_make(status, &timeline), 0);
	svg = timeline_svg(&timeline, "lustrewt: oss & client");
	assert_non_null(svg);
	assert_int_equal(strncmp(svg, "<svg xmlns=\"http://www.w3.org/2000/svg\"", 38), 0);
	assert_string_equal(svg + strlen(svg) - strlen("</svg>\n"), "</svg>\n");
	assert_null(strstr(svg, "<script>"));
	assert_non_null(strstr(svg, "&lt;/text&gt;&lt;script&gt;a&amp;&quot;b&quot;??"));
	assert_non_null(strstr(svg, "lustrewt: oss &amp; client"));
	assert_non_null(strstr(svg, ": failed, from 2.00 s, took 1.00 s"));
	free(svg);
	timeline_done(&timeline);
	drop(status);
}

static void long_names_are_cut_and_told_whole(void **state)
{
	static const char name[] = "join /dev/nvme1n1, /dev/nvme2n1, /dev/nvme3n1 and /dev/nvme4n1";
	struct status *status = make_status();
	struct timeline timeline;
	char *svg;

	(void)state;
	add(status, name, 102 * SECOND, 103 * SECOND);
	assert_int_equal(timeline_make(status, &timeline), 0);
	svg = timeline_svg(&timeline, "");
	assert_non_null(strstr(svg, "join /dev/nvme1n1, /dev/nvme2n1, /dev/n…</text>"));
	assert_non_null(strstr(svg, "and /dev/nvme4n1: done"));
	free(svg);
	timeline_done(&timeline);
	drop(status);
}

static void no_time_at_all_is_drawn(void **state)
{
	struct status *status = calloc(1, sizeof(*status));
	struct timeline timeline;
	char *svg;

	(void)state;
	assert_non_null(status);
	assert_int_equal(timeline_make(status, &timeline), 0);
	svg = timeline_svg(&timeline, "nothing");
	assert_non_null(svg);
	assert_null(strstr(svg, "nan"));
	assert_null(strstr(svg, "inf"));
	free(svg);
	timeline_done(&timeline);
	drop(status);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(steps_lie_within_the_whole),
		cmocka_unit_test(marks_are_rows),
		cmocka_unit_test(what_is_at_work_ends_with_its_last_step),
		cmocka_unit_test(a_row_is_a_line_with_its_bar),
		cmocka_unit_test(a_picture_holds_text_alone),
		cmocka_unit_test(long_names_are_cut_and_told_whole),
		cmocka_unit_test(no_time_at_all_is_drawn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
