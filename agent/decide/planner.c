/* SPDX-License-Identifier: Apache-2.0 */
#include "decide/planner.h"

#include "decide/allocate.h"
#include "decide/judge.h"
#include "decide/layout.h"
#include "decide/lnet_config.h"
#include "decide/sequence.h"
#include "model/volume_tags.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define ROLES_SERVER (ROLE_MGS | ROLE_MDS | ROLE_OSS)

/* S7: nothing is written before the kernel, the modules and the tools are known to be there. */
static int check_platform(const struct planner_input *input, struct plan *plan)
{
	const struct platform *platform = &input->facts->platform;
	const char *missing = NULL;

	for (size_t i = 0; i < platform->missing_tools.count; i++) {
		if (plan_refuse(plan, REFUSAL_TOOLS, "",
				"Install the package that has it (Lustre's, lvm2 or e2fsprogs).",
				"%s is not installed", platform->missing_tools.items[i]) < 0)
			return -ENOMEM;
	}
	if (!platform->has_lnet_module)
		missing = "lnet";
	else if (!platform->has_lustre_module)
		missing = "lustre";
	if (!missing)
		return 0;
	return plan_refuse(
		plan, REFUSAL_TOOLS, "",
		"Install Lustre's modules for this kernel, or boot the kernel they are for.",
		"kernel module %s is not there for kernel %s", missing, platform->kernel);
}

static int check_lnet(const struct planner_input *input, enum lnet_match match, struct plan *plan)
{
	if (match == LNET_MATCH_OTHER || match == LNET_MATCH_PART)
		return plan_refuse(
			plan, REFUSAL_LNET, "",
			"Unmount Lustre, run lustre_rmmod, and start lustre-init again; or "
			"set `lnet` to what is configured.",
			"LNET is configured already, with NID %s, but %s is asked for",
			input->facts->nids.items[0],
			plan->net_count > 0 ? plan->nets[0].nid : "none");
	return 0;
}

/* The MGS that the targets and the client of this node speak to: their own, or the one asked for.
 */
static int resolve_mgs(const struct spec *spec, struct plan *plan, struct words *nids)
{
	char nid[128];

	if (spec->mgs.count == 0 && plan->net_count > 0)
		return words_add(nids, plan->nets[0].nid);
	for (size_t i = 0; i < spec->mgs.count; i++) {
		lnet_config_nid(plan, spec->mgs.items[i], nid, sizeof(nid));
		if (words_add(nids, nid) < 0)
			return -ENOMEM;
	}
	return 0;
}

static int give_mgs_to_targets(struct plan *plan, const struct words *nids)
{
	for (size_t i = 0; i < plan->target_count; i++) {
		if (plan->targets[i].kind != TARGET_MGT &&
		    words_copy(&plan->targets[i].mgs_nids, nids) < 0)
			return -ENOMEM;
	}
	return 0;
}

static int plan_client(const struct planner_input *input, const struct words *nids,
		       struct plan *plan)
{
	const struct spec *spec = input->spec;
	struct plan_client *client = &plan->client;
	const struct mount_point *mount;
	size_t used = 0;

	if (!(spec->roles & ROLE_CLIENT))
		return 0;
	client->wanted = true;
	memcpy(client->fsname, spec->fsname, sizeof(client->fsname));
	for (size_t i = 0; i < nids->count; i++)
		used += (size_t)snprintf(client->source + used, sizeof(client->source) - used,
					 "%s%s", i > 0 ? ":" : "", nids->items[i]);
	snprintf(client->source + used, sizeof(client->source) - used, ":/%s", spec->fsname);
	if (spec->mount_point[0] != '\0')
		snprintf(client->mount_point, sizeof(client->mount_point), "%s", spec->mount_point);
	else
		snprintf(client->mount_point, sizeof(client->mount_point), "/mnt/%s", spec->fsname);
	mount = facts_mount_at(input->facts, client->mount_point);
	client->mounted = mount && strcmp(mount->source, client->source) == 0;
	if (mount && !client->mounted)
		return plan_refuse(plan, REFUSAL_MOUNT_POINT, "",
				   "Unmount it, or set mount-point to another directory.",
				   "%s is the mount point of %s", client->mount_point,
				   mount->source);
	return words_copy(&client->mount_options, &spec->mount_options);
}

/* One action per group that is there and has a volume which is not active. */
static int activate_groups(struct sequence *sequence, const struct facts *facts, int *after)
{
	struct plan *plan = sequence->plan;

	for (size_t g = 0; g < plan->group_count; g++) {
		const struct volume_group *group =
			plan->groups[g].uuid[0] ? facts_group_by_uuid(facts, plan->groups[g].uuid)
						: NULL;
		bool inactive = false;

		for (size_t v = 0; group && v < group->volume_count; v++)
			inactive = inactive || !group->volumes[v].active;
		if (inactive && sequence_activate_group(sequence, (int)g, &after[g]) < 0)
			return -ENOMEM;
	}
	return 0;
}

static int sequence_all(const struct planner_input *input, struct plan *plan, enum lnet_match lnet,
			const enum judgement *judgements, const struct allocation *allocation)
{
	struct sequence sequence;
	int after[GROUPS_MAX];

	memset(after, -1, sizeof(after));
	if (sequence_begin(&sequence, plan, lnet) < 0)
		return -ENOMEM;
	if (!(input->spec->roles & ROLE_MGS) && sequence_wait_mgs(&sequence) < 0)
		return -ENOMEM;
	if (activate_groups(&sequence, input->facts, after) < 0)
		return -ENOMEM;
	for (size_t g = 0; g < plan->group_count; g++) {
		if (allocation->create[g] &&
		    sequence_create_group(&sequence, (int)g, allocation->pv_exists[g], &after[g]) <
			    0)
			return -ENOMEM;
	}
	for (size_t i = 0; i < plan->target_count; i++) {
		int group = plan->targets[i].group;

		if (plan_refuses(plan, plan->targets[i].name))
			continue;
		if (sequence_target(&sequence, (int)i, judgements[i],
				    group >= 0 ? after[group] : -1) < 0)
			return -ENOMEM;
	}
	if (plan->client.wanted && !plan->client.mounted && sequence_client(&sequence) < 0)
		return -ENOMEM;
	return 0;
}

/* Is there anything to bring about? A node in service needs no module, no unit and no MGS. */
static bool all_in_service(const struct plan *plan, const enum judgement *judgements)
{
	for (size_t i = 0; i < plan->target_count; i++)
		if (judgements[i] != JUDGED_MOUNTED)
			return false;
	return !plan->client.wanted || plan->client.mounted;
}

static int judge_all(const struct planner_input *input, struct plan *plan,
		     enum judgement *judgements, struct error *err)
{
	for (size_t i = 0; i < plan->target_count; i++) {
		struct plan_target *target = &plan->targets[i];
		struct found_volume found = judge_find_volume(input->facts, target->name);
		int r = judge_target(input, &found, target, plan, &judgements[i], err);

		if (r == 0 && found.group && judgements[i] != JUDGED_REFUSED)
			r = allocate_existing(input->facts, found.group, found.volume, target,
					      plan);
		if (r < 0)
			return error_set(err, r, "out of memory");
		if (judgements[i] == JUDGED_MOUNTED)
			target->in_service = true;
	}
	return 0;
}

static int plan_servers(const struct planner_input *input, struct plan *plan,
			enum judgement *judgements, struct allocation *allocation,
			struct error *err)
{
	const struct disk **disks = NULL;
	size_t disk_count = 0;
	int r = layout_choose_disks(input->spec, input->facts, plan, &disks, &disk_count, err);

	if (r == 0)
		r = layout_add_targets(input->spec, input->facts, disk_count, plan, err);
	if (r == 0 && plan->target_count > TARGETS_MAX)
		r = error_set(err, -EINVAL, "more than %d targets on one node", TARGETS_MAX);
	if (r == 0)
		r = judge_all(input, plan, judgements, err);
	if (r == 0)
		r = allocate_new(input, disks, disk_count, judgements, plan, allocation, err);
	free(disks);
	return r;
}

int planner_plan(const struct planner_input *input, struct plan *ret, struct error *err)
{
	enum judgement judgements[TARGETS_MAX] = { 0 };
	struct allocation allocation = { 0 };
	struct words nids = { 0 };
	enum lnet_match lnet;
	int r;

	*ret = (struct plan){ 0 };
	if (check_platform(input, ret) < 0)
		return error_set(err, -ENOMEM, "out of memory");
	r = lnet_config_resolve(input->spec, input->facts, ret, err);
	if (r < 0)
		return r;
	lnet = lnet_config_compare(input->facts, ret);
	r = check_lnet(input, lnet, ret);
	if (r == 0 && input->spec->roles & ROLES_SERVER)
		r = plan_servers(input, ret, judgements, &allocation, err);
	if (r == 0)
		r = resolve_mgs(input->spec, ret, &nids);
	if (r == 0)
		r = give_mgs_to_targets(ret, &nids);
	if (r == 0)
		r = plan_client(input, &nids, ret);
	if (r == 0 && !(input->spec->roles & ROLE_MGS))
		r = words_copy(&ret->mgs_nids, &nids);
	if (r == 0 && !plan_refuses(ret, "") && !all_in_service(ret, judgements))
		r = sequence_all(input, ret, lnet, judgements, &allocation);
	words_done(&nids);
	if (r == -ENOMEM)
		return error_set(err, r, "out of memory");
	return r;
}
