/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a node would become, told before it is launched: the planner's own word on a machine as EC2
 * would hand it over, with as many blank disks as its type has, one address, and all tools there.
 */

#include "model/plan.h"

/* Where the node is going to be. */
struct dry_place {
	char subnet[20];  /* "10.0.0.0/24" */
	char address[16]; /* the node's own, or the lowest that EC2 may give it */
	char last[16];    /* the highest one; "" where the node's own is known */
	char type[64];    /* instance type, "" where it does not matter */
};

struct dry_start {
	struct dry_place place;
	struct plan first;    /* the node at place.address */
	struct plan last;     /* and at place.last, where there is one */
	size_t assumed_disks; /* 0, or how many a type is taken to have that is not known */
};

void dry_start_done(struct dry_start *dry);

/*
 * Takes "10.0.0.23/24", a node's own address in its subnet, or "10.0.0.0/24", any of a subnet.
 * -EINVAL: it is neither, no subnet can have that size (AWS: /16 to /28), or EC2 gives that address
 * to nobody: the first four and the last of a subnet. Source: Amazon VPC user guide, "Subnet CIDR
 * blocks".
 */
int dry_place_parse(const char *text, struct dry_place *ret, struct error *err);

/*
 * Plans the node that `spec` asks for, at `place`. Refusals are in the plans. -EINVAL: no machine
 * can be that, as planner_plan() has it, or an MGS without an address of its own; -ENOMEM. The
 * caller calls dry_start_done() in any case.
 */
int dry_start_plan(const struct spec *spec, const struct dry_place *place, struct dry_start *ret,
		   struct error *err);

bool dry_start_is_refused(const struct dry_start *dry);

/* For people, a new text that the caller frees; NULL when out of memory. */
char *dry_start_format(const struct spec *spec, const struct dry_start *dry);

/* A node for each plan: its address, MGS, targets, client and refusals. NULL when out of memory. */
json_t *dry_start_to_json(const struct dry_start *dry);
