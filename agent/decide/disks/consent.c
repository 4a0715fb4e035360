/* SPDX-License-Identifier: Apache-2.0 */
#include "decide/disks/consent.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const struct remembered_target *memory_of(const struct planner_input *input,
						 const struct plan_target *target)
{
	return state_find(input->state, input->facts->instance_id, target->name);
}

bool consent_is_needed(const struct planner_input *input, const struct plan_target *target)
{
	const struct remembered_target *remembered = memory_of(input, target);

	return remembered && (remembered->lost || remembered->phase >= PHASE_REGISTERING);
}

/* Does this node lose an MDT together with its MGT? */
static bool lost_its_mdt(const struct planner_input *input)
{
	struct plan_target mdt = { .kind = TARGET_MDT };

	target_format_name(TARGET_MDT, input->spec->fsname, input->spec->mdt_index, mdt.name,
			   sizeof(mdt.name));
	return input->spec->roles & ROLE_MDS && consent_is_needed(input, &mdt);
}

bool consent_to_recreate(const struct planner_input *input, const struct plan_target *target)
{
	if (input->spec->on_data_loss != ON_DATA_LOSS_RECREATE)
		return false;
	switch (target->kind) {
	case TARGET_MGT:
		return !lost_its_mdt(input);
	case TARGET_OST:
		return true;
	case TARGET_MDT:
	case TARGET_KIND_MAX:
		break;
	}
	return false;
}

/* A format after one EADDRINUSE, and another EADDRINUSE after that. */
static bool replaced_in_vain(const struct status *status, const char *target)
{
	bool taken = false, formatted = false;

	for (size_t i = 0; i < status->outcome_count; i++) {
		const struct outcome *outcome = &status->outcomes[i];

		if (strcmp(outcome->target, target) != 0)
			continue;
		if (outcome->action == ACTION_FORMAT && outcome->kind == OUTCOME_DONE)
			formatted = taken;
		if (outcome->action == ACTION_MOUNT && outcome->code == EADDRINUSE) {
			if (formatted)
				return true;
			taken = true;
		}
	}
	return false;
}

bool consent_to_replace(const struct planner_input *input, const struct plan_target *target)
{
	const struct remembered_target *remembered = memory_of(input, target);
	bool own = remembered && remembered->lost && consent_to_recreate(input, target);

	return target->kind == TARGET_OST && (input->spec->replace || own) &&
	       !replaced_in_vain(input->status, target->name);
}

/* Two subnets, or two launches, that count alike are the first thing to look at. */
static const char *other_index(const struct spec *spec)
{
	switch (spec->index_mode) {
	case INDEX_SUBNET:
		return "Where the file system has OSTs in several subnets, give each an "
		       "index-base of its own.";
	case INDEX_LAUNCH:
		return "Where the file system has OSTs of several launches, give each an "
		       "index-base of its own.";
	case INDEX_NUMBER:
		break;
	}
	return "Give this node another index.";
}

/*
 * What the MGS has to be told of an address that it does not know (measured). It refuses while it
 * holds an export, of a node that died as well: so the MGT is unmounted first, and mounted alone.
 * Where its mount unit has another name, that node was made by hand.
 */
static void describe_replace_nids(const struct plan *plan, const char *target, char *text,
				  size_t size)
{
	snprintf(text, size,
		 "run lustre-init stop on the clients, the OSSs, the MDSs and last the MGS; there "
		 "systemctl start srv-lustre-MGS.mount, then lctl replace_nids %s %s; then "
		 "systemctl restart lustre-init on the MGS, the MDSs, the OSSs and the clients",
		 target, plan->net_count > 0 ? plan->nets[0].nid : "NID");
}

bool consent_describe_takeover(const struct planner_input *input, const struct plan *plan,
			       const struct plan_target *target, char *text, size_t size)
{
	const struct remembered_target *remembered = memory_of(input, target);
	char step[320];

	if (!target->replace || input->spec->index_mode == INDEX_SUBNET ||
	    (remembered && remembered->lost))
		return false;
	describe_replace_nids(plan, target->name, step, sizeof(step));
	snprintf(
		text, size,
		"%s took its index over; if the old holder was at another address, MDT and clients "
		"go on calling that one: %s",
		target->name, step);
	return true;
}

int consent_refuse(const struct planner_input *input, const struct plan_target *target,
		   struct plan *plan)
{
	char step[320], fix[512];

	if (target->kind == TARGET_MDT)
		return plan_refuse(
			plan, REFUSAL_INDEX_TAKEN, target->name,
			"Start over under a new fsname, or give the MDT another index. replace "
			"is for OSTs: a new MDT over the OSTs of an old one is no file system.",
			"%s is taken: the MGS knows another MDT of index %u", target->name,
			target->index);
	if (replaced_in_vain(input->status, target->name))
		return plan_refuse(
			plan, REFUSAL_INDEX_TAKEN, target->name,
			"See the MGS's log, and give this node another index.",
			"%s is taken: the MGS refuses it even after a format with --replace",
			target->name);
	describe_replace_nids(plan, target->name, step, sizeof(step));
	snprintf(fix, sizeof(fix),
		 "%s Only where the old holder is gone for good, set replace: true; if it was at "
		 "another address, then also %s.",
		 other_index(input->spec), step);
	return plan_refuse(plan, REFUSAL_INDEX_TAKEN, target->name, fix,
			   "%s is taken: the MGS knows another holder of index %u, and whether "
			   "that still lives cannot be seen from here",
			   target->name, target->index);
}
