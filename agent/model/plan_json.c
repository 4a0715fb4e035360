/* SPDX-License-Identifier: Apache-2.0 */
#include "model/plan.h"

#include "base/json_whole.h"

#include <stdio.h>

/* Optional members are left out when they say nothing, so that a golden plan reads as a manual. */
static void set_text(json_t **object, const char *key, const char *text)
{
	if (text[0] != '\0')
		json_put(object, key, json_text(text));
}

static void set_words(json_t **object, const char *key, const struct words *words)
{
	if (words->count > 0 || words->failed)
		json_put(object, key, words_to_json(words));
}

static void set_true(json_t **object, const char *key, bool value)
{
	if (value)
		json_put(object, key, json_true());
}

/* Of the disks of a group to be made; blank goes without saying. */
static const char *const holds[] = {
	[PLAN_DISK_BLANK] = "",
	[PLAN_DISK_EMPTY_EXT3] = "empty ext3",
	[PLAN_DISK_BEGUN] = "our PV, begun",
	[PLAN_DISK_BEGUN_EXT3] = "our PV, begun over an ext3",
	[PLAN_DISK_OUR_PV] = "our PV",
};

static json_t *group_to_json(const struct plan_group *group)
{
	json_t *disks = json_array();
	json_t *json = json_object();

	for (size_t i = 0; i < group->disk_count; i++) {
		const struct plan_disk *disk = &group->disks[i];
		json_t *row = json_object();

		set_text(&row, "path", disk->path);
		set_text(&row, "serial", disk->serial);
		json_put(&row, "size", json_integer((json_int_t)disk->size));
		set_text(&row, "pv-uuid", disk->pv_uuid);
		if (group->uuid[0] == '\0')
			set_text(&row, "holds", holds[disk->holds]);
		json_add(&disks, row);
	}
	set_text(&json, "name", group->name);
	set_text(&json, "uuid", group->uuid);
	set_text(&json, "system-id", group->system_id);
	set_text(&json, "adopted-from", group->adopted_from);
	json_put(&json, "disks", disks);
	return json;
}

static void size_format(const struct size_choice *size, char *text, size_t length)
{
	if (size->percent > 0)
		snprintf(text, length, "%u%%", size->percent);
	else if (size->bytes > 0)
		snprintf(text, length, "%llu", (unsigned long long)size->bytes);
	else
		snprintf(text, length, "all that is left");
}

static json_t *target_to_json(const struct plan *plan, const struct plan_target *target)
{
	json_t *json = json_object();
	char size[32];

	size_format(&target->size, size, sizeof(size));
	set_text(&json, "name", target->name);
	set_text(&json, "kind", target_kind_name(target->kind));
	set_text(&json, "fsname", target->fsname);
	if (target->kind != TARGET_MGT)
		json_put(&json, "index", json_integer(target->index));
	if (target->group >= 0) {
		set_text(&json, "group", plan->groups[target->group].name);
		set_text(&json, "device", target->device);
		set_text(&json, "size", size);
		json_put(&json, "stripes", json_integer(target->stripes));
	}
	if (target->stripes > 1)
		json_put(&json, "stripe-size", json_integer(target->stripe_size));
	set_true(&json, "zeroed", target->zeroed);
	set_true(&json, "reformat", target->reformat);
	set_true(&json, "replace", target->replace);
	set_true(&json, "replaying", target->replaying);
	set_words(&json, "mgs-nids", &target->mgs_nids);
	set_words(&json, "mkfs-options", &target->mkfs_options);
	set_words(&json, "mount-options", &target->mount_options);
	set_text(&json, "mount-point", target->mount_point);
	set_true(&json, "in-service", target->in_service);
	return json;
}

static json_t *action_to_json(const struct plan *plan, size_t index)
{
	const struct action *action = &plan->actions[index];
	json_t *needs = json_array();
	json_t *json = json_object();
	char text[256];

	action_describe(plan, action, text, sizeof(text));
	for (unsigned i = 0; i < action->need_count; i++)
		json_add(&needs, json_integer(action->needs[i]));
	json_put(&json, "id", json_integer((json_int_t)index));
	set_text(&json, "do", text);
	json_put(&json, "needs", needs);
	return json;
}

json_t *refusal_to_json(const struct refusal *refusal)
{
	json_t *json = json_object();

	set_text(&json, "code", refusal_code_name(refusal->code));
	set_text(&json, "target", refusal->target);
	set_text(&json, "found", refusal->text);
	set_text(&json, "fix", refusal->fix);
	return json;
}

static json_t *client_to_json(const struct plan_client *client)
{
	json_t *json = json_object();

	set_text(&json, "source", client->source);
	set_text(&json, "mount-point", client->mount_point);
	set_words(&json, "mount-options", &client->mount_options);
	set_words(&json, "settings", &client->settings);
	set_true(&json, "mounted", client->mounted);
	return json;
}

static json_t *nets_to_json(const struct plan *plan)
{
	json_t *nets = json_array();

	for (size_t i = 0; i < plan->net_count; i++) {
		json_t *row = json_object();

		set_text(&row, "net", plan->nets[i].net);
		set_text(&row, "interface", plan->nets[i].interface);
		set_text(&row, "nid", plan->nets[i].nid);
		set_true(&row, "by-nid", plan->nets[i].by_nid);
		set_true(&row, "is-there", plan->nets[i].is_there);
		if (plan->nets[i].conns > 0)
			json_put(&row, "conns-per-peer", json_integer(plan->nets[i].conns));
		set_true(&row, "gives-conns", plan->nets[i].gives_conns);
		set_text(&row, "conns-because", plan->nets[i].conns_because);
		json_add(&nets, row);
	}
	return nets;
}

static json_t *modules_to_json(const struct plan *plan)
{
	json_t *modules = json_array();

	for (size_t i = 0; i < plan->module_count; i++) {
		json_t *row = json_object();

		set_text(&row, "name", plan->modules[i].name);
		set_words(&row, "options", &plan->modules[i].options);
		json_add(&modules, row);
	}
	return modules;
}

json_t *plan_to_json(const struct plan *plan)
{
	json_t *json = json_object(), *groups = json_array(), *targets = json_array();
	json_t *actions = json_array(), *refusals = json_array();

	for (size_t i = 0; i < plan->group_count; i++)
		json_add(&groups, group_to_json(&plan->groups[i]));
	for (size_t i = 0; i < plan->target_count; i++)
		json_add(&targets, target_to_json(plan, &plan->targets[i]));
	for (size_t i = 0; i < plan->action_count; i++)
		json_add(&actions, action_to_json(plan, i));
	for (size_t i = 0; i < plan->refusal_count; i++)
		json_add(&refusals, refusal_to_json(&plan->refusals[i]));
	json_put(&json, "groups", groups);
	json_put(&json, "targets", targets);
	if (plan->client.wanted)
		json_put(&json, "client", client_to_json(&plan->client));
	json_put(&json, "nets", nets_to_json(plan));
	if (plan->module_count > 0)
		json_put(&json, "modules", modules_to_json(plan));
	set_words(&json, "tuning", &plan->tuning);
	set_words(&json, "notes", &plan->notes);
	set_words(&json, "forgets", &plan->forgets);
	set_words(&json, "wait-for", &plan->mgs_nids);
	json_put(&json, "actions", actions);
	json_put(&json, "refusals", refusals);
	set_true(&json, "observe-again", plan->observe_again);
	return json;
}
