/* SPDX-License-Identifier: Apache-2.0 */

/* What is cut from disks: in whole stripes, and never more than there is. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "decide/disks/place.h"

#include <stdio.h>
#include <string.h>

#define MIB (1ULL << 20)
#define GIB (1ULL << 30)
#define EIB (1ULL << 60)

static void room_is_in_extents_of_the_smallest(void **state)
{
	static const struct {
		uint64_t sizes[3], used, total, free;
		size_t count;
	} rows[] = {
		/* The head of a PV, and what is no whole extent, are no room. */
		{ { GIB + MIB }, 0, GIB, GIB, 1 },
		{ { GIB }, 0, GIB - 4 * MIB, GIB - 4 * MIB, 1 },
		{ { GIB + MIB, GIB + MIB }, 0, 2 * GIB, 2 * GIB, 2 },
		{ { GIB + MIB, 3 * GIB + MIB }, 0, 4 * GIB, 2 * GIB, 2 },
		{ { GIB + MIB, 3 * GIB + MIB }, GIB, 4 * GIB, GIB, 2 },
		{ { GIB + MIB }, 2 * GIB, GIB, 0, 1 },
		{ { MIB, GIB + MIB }, 0, GIB, 0, 2 },
		{ { 0 }, 0, 0, 0, 1 },
		{ { 0 }, 0, 0, 0, 0 },
		{ { UINT64_MAX, UINT64_MAX, UINT64_MAX }, 0, UINT64_MAX, UINT64_MAX, 3 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct room room = room_over(rows[i].sizes, rows[i].count, rows[i].used);

		assert_true(room.total == rows[i].total);
		assert_true(room.free == rows[i].free);
		assert_int_equal(room.step, 4 * MIB * (rows[i].count ? rows[i].count : 1));
	}
}

struct cut {
	struct size_choice mgt, mdt;
	uint64_t free;
	uint64_t mgt_bytes, mdt_bytes; /* 0: refused */
};

static void expect_cut(const struct cut *row)
{
	struct plan plan = { 0 };
	struct plan_target targets[3] = { { .name = "MGS", .size = row->mgt },
					  { .name = "lustrewt-MDT0000", .size = row->mdt },
					  { .name = "lustrewt-OST0000" } };
	struct place place = { .targets = { &targets[0], &targets[1], &targets[2] },
			       .target_count = 3 };
	struct room room = { 100 * GIB, row->free, 8 * MIB, true };
	bool refused;

	assert_int_equal(place_cut(&place, &room, &plan, &refused), 0);
	assert_int_equal(refused, row->mgt_bytes == 0);
	assert_int_equal(plan.refusal_count, refused ? 1 : 0);
	if (!refused) {
		assert_true(targets[0].size.bytes == row->mgt_bytes);
		assert_true(targets[1].size.bytes == row->mdt_bytes);
		assert_true(targets[2].size.bytes == 0 && targets[2].size.percent == 0);
	}
	plan_done(&plan);
}

static void sizes_are_whole_stripes_that_fit(void **state)
{
	static const struct cut rows[] = {
		{ { GIB, 0 },
		  { 0, 10 },
		  100 * GIB,
		  GIB,
		  100 * GIB / 100 * 10 / (8 * MIB) * (8 * MIB) },
		{ { GIB + 1, 0 }, { 2 * GIB, 0 }, 100 * GIB, GIB + 8 * MIB, 2 * GIB },
		/* To the last byte: the OST has the least that a target needs. */
		{ { GIB, 0 }, { 2 * GIB, 0 }, 3 * GIB + 40 * MIB, GIB, 2 * GIB },
		{ { GIB, 0 }, { 2 * GIB, 0 }, 3 * GIB + 40 * MIB - 1, 0, 0 },
		{ { GIB + 1, 0 }, { 2 * GIB, 0 }, 3 * GIB + 40 * MIB, 0, 0 },
		/* Of disks of two sizes a share is of all, and must fit what can be striped. */
		{ { GIB, 0 }, { 0, 50 }, 40 * GIB, 0, 0 },
		{ { 0, 60 }, { 0, 60 }, 100 * GIB, 0, 0 },
		{ { 0, 100 }, { GIB, 0 }, 100 * GIB, 0, 0 },
		/* Sums that would wrap around. */
		{ { EIB, 0 }, { EIB, 0 }, 100 * GIB, 0, 0 },
		{ { UINT64_MAX, 0 }, { GIB, 0 }, UINT64_MAX - 1, 0, 0 },
		{ { 1ULL << 63, 0 }, { 1ULL << 63, 0 }, 100 * GIB, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		expect_cut(&rows[i]);
}

static void a_share_that_is_too_small_for_a_target_is_refused(void **state)
{
	struct plan plan = { 0 };
	struct plan_target target = { .name = "MGS", .size = { 0, 1 } };
	struct place place = { .targets = { &target }, .target_count = 1 };
	const uint64_t sizes[] = { GIB };
	struct room room = room_over(sizes, 1, 0);
	bool refused = false;

	(void)state;
	assert_int_equal(place_cut(&place, &room, &plan, &refused), 0);
	assert_true(refused);
	assert_non_null(strstr(plan.refusals[0].text, "1% of"));
	plan_done(&plan);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(room_is_in_extents_of_the_smallest),
		cmocka_unit_test(sizes_are_whole_stripes_that_fit),
		cmocka_unit_test(a_share_that_is_too_small_for_a_target_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
