/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Chance from a seed: the same seed, the same throws. */

#include <stdbool.h>
#include <stdint.h>

struct dice {
	uint64_t state;
};

/* splitmix64 (Steele, Lea and Flood: Fast splittable pseudorandom number generators). */
static inline uint64_t dice_roll(struct dice *dice)
{
	uint64_t value = dice->state += 0x9e3779b97f4a7c15ULL;

	value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9ULL;
	value = (value ^ (value >> 27)) * 0x94d049bb133111ebULL;
	return value ^ (value >> 31);
}

static inline unsigned dice_below(struct dice *dice, unsigned count)
{
	return (unsigned)(dice_roll(dice) % count);
}

/* True in `percent` of 100 cases. */
static inline bool dice_is(struct dice *dice, unsigned percent)
{
	return dice_below(dice, 100) < percent;
}
