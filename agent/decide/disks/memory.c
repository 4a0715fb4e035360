/* SPDX-License-Identifier: Apache-2.0 */
#include "decide/disks/memory.h"

#include "decide/disks/layout.h"

#include <stdbool.h>

/*
 * mke2fs keeps its bitmaps as trees, which are small; but mkfs.lustre then opens the new file
 * system by libext2fs, whose bitmaps are arrays unless one asks otherwise: a bit for each block of
 * 4 KiB, all of it touched (e2fsprogs, lib/ext2fs/gen_bitmap64.c: EXT2FS_BMAP64_BITARRAY). 60 TiB
 * make 1.9 GiB of that. Beside it are 64 bytes for each group of 128 MiB, and the system itself.
 */
#define BYTES_A_BIT       4096ULL
#define BYTES_A_GROUP     (128ULL << 20)
#define DESCRIPTOR_SIZE   64
#define MEMORY_FOR_OTHERS (256ULL << 20)

static uint64_t memory_for(uint64_t bytes)
{
	return bytes / BYTES_A_BIT / 8 + bytes / BYTES_A_GROUP * DESCRIPTOR_SIZE +
	       MEMORY_FOR_OTHERS;
}

static bool is_formatted(const struct plan *plan, const struct judged *judged, size_t target)
{
	return (judged[target].what == JUDGED_ABSENT ||
		judged[target].what == JUDGED_UNFORMATTED) &&
	       plan->targets[target].group >= 0 && !plan_refuses(plan, plan->targets[target].name);
}

/* A size, or what others leave of the disks. */
static uint64_t size_of(const struct plan *plan, const struct judged *judged, size_t target)
{
	const struct plan_target *t = &plan->targets[target];
	const struct plan_group *group = &plan->groups[t->group];
	uint64_t all = 0;

	if (judged[target].volume)
		return judged[target].volume->size;
	if (t->size.bytes > 0)
		return t->size.bytes;
	for (size_t i = 0; i < group->disk_count; i++)
		all += group->disks[i].size;
	for (size_t i = 0; i < plan->target_count; i++)
		if (plan->targets[i].group == t->group && plan->targets[i].size.bytes < all)
			all -= plan->targets[i].size.bytes;
	return all;
}

/* All of them are formatted at once. */
int memory_check(const struct planner_input *input, const struct judged *judged, struct plan *plan)
{
	const uint64_t memory = input->facts->platform.memory;
	bool formatted[TARGETS_MAX] = { 0 };
	uint64_t bytes = 0;
	int r = 0;

	for (size_t i = 0; i < plan->target_count; i++) {
		formatted[i] = is_formatted(plan, judged, i);
		if (formatted[i] && __builtin_add_overflow(bytes, size_of(plan, judged, i), &bytes))
			bytes = UINT64_MAX;
	}
	if (memory == 0 || memory_for(bytes) <= memory)
		return 0;
	for (size_t i = 0; i < plan->target_count && r == 0; i++)
		if (formatted[i])
			r = plan_refuse(
				plan, REFUSAL_NO_MEMORY, plan->targets[i].name,
				"Use an instance type with more memory, or fewer or smaller "
				"disks.",
				"to format %.1f TB, %.1f GB of memory are needed, and this node "
				"has %.1f GB",
				(double)bytes / 1e12, (double)memory_for(bytes) / 1e9,
				(double)memory / 1e9);
	return r;
}
