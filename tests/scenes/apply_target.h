/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A plan with one OST, on a volume that is a sparse file. Include <cmocka.h> before. */

#include "scenes/apply.h"

/* One OST, and one action on it. */
static inline struct plan_target *make_plan(struct apply_scene *s, enum action_kind kind)
{
	struct plan_target *target;

	apply_start(s);
	apply_tool(s, "mkfs.lustre", "");
	target = plan_add_target(&s->plan);
	assert_non_null(target);
	target->kind = TARGET_OST;
	target->group = 0;
	target->index = 23;
	target->stripes = 2;
	target->stripe_size = 262144;
	strcpy(target->name, "lustrewt-OST0017");
	strcpy(target->fsname, "lustrewt");
	apply_add_device(s, target);
	apply_add(s, kind, -1, -1);
	s->plan.actions[0].target = 0;
	return target;
}

static inline void mke2fs(const struct plan_target *target, const char *label)
{
	const char *const argv[] = { "mke2fs", "-q",  "-F",           "-t", "ext4",
				     "-L",     label, target->device, NULL };

	recorded_program(argv);
}

static inline void debugfs(const struct plan_target *target, const char *command)
{
	const char *const argv[] = { "debugfs", "-w", "-R", command, target->device, NULL };

	if (command[0] != '\0')
		recorded_program(argv);
}
