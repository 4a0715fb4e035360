/* SPDX-License-Identifier: Apache-2.0 */
#include "model/plan.h"

#include "base/text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How an action reads, and what it works on: 't' target, 'g' group, 'd' disk, 'n' net, 'm' module,
 * ' ' the node. */
static const struct {
	const char *name;
	char object;
} kinds[ACTION_KIND_MAX] = {
	[ACTION_RECORD] = { "record", 't' },
	[ACTION_CHECK_DISKS] = { "check-disks", 'g' },
	[ACTION_CREATE_PV] = { "create-pv", 'd' },
	[ACTION_REPAIR_PV] = { "repair-pv", 'd' },
	[ACTION_CREATE_GROUP] = { "create-group", 'g' },
	[ACTION_CREATE_VOLUME] = { "create-volume", 't' },
	[ACTION_ADOPT_GROUP] = { "adopt-group", 'g' },
	[ACTION_ACTIVATE_GROUP] = { "activate-group", 'g' },
	[ACTION_REPLAY_JOURNAL] = { "replay-journal", 't' },
	[ACTION_FORMAT] = { "format", 't' },
	[ACTION_VERIFY_FORMAT] = { "verify-format", 't' },
	[ACTION_TAG] = { "tag", 't' },
	[ACTION_REPAIR_LABEL] = { "repair-label", 't' },
	[ACTION_LOAD_LNET] = { "load-lnet", ' ' },
	[ACTION_LOAD_MODULE] = { "load-module", 'm' },
	[ACTION_CONFIGURE_LNET] = { "configure-lnet", ' ' },
	[ACTION_ADD_NET] = { "add-net", 'n' },
	[ACTION_PREFER_EFA] = { "prefer-efa", ' ' },
	[ACTION_CHECK_NIDS] = { "check-nids", ' ' },
	[ACTION_LOAD_LUSTRE] = { "load-lustre", ' ' },
	[ACTION_WAIT_MGS] = { "wait-mgs", ' ' },
	[ACTION_WRITE_UNITS] = { "write-units", ' ' },
	[ACTION_MOUNT] = { "mount", 't' },
	[ACTION_TUNE_CLIENT] = { "tune-client", 't' },
	[ACTION_SETTLE] = { "settle", 't' },
};

static const char *const codes[REFUSAL_CODE_MAX] = {
	[REFUSAL_NO_DISK] = "no-disk",
	[REFUSAL_TOO_FEW_DISKS] = "too-few-disks",
	[REFUSAL_DISK_IN_USE] = "disk-in-use",
	[REFUSAL_FOREIGN_DATA] = "foreign-data",
	[REFUSAL_NOT_READABLE] = "not-readable",
	[REFUSAL_DISK_MISSING] = "disk-missing",
	[REFUSAL_DATA_LOSS] = "data-loss",
	[REFUSAL_OTHER_INSTANCE] = "other-instance",
	[REFUSAL_DRIFT] = "drift",
	[REFUSAL_INDEX_TAKEN] = "index-taken",
	[REFUSAL_TOOLS] = "tools",
	[REFUSAL_LNET] = "lnet",
	[REFUSAL_MGS] = "mgs",
	[REFUSAL_NO_SPACE] = "no-space",
	[REFUSAL_NO_MEMORY] = "no-memory",
	[REFUSAL_MOUNT_POINT] = "mount-point",
};

void plan_done(struct plan *plan)
{
	for (size_t i = 0; i < plan->group_count; i++)
		free(plan->groups[i].disks);
	for (size_t i = 0; i < plan->target_count; i++) {
		words_done(&plan->targets[i].mgs_nids);
		words_done(&plan->targets[i].mkfs_options);
		words_done(&plan->targets[i].mount_options);
	}
	for (size_t i = 0; i < plan->module_count; i++)
		words_done(&plan->modules[i].options);
	words_done(&plan->notes);
	words_done(&plan->forgets);
	words_done(&plan->tuning);
	words_done(&plan->client.mount_options);
	words_done(&plan->client.settings);
	free(plan->client.source);
	words_done(&plan->mgs_nids);
	free(plan->groups);
	free(plan->targets);
	free(plan->actions);
	free(plan->refusals);
	*plan = (struct plan){ 0 };
}

/* Grows an array by one zeroed element. Returns that element, NULL when out of memory. */
static void *append(void *array_pointer, size_t *count, size_t size)
{
	void *array, *element;

	memcpy(&array, array_pointer, sizeof(array));
	array = reallocarray(array, *count + 1, size);
	if (!array)
		return NULL;
	memcpy(array_pointer, &array, sizeof(array));
	element = (char *)array + *count * size;
	memset(element, 0, size);
	(*count)++;
	return element;
}

struct plan_group *plan_add_group(struct plan *plan)
{
	return append(&plan->groups, &plan->group_count, sizeof(*plan->groups));
}

struct plan_disk *plan_group_add_disk(struct plan_group *group)
{
	return append(&group->disks, &group->disk_count, sizeof(*group->disks));
}

struct plan_target *plan_add_target(struct plan *plan)
{
	struct plan_target *target =
		append(&plan->targets, &plan->target_count, sizeof(*plan->targets));

	if (target)
		target->group = -1;
	return target;
}

struct plan_module *plan_module(struct plan *plan, const char *name)
{
	struct plan_module *module;

	for (size_t i = 0; i < plan->module_count; i++)
		if (strcmp(plan->modules[i].name, name) == 0)
			return &plan->modules[i];
	if (plan->module_count == PLAN_MODULES_MAX)
		return NULL;
	module = &plan->modules[plan->module_count++];
	text_set(module->name, sizeof(module->name), "%s", name);
	return module;
}

void plan_net_describe(const struct plan_net *net, char *text, size_t size)
{
	/* With how many it is there only a check-up asks. */
	const char *there = net->is_there ? ", there already, and left as it is" : "";
	const char *chosen = net->is_there ? " (lustre-init doctor tells its connections); "
					     "added anew, it gets "
					   : ", ";
	char conns[128] = "";

	if (net->conns > 0)
		snprintf(conns, sizeof(conns), "%s%u connection%s to each peer", chosen, net->conns,
			 net->conns > 1 ? "s" : "");
	snprintf(text, size, "%s on %s as %s%s%s%s%s", net->net, net->interface, net->nid, there,
		 conns, net->conns_because[0] ? ": " : "", net->conns_because);
}

int plan_add_action(struct plan *plan, enum action_kind kind)
{
	struct action *action = append(&plan->actions, &plan->action_count, sizeof(*plan->actions));

	if (!action)
		return -ENOMEM;
	action->kind = kind;
	action->group = action->target = action->item = -1;
	return (int)plan->action_count - 1;
}

void plan_need(struct plan *plan, int action, int needed)
{
	struct action *a;

	if (action < 0 || needed < 0)
		return;
	a = &plan->actions[action];
	for (unsigned i = 0; i < a->need_count; i++)
		if (a->needs[i] == (unsigned)needed)
			return;
	if (a->need_count < ACTION_NEEDS_MAX)
		a->needs[a->need_count++] = (unsigned)needed;
}

bool refusal_names(const struct refusal *refusal, const char *target)
{
	size_t length = strlen(target);

	for (const char *at = refusal->target; *at; at += strcspn(at, ","), at += strspn(at, ", "))
		if (strcspn(at, ",") == length && strncmp(at, target, length) == 0)
			return true;
	return false;
}

/* Adds the target to an earlier refusal for the very same reason, where there is one with room. */
static bool join_refusal(struct plan *plan, const struct refusal *refusal)
{
	for (size_t i = 0; i < plan->refusal_count; i++) {
		struct refusal *other = &plan->refusals[i];
		size_t used = strlen(other->target);

		if (other->code != refusal->code || strcmp(other->text, refusal->text) != 0 ||
		    strcmp(other->fix, refusal->fix) != 0)
			continue;
		if (other->target[0] == '\0' || refusal_names(other, refusal->target))
			return true;
		if (refusal->target[0] == '\0' ||
		    used + strlen(refusal->target) + 3 > sizeof(other->target))
			continue;
		text_set(other->target + used, sizeof(other->target) - used, ", %s",
			 refusal->target);
		return true;
	}
	return false;
}

int plan_refuse(struct plan *plan, enum refusal_code code, const char *target, const char *fix,
		const char *format, ...)
{
	struct refusal refusal = { .code = code };
	struct refusal *added;
	va_list args;

	text_set(refusal.target, sizeof(refusal.target), "%s", target);
	snprintf(refusal.fix, sizeof(refusal.fix), "%s", fix);
	va_start(args, format);
	text_vsentence(refusal.text, sizeof(refusal.text), format, args);
	va_end(args);
	if (join_refusal(plan, &refusal))
		return 0;
	added = append(&plan->refusals, &plan->refusal_count, sizeof(*plan->refusals));
	if (!added)
		return -ENOMEM;
	*added = refusal;
	return 0;
}

bool plan_refuses(const struct plan *plan, const char *target)
{
	for (size_t i = 0; i < plan->refusal_count; i++)
		if (plan->refusals[i].target[0] == '\0' ||
		    refusal_names(&plan->refusals[i], target))
			return true;
	return false;
}

const char *action_kind_name(enum action_kind kind)
{
	return kinds[kind].name;
}

bool action_kind_from_name(const char *name, enum action_kind *ret)
{
	for (unsigned i = 0; i < ACTION_KIND_MAX; i++) {
		if (strcmp(kinds[i].name, name) == 0) {
			*ret = (enum action_kind)i;
			return true;
		}
	}
	return false;
}

const char *refusal_code_name(enum refusal_code code)
{
	return codes[code];
}

bool refusal_code_from_name(const char *name, enum refusal_code *ret)
{
	for (unsigned i = 0; i < REFUSAL_CODE_MAX; i++) {
		if (strcmp(codes[i], name) == 0) {
			*ret = (enum refusal_code)i;
			return true;
		}
	}
	return false;
}

static const char *object_of(const struct plan *plan, const struct action *action)
{
	switch (kinds[action->kind].object) {
	case 't':
		if (action->target >= 0)
			return plan->targets[action->target].name;
		return plan->client.mount_point;
	case 'g':
		return plan->groups[action->group].name;
	case 'd':
		return plan->groups[action->group].disks[action->item].path;
	case 'n':
		return plan->nets[action->item].net;
	case 'm':
		return plan->modules[action->item].name;
	default:
		return "";
	}
}

void action_describe(const struct plan *plan, const struct action *action, char *text, size_t size)
{
	const char *object = object_of(plan, action);
	int used = snprintf(text, size, "%s%s%s", kinds[action->kind].name, *object ? " " : "",
			    object);

	/* That it takes an index over from another holder is said wherever it is named. */
	if (action->kind == ACTION_FORMAT && plan->targets[action->target].replace && used > 0 &&
	    (size_t)used < size)
		snprintf(text + used, size - (size_t)used, " --replace");
	if (action->phase != PHASE_NONE && used > 0 && (size_t)used < size)
		snprintf(text + used, size - (size_t)used, " %s", phase_name(action->phase));
}
