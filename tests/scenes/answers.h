/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What a scene's plan says: its actions by how they read, what they wait for, its refusals. */

#include "scenes/volumes.h"

/* The number of the action that reads so; -1 when the plan has none. */
static inline int scene_find(const struct scene *s, const char *action)
{
	char text[256];

	for (size_t i = 0; i < s->plan.action_count; i++) {
		action_describe(&s->plan, &s->plan.actions[i], text, sizeof(text));
		if (strcmp(text, action) == 0)
			return (int)i;
	}
	return -1;
}

/* How many actions of this kind the plan has. */
static inline unsigned scene_count(const struct scene *s, enum action_kind kind)
{
	unsigned count = 0;

	for (size_t i = 0; i < s->plan.action_count; i++)
		count += s->plan.actions[i].kind == kind;
	return count;
}

/* Does `action` wait for `needed`, directly or not? */
static inline bool scene_waits(const struct scene *s, int action, int needed)
{
	if (action < 0 || needed < 0)
		return false;
	for (unsigned i = 0; i < s->plan.actions[action].need_count; i++) {
		int need = (int)s->plan.actions[action].needs[i];

		if (need == needed || scene_waits(s, need, needed))
			return true;
	}
	return false;
}

/* The one refusal of the plan, which must have this code. */
static inline const struct refusal *scene_refusal(const struct scene *s, enum refusal_code code)
{
	if (s->plan.refusal_count != 1)
		fail_msg("%zu refusals, the first: %s", s->plan.refusal_count,
			 s->plan.refusal_count > 0 ? s->plan.refusals[0].text : "none");
	if (s->plan.refusals[0].code != code)
		fail_msg("%s: %s", refusal_code_name(s->plan.refusals[0].code),
			 s->plan.refusals[0].text);
	return &s->plan.refusals[0];
}

static inline void scene_expect_no_refusal(const struct scene *s)
{
	if (s->plan.refusal_count > 0)
		fail_msg("%s", s->plan.refusals[0].text);
}
