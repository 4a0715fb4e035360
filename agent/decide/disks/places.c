/* SPDX-License-Identifier: Apache-2.0 */
#include "decide/disks/places.h"

static void add_target(struct place *place, struct plan_target *target)
{
	if (place->target_count < SHARING_MAX)
		place->targets[place->target_count++] = target;
}

/* Is a volume of one of these targets on the disk? */
static bool is_taken(const struct candidate *candidate, const struct judged *judged, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (judged[i].group && judged[i].group == candidate->group)
			return true;
	return false;
}

/* The disk of rank 0, where one of those that share it has its volume already; else NULL. */
static const struct candidate *find_shared(const struct candidates *candidates,
					   const struct judged *judged, size_t first_ost)
{
	for (size_t i = 0; i < candidates->count; i++)
		if (is_taken(&candidates->items[i], judged, first_ost + 1))
			return &candidates->items[i];
	return NULL;
}

/*
 * The disks of the OSTs that have no volume yet, by rank: the one at the same rank among all disks,
 * unless another OST's volume is on it: a rank, once written, is fixed. Then what is left over.
 */
static void rank_disks(const struct candidates *candidates, const struct judged *judged,
		       const struct plan *plan, size_t first_ost,
		       const struct candidate *ranked[TARGETS_MAX])
{
	bool used[CANDIDATES_MAX] = { false };
	size_t osts = plan->target_count - first_ost;

	for (size_t i = 0; i < candidates->count; i++)
		used[i] = is_taken(&candidates->items[i], judged, plan->target_count);
	ranked[0] = find_shared(candidates, judged, first_ost);
	for (size_t rank = ranked[0] ? 1 : 0; rank < osts; rank++) {
		bool absent = !judged[first_ost + rank].group;

		ranked[rank] = NULL;
		if (absent && rank < candidates->count && !used[rank]) {
			ranked[rank] = &candidates->items[rank];
			used[rank] = true;
		}
	}
	for (size_t rank = 0; rank < osts; rank++) {
		for (size_t i = 0;
		     i < candidates->count && !ranked[rank] && !judged[first_ost + rank].group;
		     i++) {
			if (used[i])
				continue;
			ranked[rank] = &candidates->items[i];
			used[i] = true;
		}
	}
}

/* One place for each OST; the MGT and the MDT share that of the first. */
static void find_per_disk(const struct candidates *candidates, const struct judged *judged,
			  struct plan *plan, struct places *ret)
{
	const struct candidate *ranked[TARGETS_MAX];
	size_t first_ost = 0;

	while (first_ost < plan->target_count && plan->targets[first_ost].kind != TARGET_OST)
		first_ost++;
	rank_disks(candidates, judged, plan, first_ost, ranked);
	for (size_t i = first_ost; i < plan->target_count; i++) {
		struct place *place = &ret->items[ret->count++];

		for (size_t t = 0; i == first_ost && t < first_ost; t++)
			if (!judged[t].group)
				add_target(place, &plan->targets[t]);
		if (!judged[i].group)
			add_target(place, &plan->targets[i]);
		if (ranked[i - first_ost])
			place->disks[place->disk_count++] = ranked[i - first_ost];
	}
}

void places_find(const struct spec *spec, const struct candidates *candidates,
		 const struct judged *judged, struct plan *plan, struct places *ret)
{
	struct place *place = &ret->items[0];

	*ret = (struct places){ 0 };
	if (spec->osts_per_disk && spec->roles & ROLE_OSS) {
		find_per_disk(candidates, judged, plan, ret);
		return;
	}
	ret->count = 1;
	for (size_t i = 0; i < plan->target_count; i++)
		if (!judged[i].group)
			add_target(place, &plan->targets[i]);
	for (size_t i = 0; i < candidates->count; i++)
		place->disks[place->disk_count++] = &candidates->items[i];
}
