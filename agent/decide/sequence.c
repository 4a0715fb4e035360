/* SPDX-License-Identifier: Apache-2.0 */
#include "decide/sequence.h"

#include "decide/disks/candidates.h"
#include "decide/disks/layout.h"
#include "model/mgs_answer.h"
#include "model/spec/nid.h"

#include <errno.h>
#include <string.h>

/* plan_need() drops what does not fit, so it must: a group's PVs, and a client's wait for all
 * targets. */
_Static_assert(ACTION_NEEDS_MAX > CANDIDATES_MAX, "a group needs its record and all of its PVs");
_Static_assert(ACTION_NEEDS_MAX > TARGETS_MAX + 4, "a client's mount needs those of all targets");

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

/* Is the plan's module loaded by an action already? */
static bool is_loaded(const struct plan *plan, size_t module)
{
	for (size_t i = 0; i < plan->action_count; i++)
		if (plan->actions[i].kind == ACTION_LOAD_MODULE &&
		    plan->actions[i].item == (int)module)
			return true;
	return false;
}

/* Loads it by itself, where the plan has it so. Returns what to wait for, or -ENOMEM. */
static int add_module(struct sequence *sequence, const char *name, int after)
{
	const struct plan *plan = sequence->plan;

	for (size_t i = 0; i < plan->module_count && after != -ENOMEM; i++) {
		if (strcmp(plan->modules[i].name, name) != 0 || is_loaded(plan, i))
			continue;
		after = add(sequence, ACTION_LOAD_MODULE, /* target= */ -1, after);
		if (after >= 0)
			sequence->plan->actions[after].item = (int)i;
	}
	return after;
}

/*
 * The nets whose NID is not there yet, one after another: lnetctl is not made for two at once. What
 * prefers efa comes before its nets, which it then holds for: with all of them there, as where that
 * was cut off, nothing would ask for it again.
 */
static int add_nets(struct sequence *sequence, int after)
{
	const struct plan *plan = sequence->plan;
	bool preferred = false;

	for (size_t i = 0; i < plan->net_count && after != -ENOMEM; i++) {
		if (plan->nets[i].is_there)
			continue;
		if (net_is_efa(plan->nets[i].net) && !preferred) {
			after = add_module(sequence, "kefalnd", after);
			if (after != -ENOMEM)
				after = add(sequence, ACTION_PREFER_EFA, /* target= */ -1, after);
			preferred = true;
		}
		if (after != -ENOMEM)
			after = add(sequence, ACTION_ADD_NET, /* target= */ -1, after);
		if (after >= 0)
			sequence->plan->actions[after].item = (int)i;
	}
	return after;
}

void sequence_begin(struct sequence *sequence, struct plan *plan, bool mgs_is_elsewhere)
{
	*sequence = (struct sequence){
		.plan = plan,
		.stack = -1,
		.lnet = -1,
		.modules = -1,
		.units = -1,
		.mgs = -1,
		.mgs_served = -1,
		.mgt = -1,
		.mgs_is_elsewhere = mgs_is_elsewhere,
	};
}

/* A module that is loaded, and not configured, is not loaded again: each tool costs a boot its
 * time. */
static int add_lnet_stack(struct sequence *sequence, enum lnet_match lnet, bool is_loaded)
{
	static const char *const lnds[] = { "kefalnd", "ksocklnd" };
	int last = -1;

	if (lnet != LNET_MATCH_NONE)
		return 0;
	if (!is_loaded)
		last = add(sequence, ACTION_LOAD_LNET, /* target= */ -1, -1);
	for (size_t i = 0; i < sizeof(lnds) / sizeof(lnds[0]); i++)
		last = add_module(sequence, lnds[i], last);
	if (last != -ENOMEM)
		last = add(sequence, ACTION_CONFIGURE_LNET, /* target= */ -1, last);
	sequence->stack = last;
	return last < 0 ? last : 0;
}

/*
 * After `configure` alone LNET runs without a NID, and mounts would succeed so (measured): an MGT
 * shall, and nothing else.
 */
static int add_lnet_nets(struct sequence *sequence, int after)
{
	int last;

	sequence->nets_wait = false;
	last = add_nets(sequence, after < 0 ? sequence->stack : after);
	sequence->lnet =
		last == -ENOMEM ? last : add(sequence, ACTION_CHECK_NIDS, /* target= */ -1, last);
	return sequence->lnet < 0 ? sequence->lnet : 0;
}

/*
 * Loading takes seconds; it needs neither a mount nor a net. But modules that find LNET not
 * configured would configure it as they like; one that is, though without a NID, they leave as it
 * is (measured).
 */
static int add_modules(struct sequence *sequence)
{
	int after = add_module(sequence, "ptlrpc", sequence->stack);

	if (after == -ENOMEM)
		return after;
	sequence->modules = add(sequence, ACTION_LOAD_LUSTRE, /* target= */ -1, after);
	return sequence->modules;
}

int sequence_prepare(struct sequence *sequence, enum lnet_match lnet, bool lnet_is_loaded)
{
	if (add_lnet_stack(sequence, lnet, lnet_is_loaded) < 0)
		return -ENOMEM;
	sequence->nets_wait = lnet != LNET_MATCH_SAME;
	if (sequence->mgs_is_elsewhere && sequence->nets_wait && add_lnet_nets(sequence, -1) < 0)
		return -ENOMEM;
	if (add_modules(sequence) < 0)
		return -ENOMEM;
	sequence->units = add(sequence, ACTION_WRITE_UNITS, /* target= */ -1, -1);
	return sequence->units < 0 ? -ENOMEM : 0;
}

int sequence_nets(struct sequence *sequence)
{
	return sequence->lnet >= 0 ? 0 : add_lnet_nets(sequence, /* after= */ -1);
}

/* One action for each disk. */
static int add_pvs(struct sequence *sequence, int group, int after)
{
	const struct plan_group *g = &sequence->plan->groups[group];

	for (size_t i = 0; i < g->disk_count; i++)
		if (add_on_group(sequence, ACTION_CREATE_PV, group, (int)i, after) < 0)
			return -ENOMEM;
	return 0;
}

int sequence_create_group(struct sequence *sequence, int group, int *ret)
{
	struct plan *plan = sequence->plan;
	int record = add_on_group(sequence, ACTION_CHECK_DISKS, group, -1, -1);
	int create;

	for (size_t i = 0; i < plan->target_count && record >= 0; i++)
		if (plan->targets[i].group == group)
			record = add_phase(sequence, ACTION_RECORD, (int)i, PHASE_CREATING, record);
	if (record < 0 || add_pvs(sequence, group, record) < 0)
		return -ENOMEM;
	create = add_on_group(sequence, ACTION_CREATE_GROUP, group, -1, record);
	if (create < 0)
		return create;
	for (int i = record + 1; i < create; i++)
		plan_need(plan, create, i);
	*ret = create;
	return 0;
}

int sequence_repair_group(struct sequence *sequence, int group)
{
	const struct plan_group *g = &sequence->plan->groups[group];

	for (size_t i = 0; i < g->disk_count; i++)
		if (add_on_group(sequence, ACTION_REPAIR_PV, group, (int)i, -1) < 0)
			return -ENOMEM;
	return 0;
}

int sequence_open_group(struct sequence *sequence, int group, bool activate, int *ret)
{
	int last = -1;

	if (sequence->plan->groups[group].adopted_from[0] != '\0') {
		last = add_on_group(sequence, ACTION_ADOPT_GROUP, group, -1, -1);
		if (last < 0)
			return last;
	}
	if (activate) {
		last = add_on_group(sequence, ACTION_ACTIVATE_GROUP, group, -1, last);
		if (last < 0)
			return last;
	}
	*ret = last;
	return 0;
}

/* The newest action of this kind on this group; -1 for none. */
static int find_on_group(const struct plan *plan, enum action_kind kind, int group)
{
	for (size_t i = plan->action_count; i > 0; i--)
		if (plan->actions[i - 1].kind == kind && plan->actions[i - 1].group == group)
			return (int)i - 1;
	return -1;
}

/* Volumes of one group are cut one after another, each recorded before it is made. */
static int add_volume(struct sequence *sequence, int target, int after)
{
	struct plan *plan = sequence->plan;
	int group = plan->targets[target].group;
	int before = find_on_group(plan, ACTION_CREATE_VOLUME, group);
	int volume;

	if (find_on_group(plan, ACTION_CREATE_GROUP, group) < 0)
		after = add_phase(sequence, ACTION_RECORD, target, PHASE_CREATING, after);
	else if (after < 0)
		return after;
	volume = after < 0 ? after : add(sequence, ACTION_CREATE_VOLUME, target, after);
	plan_need(plan, volume, before);
	return volume;
}

/*
 * A target that the MGS knows can be mounted without it, from its own copy of the configuration
 * (measured): it waits too, but not for ever. Who needs the MGS waits after that wait, not beside
 * it.
 */
static int add_wait_mgs(struct sequence *sequence, bool served, int *ret)
{
	int *wait = served ? &sequence->mgs_served : &sequence->mgs;

	*ret = sequence->mgt;
	if (!sequence->mgs_is_elsewhere)
		return 0;
	if (*wait < 0)
		*wait = add_phase(sequence, ACTION_WAIT_MGS, /* target= */ -1,
				  served ? PHASE_SERVED : PHASE_NONE,
				  served || sequence->mgs_served < 0 ? sequence->lnet
								     : sequence->mgs_served);
	*ret = *wait;
	return *wait < 0 ? -ENOMEM : 0;
}

/*
 * mkfs.lustre writes down the address that a host name of the MGS has at that moment (measured), so
 * it waits until an MGS answers there. An address needs no such wait.
 */
static int wait_for_name(struct sequence *sequence, int target)
{
	const struct words *nids = &sequence->plan->targets[target].mgs_nids;
	int wait = -1;

	for (size_t i = 0; i < nids->count && wait < 0; i++)
		if (mgs_nid_has_name(nids->items[i]) &&
		    add_wait_mgs(sequence, /* served= */ false, &wait) < 0)
			return -ENOMEM;
	return wait;
}

/*
 * mkfs to `registering`: from here on only the mount can tell. That a format is complete needs no
 * tag: the volume shows it, and a complete one that was not on its way into service is looked at,
 * and registered, like one that was just made.
 */
static int add_format(struct sequence *sequence, int target, bool format, int after)
{
	if (format) {
		int name = wait_for_name(sequence, target);

		after = name == -ENOMEM ? name : add(sequence, ACTION_FORMAT, target, after);
		plan_need(sequence->plan, after, name);
	}
	if (after >= 0 || !format)
		after = add(sequence, ACTION_VERIFY_FORMAT, target, after);
	if (after >= 0)
		after = add_phase(sequence, ACTION_RECORD, target, PHASE_REGISTERING, after);
	if (after >= 0)
		after = add_phase(sequence, ACTION_TAG, target, PHASE_REGISTERING, after);
	return after;
}

/*
 * A mount needs its MGS, here or elsewhere, and no other target: the units keep MDT and OSTs in
 * order, and one that fails does not stop the rest. The MGT is mounted before LNET has a NID, and
 * its nets follow; without an MGT to mount, the first other mount asks for the nets.
 */
static int add_mount(struct sequence *sequence, int target, bool served, int after)
{
	struct plan *plan = sequence->plan;
	bool is_mgt = target >= 0 && plan->targets[target].kind == TARGET_MGT;
	int mount, mgs = -1;

	if (!is_mgt && sequence->nets_wait && add_lnet_nets(sequence, /* after= */ -1) < 0)
		return -ENOMEM;
	if (!is_mgt && add_wait_mgs(sequence, served, &mgs) < 0)
		return -ENOMEM;
	mount = add(sequence, ACTION_MOUNT, target, after);
	if (mount < 0)
		return mount;
	plan_need(plan, mount, sequence->nets_wait ? sequence->stack : sequence->lnet);
	plan_need(plan, mount, sequence->modules);
	plan_need(plan, mount, sequence->units);
	plan_need(plan, mount, mgs);
	if (!is_mgt)
		return mount;
	sequence->mgt = mount;
	if (sequence->nets_wait && add_lnet_nets(sequence, mount) < 0)
		return -ENOMEM;
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
		after = add_mount(sequence, target, /* served= */ false, after);
	return after < 0 ? after : add_settle(sequence, target, after);
}

/* What state.json must know before a mount, so that a loss after it is told as one (S6). */
static int add_missing_record(struct sequence *sequence, int target, const struct judged *judged,
			      int after, int *ret)
{
	bool early = judged->phase < PHASE_REGISTERING; /* it was in service all the same */

	if (judged->remembered && !early)
		return 0;
	*ret = add_phase(sequence, ACTION_RECORD, target, early ? PHASE_REGISTERING : judged->phase,
			 after);
	return *ret < 0 ? *ret : 0;
}

/* Not served yet, but complete: mount again, and repair the label first where the MGS said so. */
static int add_second_service(struct sequence *sequence, int target, const struct judged *judged,
			      bool repair, int after)
{
	int record = -1;

	if (add_missing_record(sequence, target, judged, after, &record) < 0)
		return -ENOMEM;
	if (repair) {
		after = add(sequence, ACTION_REPAIR_LABEL, target, after);
		if (after < 0)
			return after;
	}
	after = add_mount(sequence, target, judged->phase == PHASE_SERVED, after);
	plan_need(sequence->plan, after, record);
	if (after < 0 || judged->phase == PHASE_SERVED)
		return after;
	return add_settle(sequence, target, after);
}

int sequence_target(struct sequence *sequence, int target, const struct judged *judged, int after)
{
	bool look = judged->what == JUDGED_UNREADABLE || judged->what == JUDGED_INACTIVE ||
		    judged->what == JUDGED_UNREPLAYED;
	int last = 0;

	/* The MGT comes first among the targets. A mount begun before its own would wait for it in
	 * vain, a minute and more (measured), so the others wait for the next look, too. */
	if (sequence->mgt_unseen && !look)
		return 0;
	sequence->mgt_unseen = sequence->mgt_unseen ||
			       (look && sequence->plan->targets[target].kind == TARGET_MGT);
	switch (judged->what) {
	case JUDGED_REFUSED:
		break;
	case JUDGED_MOUNTED:
		return add_missing_record(sequence, target, judged, after, &last);
		break;
	case JUDGED_UNSETTLED:
		last = add_settle(sequence, target, after);
		break;
	case JUDGED_UNREADABLE:
	case JUDGED_INACTIVE:
		sequence->plan->observe_again = true;
		break;
	case JUDGED_UNREPLAYED:
		sequence->plan->observe_again = true;
		last = add(sequence, ACTION_REPLAY_JOURNAL, target, after);
		break;
	case JUDGED_ABSENT:
		last = add_volume(sequence, target, after);
		if (last >= 0)
			last = add_first_service(sequence, target, /* format= */ true, last);
		break;
	case JUDGED_UNFORMATTED:
		last = add_first_service(sequence, target, /* format= */ true, after);
		break;
	case JUDGED_FORMATTED:
		last = add_first_service(sequence, target, /* format= */ false, after);
		break;
	case JUDGED_REGISTERING:
	case JUDGED_SERVED:
		last = add_second_service(sequence, target, judged, /* repair= */ false, after);
		break;
	case JUDGED_MISLABELLED:
		last = add_second_service(sequence, target, judged, /* repair= */ true, after);
		break;
	}
	return last < 0 ? last : 0;
}

int sequence_tune_client(struct sequence *sequence, int after)
{
	int tuned;

	if (sequence->plan->client.settings.count == 0)
		return 0;
	tuned = add(sequence, ACTION_TUNE_CLIENT, /* target= */ -1, after);
	return tuned < 0 ? tuned : 0;
}

int sequence_client(struct sequence *sequence)
{
	struct plan *plan = sequence->plan;
	int mount = add_mount(sequence, /* target= */ -1, /* served= */ false, /* after= */ -1);

	for (int i = 0; i < mount; i++)
		if (plan->actions[i].kind == ACTION_MOUNT)
			plan_need(plan, mount, i);
	return mount < 0 ? mount : sequence_tune_client(sequence, mount);
}
