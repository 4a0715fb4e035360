/* SPDX-License-Identifier: Apache-2.0 */

/* What a mount that does not return may be waiting for is told while it lasts. */

#include "model/mount_wait.h"
#include "effect/mount.h"

/* A target that is settled after its mount is one that registers by it. */
static enum mount_wait wait_of(const struct step *step)
{
	const struct plan *plan = step->options->plan;

	if (!step->target)
		return MOUNT_WAIT_CLIENT;
	if (step->target->kind == TARGET_MGT)
		return MOUNT_WAIT_MGT;
	for (size_t i = 0; i < plan->action_count; i++)
		if (plan->actions[i].kind == ACTION_SETTLE &&
		    plan->actions[i].target == step->action->target)
			return MOUNT_WAIT_FIRST;
	return MOUNT_WAIT_SERVED;
}

/* STATUS= has it all the time, the journal once. */
void mount_remind(struct step *step, unsigned seconds)
{
	const char *sentence = mount_wait_sentence(wait_of(step));
	const char *name =
		step->target ? step->target->name : step->options->plan->client.mount_point;

	step_tell(step, "mount %s, for %u s%s%s", name, seconds, sentence[0] ? ": " : "", sentence);
	if (!step->reminded && sentence[0])
		step_note_wait(step, WAIT_MOUNT, "mount %s takes longer than %u s: %s", name,
			       seconds, sentence);
}
