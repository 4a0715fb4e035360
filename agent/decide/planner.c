/* SPDX-License-Identifier: Apache-2.0 */
#include "decide/planner.h"

#include "decide/client.h"
#include "decide/disks/allocate.h"
#include "decide/disks/forgets.h"
#include "decide/disks/group.h"
#include "decide/disks/layout.h"
#include "decide/disks/memory.h"
#include "decide/disks/remembered.h"
#include "decide/mount_place.h"
#include "decide/network/efa.h"
#include "decide/network/lnet_config.h"
#include "decide/network/lnet_options.h"
#include "decide/network/mgs_nids.h"
#include "decide/network/option_nids.h"
#include "decide/sequence.h"
#include "decide/tuning.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* What the steps of planning hand on. */
struct planning {
	const struct planner_input *input;
	struct plan *plan;
	enum lnet_match lnet;
	struct candidates candidates;
	struct judged judged[TARGETS_MAX];
	struct allocation allocation;
};

/* Without them a target is no file system to mkfs.lustre, which then overwrites it (measured). */
static int check_features(const struct platform *platform, struct plan *plan)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < platform->missing_features.count; i++)
		r = plan_refuse(plan, REFUSAL_TOOLS, "", PLATFORM_FEATURES_FIX,
				PLATFORM_FEATURE_MISSING, platform->missing_features.items[i]);
	if (r == 0 && platform->features_unknown_because[0] != '\0')
		r = plan_refuse(plan, REFUSAL_TOOLS, "", PLATFORM_FEATURES_FIX,
				PLATFORM_FEATURES_UNKNOWN, platform->features_unknown_because);
	return r;
}

/* S7: nothing is written before the kernel, the modules and the tools are known to be there. */
static int check_platform(const struct planner_input *input, struct plan *plan)
{
	const struct platform *platform = &input->facts->platform;

	if (check_features(platform, plan) < 0)
		return -ENOMEM;
	for (size_t i = 0; i < platform->missing_tools.count; i++) {
		if (plan_refuse(plan, REFUSAL_TOOLS, "",
				"Install the package that has it (Lustre's, lvm2 or e2fsprogs).",
				"%s is not installed", platform->missing_tools.items[i]) < 0)
			return -ENOMEM;
	}
	for (size_t i = 0; i < platform->missing_modules.count; i++) {
		/* That one has a sentence of its own: decide/network/efa.c. */
		if (strcmp(platform->missing_modules.items[i], "kefalnd") == 0)
			continue;
		if (plan_refuse(
			    plan, REFUSAL_TOOLS, "",
			    "Install Lustre's modules for this kernel, or boot the kernel they are "
			    "for.",
			    "kernel module %s is not there for kernel %s",
			    platform->missing_modules.items[i], platform->kernel) < 0)
			return -ENOMEM;
	}
	return 0;
}

static int check_lnet(const struct planning *planning)
{
	struct plan *plan = planning->plan;

	if (plan->net_count == 0 || planning->lnet != LNET_MATCH_OTHER)
		return 0;
	return plan_refuse(
		plan, REFUSAL_LNET, "",
		"Unmount Lustre, run lustre_rmmod, and start lustre-init again (where "
		"lnet.service did it, correct /etc/lnet.conf or disable that service first); "
		"or set `lnet` to what is configured.",
		"LNET is configured already, with NID %s, but %s is asked for",
		lnet_config_stranger(planning->input->facts, plan), plan->nets[0].nid);
}

static int give_mgs(const struct spec *spec, struct plan *plan, const struct words *nids)
{
	for (size_t i = 0; i < plan->target_count; i++) {
		if (plan->targets[i].kind != TARGET_MGT &&
		    words_copy(&plan->targets[i].mgs_nids, nids) < 0)
			return -ENOMEM;
	}
	return spec->roles & ROLE_MGS ? 0 : words_copy(&plan->mgs_nids, nids);
}

static int plan_servers(struct planning *planning, struct error *err)
{
	const struct planner_input *input = planning->input;
	struct plan *plan = planning->plan;
	int r = candidates_find(input, &planning->candidates, err);

	if (r == 0)
		r = layout_add_targets(input->spec, input->facts, plan, err);
	for (size_t i = 0; i < plan->target_count && r == 0; i++)
		r = mount_place_resolve(input, plan->targets[i].name, plan->targets[i].mount_point,
					plan);
	for (size_t i = 0; i < plan->target_count && r == 0; i++) {
		struct judged *judged = &planning->judged[i];

		r = judge_target(input, &plan->targets[i], plan, judged);
		if (r == 0 && judged->group && judged->what != JUDGED_REFUSED)
			r = allocate_existing(input, judged, &plan->targets[i], plan);
		if (r == 0 && !plan->targets[i].in_service)
			r = mount_place_check(input, plan->targets[i].name,
					      plan->targets[i].mount_point, plan);
	}
	if (r == 0)
		r = allocate_new(input, &planning->candidates, planning->judged, plan,
				 &planning->allocation);
	for (size_t i = 0; i < plan->target_count && r == 0; i++)
		if (plan->targets[i].group >= 0 &&
		    planning->allocation.what[plan->targets[i].group] == ALLOCATED_REPAIR)
			planning->judged[i].what = JUDGED_UNREADABLE;
	if (r == 0)
		r = memory_check(input, planning->judged, plan);
	return r == 0 ? forgets_choose(input, planning->judged, plan) : r;
}

/* One that has been in service is mounted without its MGS; one that is to be looked at may be such.
 */
static bool is_to_register(const struct judged *judged)
{
	switch (judged->what) {
	case JUDGED_ABSENT:
	case JUDGED_UNFORMATTED:
	case JUDGED_FORMATTED:
	case JUDGED_REGISTERING:
	case JUDGED_MISLABELLED:
		return true;
	case JUDGED_REFUSED:
	case JUDGED_UNREADABLE:
	case JUDGED_INACTIVE:
	case JUDGED_UNREPLAYED:
	case JUDGED_SERVED:
	case JUDGED_UNSETTLED:
	case JUDGED_MOUNTED:
		break;
	}
	return false;
}

/*
 * A target that is yet to register does so at the MGT of its node. Where that is refused, it would
 * wait for it in vain, a minute with each try, and what is refused would end as a failure.
 */
static int refuse_without_mgt(const struct planning *planning)
{
	struct plan *plan = planning->plan;
	const struct plan_target *mgt = plan->targets;
	int r = 0;

	if (plan->target_count == 0 || mgt->kind != TARGET_MGT || mgt->in_service ||
	    !plan_refuses(plan, mgt->name))
		return 0;
	for (size_t i = 1; r == 0 && i < plan->target_count; i++)
		if (!plan_refuses(plan, plan->targets[i].name) &&
		    is_to_register(&planning->judged[i]))
			r = plan_refuse(plan, REFUSAL_MGS, plan->targets[i].name,
					"Do what is said of the MGT.",
					"it is to register at the MGT of this node, which is "
					"refused");
	return r;
}

/* A group of which every target is refused is not made. */
static bool is_due(const struct plan *plan, size_t group)
{
	for (size_t i = 0; i < plan->target_count; i++)
		if (plan->targets[i].group == (int)group &&
		    !plan_refuses(plan, plan->targets[i].name))
			return true;
	return false;
}

/* Groups that are there: adopted, and activated where a volume is not active. */
static int open_groups(const struct planning *planning, struct sequence *sequence, int *after)
{
	const struct plan *plan = planning->plan;

	for (size_t g = 0; g < plan->group_count; g++) {
		const struct volume_group *group =
			facts_group_by_uuid(planning->input->facts, plan->groups[g].uuid);
		bool inactive = false;

		for (size_t v = 0; group && v < group->volume_count; v++)
			inactive = inactive || !group->volumes[v].active;
		if (group && sequence_open_group(sequence, (int)g, inactive, &after[g]) < 0)
			return -ENOMEM;
	}
	return 0;
}

static int sequence_targets(const struct planning *planning, struct sequence *sequence,
			    const int *after)
{
	const struct plan *plan = planning->plan;

	for (size_t i = 0; i < plan->target_count; i++) {
		int group = plan->targets[i].group;

		if (!plan_refuses(plan, plan->targets[i].name) &&
		    sequence_target(sequence, (int)i, &planning->judged[i],
				    group >= 0 ? after[group] : -1) < 0)
			return -ENOMEM;
	}
	return 0;
}

/*
 * Is something mounted that nobody reaches, since LNET lacks a net? On the MGS's node that is for
 * the MGT to say: no net before it is mounted.
 */
static bool nets_are_missing(const struct planning *planning)
{
	const struct plan *plan = planning->plan;
	bool is_mgs = planning->input->spec->roles & ROLE_MGS;
	bool mounted = !is_mgs && plan->client.mounted, missing = false;

	for (size_t i = 0; i < plan->target_count; i++)
		if (plan->targets[i].in_service && (!is_mgs || plan->targets[i].kind == TARGET_MGT))
			mounted = true;
	for (size_t i = 0; i < plan->net_count; i++)
		missing = missing || !plan->nets[i].is_there;
	return mounted && missing && planning->input->facts->lnet == LNET_UP;
}

/* A node in service needs no tool, no module, no unit and no MGS. */
static bool is_in_service(const struct planning *planning)
{
	const struct plan *plan = planning->plan;

	for (size_t i = 0; i < plan->target_count; i++)
		if (!plan->targets[i].in_service)
			return false;
	return (!plan->client.wanted || plan->client.mounted) && !nets_are_missing(planning);
}

/* Is the MGS to be written down on a target? */
static bool formats(const struct planning *planning)
{
	for (size_t i = 0; i < planning->plan->target_count; i++)
		if (planning->plan->targets[i].kind != TARGET_MGT &&
		    (planning->judged[i].what == JUDGED_ABSENT ||
		     planning->judged[i].what == JUDGED_UNFORMATTED))
			return true;
	return false;
}

/* What must be right of the node before anything of it is written or mounted. */
static int check_node(const struct planning *planning)
{
	int r = check_platform(planning->input, planning->plan);

	if (r == 0)
		r = mgs_nids_check(planning->input, formats(planning), planning->plan);
	return r < 0 ? r : option_nids_check(planning->input, formats(planning), planning->plan);
}

/* Is anything to be mounted that is not refused? */
static bool has_mounts(const struct planning *planning)
{
	const struct plan *plan = planning->plan;

	for (size_t i = 0; i < plan->target_count; i++)
		if (!plan->targets[i].in_service && !plan_refuses(plan, plan->targets[i].name))
			return true;
	return client_is_due(plan);
}

static int sequence_all(const struct planning *planning)
{
	const struct planner_input *input = planning->input;
	struct plan *plan = planning->plan;
	struct sequence sequence;
	int after[GROUPS_MAX];

	memset(after, -1, sizeof(after));
	sequence_begin(&sequence, plan, !(input->spec->roles & ROLE_MGS));
	if (has_mounts(planning) &&
	    sequence_prepare(&sequence, planning->lnet, input->facts->lnet == LNET_DOWN) < 0)
		return -ENOMEM;
	if (open_groups(planning, &sequence, after) < 0)
		return -ENOMEM;
	for (size_t g = 0; g < plan->group_count; g++) {
		int r = 0;

		switch (planning->allocation.what[g]) {
		case ALLOCATED_EXISTING:
			break;
		case ALLOCATED_NEW:
			if (is_due(plan, g))
				r = sequence_create_group(&sequence, (int)g, &after[g]);
			break;
		case ALLOCATED_REPAIR:
			r = sequence_repair_group(&sequence, (int)g);
			break;
		}
		if (r < 0)
			return r;
	}
	if (sequence_targets(planning, &sequence, after) < 0)
		return -ENOMEM;
	if (nets_are_missing(planning) && sequence_nets(&sequence) < 0)
		return -ENOMEM;
	if (plan->client.untuned && !plan_refuses(plan, CLIENT_NAME) &&
	    sequence_tune_client(&sequence, /* after= */ -1) < 0)
		return -ENOMEM;
	/* A client's mount waits for an OST: not for one that this node is yet to look at. */
	return client_is_due(plan) && !plan->observe_again ? sequence_client(&sequence) : 0;
}

static int plan_all(struct planning *planning, struct words *nids, struct error *err)
{
	const struct planner_input *input = planning->input;
	struct plan *plan = planning->plan;
	int r = lnet_config_resolve(input->spec, input->facts, plan, err);

	if (r == 0)
		r = efa_plan(input, plan);
	planning->lnet = lnet_config_compare(input->facts, plan);
	if (r == 0)
		r = check_lnet(planning);
	if (r == 0 && input->spec->roles & (ROLE_MGS | ROLE_MDS | ROLE_OSS))
		r = plan_servers(planning, err);
	if (r == 0)
		r = group_refuse_misnamed(input, plan);
	if (r == 0)
		r = group_refuse_unasked(input, plan);
	if (r == 0)
		r = remembered_note_left(input, plan);
	if (r == 0)
		r = refuse_without_mgt(planning);
	if (r == 0)
		r = mgs_nids_resolve(input, plan, nids);
	if (r == 0)
		r = give_mgs(input->spec, plan, nids);
	if (r == 0)
		r = client_plan(input, nids, plan, err);
	if (r == 0)
		r = lnet_options_check(input, formats(planning), plan);
	if (r == 0)
		r = tuning_plan_nets(input, plan);
	if (r == 0)
		r = tuning_plan_large(input, plan);
	if (r == 0 && !is_in_service(planning))
		r = check_node(planning);
	return r == 0 && !plan_refuses(plan, "") ? sequence_all(planning) : r;
}

int planner_plan(const struct planner_input *input, struct plan *ret, struct error *err)
{
	struct planning *planning = calloc(1, sizeof(*planning));
	struct words nids = { 0 };
	int r = -ENOMEM;

	*ret = (struct plan){ 0 };
	if (planning) {
		planning->input = input;
		planning->plan = ret;
		r = plan_all(planning, &nids, err);
	}
	words_done(&nids);
	free(planning);
	return r == -ENOMEM ? error_set(err, r, "out of memory") : r;
}
