/* SPDX-License-Identifier: Apache-2.0 */
#include "decide/sequence.h"

#include <errno.h>

/* Appends an action on a target that waits for `after`. Returns its index or -ENOMEM. */
static int add(struct sequence *sequence, enum action_kind kind, int target, int after)
{
	int action = plan_add_action(sequence->plan, kind);

	if (action < 0)
		return action;
	sequence->plan->actions[action].target = target;
	if (target >= 0)
		sequence->plan->actions[action].group = sequence->plan->targets[target].group;
	plan_need(sequence->plan, action, after);
	return action;
}

static int add_phase(struct sequence *sequence, enum action_kind kind, int target, enum phase phase,
		     int after)
{
	int action = add(sequence, kind, target, after);

	if (action >= 0)
		sequence->plan->actions[action].phase = phase;
	return action;
}

static int add_on_group(struct sequence *sequence, enum action_kind kind, int group, int item,
			int after)
{
	int action = add(sequence, kind, /* target= */ -1, after);

	if (action >= 0) {
		sequence->plan->actions[action].group = group;
		sequence->plan->actions[action].item = item;
	}
	return action;
}

/* The nets whose NID is not there yet, one after another: lnetctl is not made for two at once. */
static int add_nets(struct sequence *sequence, int after)
{
	for (size_t i = 0; i < sequence->plan->net_count && after >= 0; i++) {
		after = add(sequence, ACTION_ADD_NET, /* target= */ -1, after);
		if (after >= 0)
			sequence->plan->actions[after].item = (int)i;
	}
	return after;
}

int sequence_begin(struct sequence *sequence, struct plan *plan, enum lnet_match lnet)
{
	int last = -1;

	*sequence = (struct sequence){ plan, -1, -1, -1, -1, -1, -1 };
	if (lnet == LNET_MATCH_NONE) {
		last = add(sequence, ACTION_LOAD_LNET, /* target= */ -1, -1);
		if (last >= 0)
			last = add(sequence, ACTION_CONFIGURE_LNET, /* target= */ -1, last);
		if (last >= 0)
			last = add_nets(sequence, last);
		if (last >= 0)
			last = add(sequence, ACTION_CHECK_NIDS, /* target= */ -1, last);
		if (last < 0)
			return last;
	}
	sequence->lnet = last;
	/* Loading takes seconds; it need not wait for the first mount, but LNET must be right
	 * before it. */
	sequence->modules = add(sequence, ACTION_LOAD_LUSTRE, /* target= */ -1, sequence->lnet);
	sequence->units = add(sequence, ACTION_WRITE_UNITS, /* target= */ -1, -1);
	return sequence->modules < 0 || sequence->units < 0 ? -ENOMEM : 0;
}

int sequence_wait_mgs(struct sequence *sequence)
{
	if (sequence->mgs < 0)
		sequence->mgs = add(sequence, ACTION_WAIT_MGS, /* target= */ -1, sequence->lnet);
	return sequence->mgs < 0 ? -ENOMEM : 0;
}

int sequence_create_group(struct sequence *sequence, int group, const bool *existing, int *ret)
{
	struct plan *plan = sequence->plan;
	int record = -1, create;

	for (size_t i = 0; i < plan->target_count; i++) {
		if (plan->targets[i].group != group)
			continue;
		record = add_phase(sequence, ACTION_RECORD, (int)i, PHASE_CREATING, record);
		if (record < 0)
			return record;
	}
	for (size_t i = 0; i < plan->groups[group].disk_count; i++) {
		int pv;

		if (existing[i])
			continue;
		pv = add_on_group(sequence, ACTION_CREATE_PV, group, (int)i, record);
		if (pv < 0)
			return pv;
	}
	create = add_on_group(sequence, ACTION_CREATE_GROUP, group, -1, record);
	if (create < 0)
		return create;
	for (int i = record + 1; i < create; i++)
		plan_need(plan, create, i);
	*ret = create;
	return 0;
}

int sequence_activate_group(struct sequence *sequence, int group, int *ret)
{
	int action = add_on_group(sequence, ACTION_ACTIVATE_GROUP, group, -1, -1);

	if (action < 0)
		return action;
	*ret = action;
	return 0;
}

/* mkfs to `registering`: from here on only the mount can tell. */
static int add_format(struct sequence *sequence, int target, bool format, int after)
{
	if (format)
		after = add(sequence, ACTION_FORMAT, target, after);
	if (after >= 0 || !format)
		after = add(sequence, ACTION_VERIFY_FORMAT, target, after);
	if (after >= 0)
		after = add_phase(sequence, ACTION_TAG, target, PHASE_FORMATTED, after);
	if (after >= 0)
		after = add_phase(sequence, ACTION_RECORD, target, PHASE_REGISTERING, after);
	if (after >= 0)
		after = add_phase(sequence, ACTION_TAG, target, PHASE_REGISTERING, after);
	return after;
}

static int add_mount(struct sequence *sequence, int target, int after)
{
	struct plan *plan = sequence->plan;
	int mount = add(sequence, ACTION_MOUNT, target, after);

	if (mount < 0)
		return mount;
	plan_need(plan, mount, sequence->lnet);
	plan_need(plan, mount, sequence->modules);
	plan_need(plan, mount, sequence->units);
	plan_need(plan, mount, sequence->last_mount);
	if (target < 0 || plan->targets[target].kind != TARGET_MGT)
		plan_need(plan, mount, sequence->mgs);
	sequence->last_mount = mount;
	return mount;
}

/* Only what is on the medium counts as served: a cut before that must be found as "registering". */
static int add_settle(struct sequence *sequence, int target, int after)
{
	after = add(sequence, ACTION_SETTLE, target, after);
	if (after >= 0)
		after = add_phase(sequence, ACTION_RECORD, target, PHASE_SERVED, after);
	if (after >= 0)
		after = add_phase(sequence, ACTION_TAG, target, PHASE_SERVED, after);
	return after;
}

static int add_first_service(struct sequence *sequence, int target, bool format, int after)
{
	after = add_format(sequence, target, format, after);
	if (after >= 0)
		after = add_mount(sequence, target, after);
	return after < 0 ? after : add_settle(sequence, target, after);
}

/* Not served yet, but complete: mount again, and repair the label first where the MGS said so. */
static int add_second_service(struct sequence *sequence, int target, bool repair, int after)
{
	if (repair)
		after = add(sequence, ACTION_REPAIR_LABEL, target, after);
	if (after >= 0 || !repair)
		after = add_mount(sequence, target, after);
	return after < 0 ? after : add_settle(sequence, target, after);
}

int sequence_target(struct sequence *sequence, int target, enum judgement judgement, int after)
{
	int last = 0;

	switch (judgement) {
	case JUDGED_REFUSED:
		break;
	case JUDGED_MOUNTED:
		sequence->plan->targets[target].in_service = true;
		break;
	case JUDGED_INACTIVE:
		sequence->plan->observe_again = true;
		break;
	case JUDGED_UNREPLAYED:
		sequence->plan->observe_again = true;
		last = add(sequence, ACTION_REPLAY_JOURNAL, target, after);
		break;
	case JUDGED_ABSENT:
		last = add(sequence, ACTION_CREATE_VOLUME, target, after);
		if (last < 0)
			break;
		plan_need(sequence->plan, last, sequence->last_volume);
		sequence->last_volume = last;
		last = add_first_service(sequence, target, /* format= */ true, last);
		break;
	case JUDGED_UNFORMATTED:
		last = add_first_service(sequence, target, /* format= */ true, after);
		break;
	case JUDGED_FORMATTED:
		last = add_first_service(sequence, target, /* format= */ false, after);
		break;
	case JUDGED_REGISTERING:
		last = add_second_service(sequence, target, /* repair= */ false, after);
		break;
	case JUDGED_MISLABELLED:
		last = add_second_service(sequence, target, /* repair= */ true, after);
		break;
	case JUDGED_SERVED:
		last = add_mount(sequence, target, after);
		break;
	}
	return last < 0 ? last : 0;
}

int sequence_client(struct sequence *sequence)
{
	int mount = add_mount(sequence, /* target= */ -1, /* after= */ -1);

	return mount < 0 ? mount : 0;
}
