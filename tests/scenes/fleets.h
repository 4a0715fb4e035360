/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Fleets by chance: each of these is one file system, its OSSs in subnets as people lay them out.
 * A VPC takes blocks of several ranges (RFC 1918, and 100.64.0.0/10 for secondary ones); a subnet
 * has one block of 16 to 28 bits, of which AWS keeps the first four addresses and the last (AWS:
 * subnet-sizing).
 */

#include "scenes/dice.h"

#include <stddef.h>

#define SUBNETS_MAX  6
#define RESERVED_LOW 4U

enum based {
	WITHOUT_BASE,
	WITH_BASE, /* each subnet, or launch, has an index-base that leaves room for those before */
};

struct fleet {
	const char *name;
	const char *index;              /* of the specification */
	unsigned prefixes[SUBNETS_MAX]; /* one subnet, or launch, each */
	unsigned nodes;    /* in all; each subnet has its share, or all that it can hold */
	unsigned disks[2]; /* per-disk with so many expected; the second: every other node */
	enum based based;
};

static const struct fleet fleets[] = {
	{ "one /20", "subnet", { 20 }, 2000, { 0 }, WITHOUT_BASE },
	{ "one /22, full", "subnet", { 22 }, 1019, { 0 }, WITHOUT_BASE },
	{ "one /24, full", "subnet", { 24 }, 251, { 0 }, WITHOUT_BASE },
	{ "one /28, full", "subnet", { 28 }, 11, { 0 }, WITHOUT_BASE },
	{ "one /16", "subnet", { 16 }, 2000, { 0 }, WITHOUT_BASE },
	{ "one /22, 8 disks", "subnet", { 22 }, 500, { 8 }, WITHOUT_BASE },
	{ "one /20, 24 disks", "subnet", { 20 }, 600, { 24 }, WITHOUT_BASE },
	{ "one /22, 4 or 8 disks", "subnet", { 22 }, 300, { 4, 8 }, WITHOUT_BASE },
	{ "three zones, bases", "subnet", { 22, 22, 22 }, 900, { 0 }, WITH_BASE },
	{ "three zones, no bases", "subnet", { 22, 22, 22 }, 900, { 0 }, WITHOUT_BASE },
	{ "odd sizes, bases", "subnet", { 20, 22, 24, 24, 28 }, 700, { 2 }, WITH_BASE },
	{ "odd sizes, no bases", "subnet", { 20, 22, 24, 24, 28 }, 700, { 2 }, WITHOUT_BASE },
	{ "bases too high", "subnet", { 20, 20, 20, 20 }, 300, { 5 }, WITH_BASE },
	{ "one launch", "launch", { 20 }, 500, { 0 }, WITHOUT_BASE },
	{ "two launches, bases", "launch", { 20, 20 }, 400, { 0 }, WITH_BASE },
	{ "two launches, no bases", "launch", { 20, 20 }, 400, { 0 }, WITHOUT_BASE },
	{ "numbers, some twice", "number", { 22 }, 200, { 0 }, WITHOUT_BASE },
};
#define FLEETS (sizeof(fleets) / sizeof(fleets[0]))

/* A subnet somewhere in private space, and all its addresses in an order by chance. */
struct subnet {
	uint32_t network; /* host byte order */
	unsigned prefix;
	uint32_t start, step; /* step is odd, so that start + n * step meets each host once */
	uint32_t next;
};

static inline void subnet_draw(struct dice *dice, unsigned prefix, struct subnet *ret)
{
	/* 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, 100.64.0.0/10 */
	static const struct {
		uint32_t network;
		unsigned prefix;
	} ranges[] = {
		{ 0x0a000000, 8 }, { 0xac100000, 12 }, { 0xc0a80000, 16 }, { 0x64400000, 10 }
	};
	unsigned range = prefix > 16 ? dice_below(dice, 4) : 0;
	uint32_t blocks = 1U << (prefix - ranges[range].prefix);

	*ret = (struct subnet){ .prefix = prefix };
	ret->network = ranges[range].network | dice_below(dice, blocks) << (32 - prefix);
	ret->start = (uint32_t)dice_roll(dice);
	ret->step = (uint32_t)dice_roll(dice) | 1;
}

/* The next address that AWS would give; false when all are given. */
static inline bool subnet_next(struct subnet *subnet, uint32_t *ret)
{
	uint32_t last = (1U << (32 - subnet->prefix)) - 1;

	while (subnet->next <= last) {
		uint32_t host = (subnet->start + subnet->next++ * subnet->step) & last;

		if (host < RESERVED_LOW || host == last)
			continue;
		*ret = subnet->network | host;
		return true;
	}
	return false;
}
