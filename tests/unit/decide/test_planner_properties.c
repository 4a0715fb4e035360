/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What no plan may ever do, for many machines made by chance (S1 to S7). The rules here are
 * written against the facts alone; they share no code with the planner.
 *
 * LUSTRE_INIT_MACHINES=N makes N machines, LUSTRE_INIT_SEED=N starts at another one.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scenes/answers.h"
#include "scenes/random_machine.h"

#define MACHINES 20000

/* How often each thing was seen: a rule that never applied proves nothing. */
static struct {
	unsigned creates, formats, format_overs, refusals, mounts, loss_refusals, replacements;
	unsigned begun, repairs;
} seen;

static unsigned long seed; /* of the machine that is planned for */

/* Fails, and says which machine it was. */
static void harm(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

static void harm(const char *format, ...)
{
	va_list args;

	print_error("LUSTRE_INIT_SEED=%lu: ", seed);
	va_start(args, format);
	vprint_error(format, args);
	va_end(args);
	print_error("\n");
	fail();
	abort(); /* for the compiler: fail() does not return */
}

static unsigned long number_of(const char *variable, unsigned long fallback)
{
	const char *text = getenv(variable);

	return text ? strtoul(text, NULL, 10) : fallback;
}

static const struct disk *disk_at(const struct scene *s, const char *path)
{
	for (size_t i = 0; i < s->facts.disk_count; i++)
		if (strcmp(s->facts.disks[i].path, path) == 0)
			return &s->facts.disks[i];
	harm("the plan names disk %s, which is not there", path);
}

static bool is_proven(const struct scene *s, const struct disk *disk)
{
	switch (s->spec.disks) {
	case DISKS_INSTANCE_STORE:
		return disk->kind == DISK_INSTANCE_STORE;
	case DISKS_EBS:
		return disk->kind == DISK_EBS && strcmp(disk->attached_as, "sdf") == 0;
	case DISKS_PATH:
		return words_contain(&disk->links, s->spec.disks_name);
	}
	return false;
}

/*
 * Nothing but the head of a PV in no group, on a disk that state.json has for this instance and for
 * targets that never came near service; with a label only where its UUID is there, too.
 */
static bool was_begun(const struct scene *s, const struct disk *disk)
{
	bool recorded = false;

	if (!disk->only_lvm_head || disk->vg_uuid[0] != '\0' || disk->signature_count > 1 ||
	    (disk->signature_count == 1 && strcmp(disk->signatures[0].type, "LVM2_member") != 0))
		return false;
	for (size_t t = 0; t < s->state.target_count; t++)
		for (size_t d = 0; d < s->state.targets[t].disk_count; d++) {
			const struct remembered_target *target = &s->state.targets[t];

			if (strcmp(target->instance_id, SCENE_INSTANCE) != 0 ||
			    strcmp(target->disks[d].serial, disk->serial) != 0)
				continue;
			if (target->phase >= PHASE_REGISTERING)
				return false;
			recorded = recorded || disk->signature_count == 0 ||
				   strcmp(target->disks[d].pv_uuid, disk->signatures[0].uuid) == 0;
		}
	seen.begun += recorded;
	return recorded;
}

static void check_created_disk(const struct scene *s, const struct plan_disk *planned)
{
	const struct disk *disk = disk_at(s, planned->path);
	bool blank = disk->blank == BLANK_YES && disk->signature_count == 0;

	if (!is_proven(s, disk))
		harm("S1: %s is created on without proof", disk->path);
	if (disk->mounts.count > 0 || disk->partitions.count > 0 || disk->holders.count > 0 ||
	    disk->swap || disk->busy || disk->read_only)
		harm("S2: %s is in use, and created on", disk->path);
	if (!blank && !was_begun(s, disk))
		harm("S3: %s is not blank, and created on", disk->path);
	if (strcmp(planned->serial, disk->serial) != 0 || planned->size != disk->size)
		harm("law 3: the plan says serial %s of %s", planned->serial, disk->path);
}

/* LVM's own label is there, of a PV that was written down, and nothing holds the disk. */
static void check_repaired_disk(const struct scene *s, const struct plan_disk *planned)
{
	const struct disk *disk = disk_at(s, planned->path);

	seen.repairs++;
	if (strcmp(disk->signatures[0].type, "LVM2_member") != 0 || disk->signature_count != 1 ||
	    strcmp(disk->signatures[0].uuid, planned->pv_uuid) != 0 || disk->vg_uuid[0] != '\0')
		harm("%s is repaired, and is no PV of ours in no group", disk->path);
	if (disk->holders.count > 0 || disk->busy)
		harm("S2: %s is in use, and repaired", disk->path);
	if (!disk->lvm_text_torn)
		harm("%s is repaired, and not torn", disk->path);
}

/* The volume that carries the target's tag, with our own or without, in a group of ours that is
 * named as ours are, or is not. */
static const struct volume *find_volume(const struct scene *s, const char *target, bool named,
					bool tagged, const struct volume_group **ret_group)
{
	for (size_t g = 0; g < s->facts.group_count; g++) {
		const struct volume_group *group = &s->facts.groups[g];
		bool ours = words_contain(&group->tags, "lustre-init") &&
			    volume_group_name_ours(group->name) == named;

		for (size_t v = 0; ours && v < group->volume_count; v++) {
			const char *tag = volume_tag_value(&group->volumes[v].tags, "target");

			*ret_group = group;
			if (strcmp(tag, target) == 0 &&
			    volume_tags_ours(&group->volumes[v].tags) == tagged)
				return &group->volumes[v];
		}
	}
	return NULL;
}

static const struct volume *volume_of(const struct scene *s, const char *target,
				      const struct volume_group **ret_group)
{
	const struct volume *volume = find_volume(s, target, true, true, ret_group);

	if (!volume)
		volume = find_volume(s, target, true, false, ret_group);
	return volume ? volume : find_volume(s, target, false, true, ret_group);
}

static bool was_taken(const struct scene *s, const char *target)
{
	bool taken = false;

	for (size_t i = 0; i < s->status.outcome_count; i++)
		if (s->status.outcomes[i].action == ACTION_MOUNT &&
		    strcmp(s->status.outcomes[i].target, target) == 0)
			taken = s->status.outcomes[i].kind == OUTCOME_FAILED &&
				s->status.outcomes[i].code == EADDRINUSE;
	return taken;
}

static bool is_lost(const struct scene *s, const char *target)
{
	const struct remembered_target *t = state_find(&s->state, SCENE_INSTANCE, target);

	return t && (t->lost || t->phase >= PHASE_REGISTERING);
}

static void check_group(const struct scene *s, const struct volume_group *group)
{
	unsigned here = 0;

	for (size_t i = 0; i < s->facts.disk_count; i++)
		here += strcmp(s->facts.disks[i].vg_uuid, group->uuid) == 0;
	if (group->pv_missing > 0 ||
	    strtoul(volume_tag_value(&group->tags, "pvs"), NULL, 10) != here)
		harm("S5: %s is written with a disk missing", group->name);
	if (!words_contain(&group->tags, "lustre-init.instance=" SCENE_INSTANCE) &&
	    !s->spec.replace)
		harm("%s of another instance is written without consent", group->name);
}

/* A complete target is only made anew where it was taken, or lost, and somebody consented. */
static void check_replacement(const struct scene *s, const struct plan_target *target)
{
	seen.replacements++;
	if (!was_taken(s, target->name) || target->kind != TARGET_OST)
		harm("S4: %s is complete, and formatted unasked", target->name);
	if (!s->spec.replace &&
	    (s->spec.on_data_loss != ON_DATA_LOSS_RECREATE || !is_lost(s, target->name)))
		harm("S6: %s is replaced without consent", target->name);
}

/* In the very group that it is in. */
static bool is_remembered_here(const struct scene *s, const struct plan_target *target,
			       enum phase phase)
{
	const struct remembered_target *t = state_find(&s->state, SCENE_INSTANCE, target->name);

	return t && t->phase >= phase && strcmp(t->group, s->plan.groups[target->group].name) == 0;
}

/* A format over a volume that was there before. */
static void check_format_over(const struct scene *s, const struct plan_target *target,
			      const struct volume *volume)
{
	const struct content *content = &volume->content;
	enum phase phase = volume_tags_phase(&volume->tags);
	bool remains = state_has_remains(&s->state, s->facts.instance_id, target->name,
					 s->plan.groups[target->group].name);

	seen.format_overs++;
	if (is_remembered_here(s, target, PHASE_SERVED) && !remains)
		harm("S4: %s served by what is remembered, and is formatted", target->name);
	if (phase == PHASE_SERVED || content->served)
		harm("S4: %s served, and is formatted", target->name);
	if (!volume->active || !content->known || content->needs_recovery ||
	    volume_tags_journal(&volume->tags) != VOLUME_JOURNAL_UNTOUCHED)
		harm("S4: %s is formatted unseen", target->name);
	if (content->type[0] != '\0' && strcmp(content->type, "ext4") != 0)
		harm("S3: %s in %s is formatted over", content->type, target->name);
	if (content->type[0] != '\0' && !target_label_is(content->label, target->name))
		harm("S3: a file system labelled %s is formatted over", content->label);
	if (content->stranger[0] != '\0' || content->other_type[0] != '\0')
		harm("S3: %s%s is formatted over", content->stranger, content->other_type);
	if (content->not_blank_because[0] != '\0' && !remains)
		harm("S3: data without a signature is formatted over in %s", target->name);
	if (content->lustre_target[0] != '\0' && strcmp(content->lustre_target, target->name) != 0)
		harm("S3: %s is formatted over", content->lustre_target);
	if (content->lustre || (phase >= PHASE_REGISTERING && !remains))
		check_replacement(s, target);
	if (content->lustre != target->replace && content->type[0] != '\0')
		harm("%s: --replace where the MGS did not refuse it", target->name);
	if (target->zeroed)
		harm("%s: taken for zeroed, though written before", target->name);
}

static void check_format(const struct scene *s, int action)
{
	const struct plan_target *target = &s->plan.targets[s->plan.actions[action].target];
	const struct volume_group *group = NULL;
	const struct volume *volume = volume_of(s, target->name, &group);
	char create[64];
	int made;

	seen.formats++;
	snprintf(create, sizeof(create), "create-volume %s", target->name);
	made = scene_find(s, create);
	if (volume && made >= 0)
		harm("%s has a volume, and gets another one", target->name);
	if (volume)
		check_format_over(s, target, volume);
	else if (!scene_waits(s, action, made))
		harm("%s is formatted before its volume is made", target->name);
}

/* What nobody looked into is not lost. */
static void check_unseen(const struct scene *s, const struct plan_target *target)
{
	const struct remembered_target *t = state_find(&s->state, SCENE_INSTANCE, target->name);

	for (size_t d = 0; d < t->disk_count; d++)
		for (size_t i = 0; i < s->facts.disk_count; i++) {
			const struct disk *disk = &s->facts.disks[i];

			if (disk->serial[0] != '\0' &&
			    strcmp(disk->serial, t->disks[d].serial) == 0 &&
			    disk->kind != DISK_INSTANCE_STORE &&
			    !disk_is_chosen(disk, s->spec.disks, s->spec.disks_name))
				harm("S6: %s is made anew, and %s is here", target->name,
				     disk->path);
		}
}

/* S6: a target that this instance had is made anew only with consent, an MDT never. */
static void check_loss(const struct scene *s, const struct plan_target *target)
{
	if (is_lost(s, target->name) &&
	    (s->spec.on_data_loss != ON_DATA_LOSS_RECREATE || target->kind == TARGET_MDT))
		harm("S6: %s was lost, and is made anew without consent", target->name);
	if (is_lost(s, target->name))
		check_unseen(s, target);
}

/* Whatever is written to a group that was there before needs it to be whole, and this instance's.
 */
static void check_written_group(const struct scene *s, const struct action *action)
{
	const struct plan_group *planned =
		action->group >= 0 ? &s->plan.groups[action->group] : NULL;
	const struct volume_group *group =
		planned ? facts_group_by_uuid(&s->facts, planned->uuid) : NULL;

	if (group)
		check_group(s, group);
}

static void check_refused(const struct scene *s, const struct action *action)
{
	if (action->target >= 0 && plan_refuses(&s->plan, s->plan.targets[action->target].name))
		harm("law 2: %s is refused, and has an action",
		     s->plan.targets[action->target].name);
	if (plan_refuses(&s->plan, ""))
		harm("law 2: the node is refused, and has an action");
}

/* S7: without the modules nothing is written; only what serves already is seen to. */
static void check_platform(const struct scene *s, const struct action *action)
{
	bool writes = action->kind == ACTION_CREATE_PV || action->kind == ACTION_CREATE_GROUP ||
		      action->kind == ACTION_CREATE_VOLUME || action->kind == ACTION_FORMAT;

	if (writes && s->facts.platform.missing_modules.count > 0)
		harm("S7: written before the modules are there");
}

static void check_action(const struct scene *s, int index)
{
	const struct action *action = &s->plan.actions[index];

	check_platform(s, action);
	check_refused(s, action);
	check_written_group(s, action);
	for (unsigned i = 0; i < action->need_count; i++)
		if (action->needs[i] >= (unsigned)index)
			harm("action %d needs %u", index, action->needs[i]);
	if (action->kind == ACTION_CREATE_PV)
		check_created_disk(s, &s->plan.groups[action->group].disks[action->item]);
	if (action->kind == ACTION_REPAIR_PV)
		check_repaired_disk(s, &s->plan.groups[action->group].disks[action->item]);
	if (action->kind == ACTION_CREATE_GROUP) {
		seen.creates++;
		for (size_t d = 0; d < s->plan.groups[action->group].disk_count; d++)
			check_created_disk(s, &s->plan.groups[action->group].disks[d]);
	}
	if (action->kind == ACTION_CREATE_VOLUME)
		check_loss(s, &s->plan.targets[action->target]);
	if (action->kind == ACTION_FORMAT)
		check_format(s, index);
	seen.mounts += action->kind == ACTION_MOUNT;
}

/* Each target has an answer: it serves, or will be mounted, or is refused, or is looked at again.
 */
static void check_answers(const struct scene *s)
{
	for (size_t i = 0; i < s->plan.target_count; i++) {
		const struct plan_target *target = &s->plan.targets[i];
		char mount[64];

		snprintf(mount, sizeof(mount), "mount %s", target->name);
		if (!target->in_service && !plan_refuses(&s->plan, target->name) &&
		    !s->plan.observe_again && scene_find(s, mount) < 0)
			harm("%s has no answer", target->name);
	}
	for (size_t i = 0; i < s->plan.refusal_count; i++) {
		seen.refusals++;
		seen.loss_refusals += s->plan.refusals[i].code == REFUSAL_DATA_LOSS;
		if (s->plan.refusals[i].text[0] == '\0' || s->plan.refusals[i].fix[0] == '\0')
			harm("a refusal without found or fix");
	}
}

static void check_disks_once(const struct scene *s)
{
	for (size_t g = 0; g < s->plan.group_count; g++)
		for (size_t h = 0; h < g; h++)
			for (size_t i = 0; i < s->plan.groups[g].disk_count; i++)
				for (size_t j = 0; j < s->plan.groups[h].disk_count; j++)
					assert_string_not_equal(s->plan.groups[g].disks[i].path,
								s->plan.groups[h].disks[j].path);
}

static void check_order(struct dice *dice, struct scene *s)
{
	char *before = NULL, *after = NULL;
	json_t *json = plan_to_json(&s->plan);

	before = json_dumps(json, JSON_INDENT(1));
	json_decref(json);
	random_order(dice, &s->facts);
	scene_plan(s);
	json = plan_to_json(&s->plan);
	after = json_dumps(json, JSON_INDENT(1));
	json_decref(json);
	if (strcmp(before, after) != 0)
		harm("enumeration order changes the plan: %s\nbecomes %s", before, after);
	free(before);
	free(after);
}

static void no_machine_gets_a_harmful_plan(void **state)
{
	unsigned long count = number_of("LUSTRE_INIT_MACHINES", MACHINES);
	unsigned long first = number_of("LUSTRE_INIT_SEED", 1);

	(void)state;
	for (seed = first; seed < first + count; seed++) {
		struct dice dice = { seed * 0x2545f4914f6cdd1dULL };
		struct scene s;

		random_machine(&dice, &s);
		scene_plan(&s);
		assert_int_equal(s.result, 0);
		for (int i = 0; i < (int)s.plan.action_count; i++)
			check_action(&s, i);
		check_answers(&s);
		check_disks_once(&s);
		check_order(&dice, &s);
		scene_end(&s);
	}
	print_message("%lu machines: %u groups created, %u formats (%u over a volume, %u "
		      "replacing), %u mounts, %u refusals (%u of data loss)\n",
		      count, seen.creates, seen.formats, seen.format_overs, seen.replacements,
		      seen.mounts, seen.refusals, seen.loss_refusals);
}

/* A rule that never met its case would prove nothing. */
static void every_rule_was_tried(void **state)
{
	(void)state;
	if (number_of("LUSTRE_INIT_MACHINES", MACHINES) < MACHINES) {
		puts("too few machines were made for every rule to be met");
		skip();
	}
	assert_true(seen.creates > 100 && seen.formats > 100 && seen.format_overs > 50);
	assert_true(seen.begun > 5 && seen.repairs > 5);
	assert_true(seen.replacements > 5 && seen.loss_refusals > 20 && seen.mounts > 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_machine_gets_a_harmful_plan),
		cmocka_unit_test(every_rule_was_tried),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
