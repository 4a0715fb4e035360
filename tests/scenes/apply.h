/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A plan of a test's own, run over disks that are sparse files, with tools that are scripts: each
 * writes down how it was called. Include <cmocka.h> before.
 */

#include "effect/apply.h"

#include "scenes/children.h"
#include "scenes/recorded.h"

/* A group on two disks, 64 MiB each, with nothing planned yet. */
struct apply_scene {
	struct recorded machine;
	struct plan plan;
	struct status status;
	struct state state;
	int lock;                 /* the run's; -1 */
	struct children children; /* of the run, where there are some before the plan */
	struct lnet_early *lnet_early;
	struct apply_patience patience;
	char told[4096]; /* what STATUS= said, and what was noted, a line each */
	bool tell_rests; /* and where all was started: "--" */
};

/* A tool that writes its name and arguments down, and then does as `script` says. */
static inline void apply_tool(struct apply_scene *s, const char *name, const char *script)
{
	char calls[4096], text[16384];

	recorded_path(&s->machine, "/calls", calls);
	snprintf(text, sizeof(text), "echo \"%s $*\" >>%.4000s\n%s", name, calls, script);
	recorded_tool(&s->machine, name, text);
}

static inline void apply_add_disk(struct apply_scene *s, unsigned number)
{
	struct plan_disk *disk = plan_group_add_disk(&s->plan.groups[0]);
	char path[64];

	assert_non_null(disk);
	snprintf(path, sizeof(path), "/dev/nvme%un1", number);
	recorded_device(&s->machine, path, 64 * MIB);
	snprintf(disk->path, sizeof(disk->path), "%.64s%s", s->machine.root, path);
	snprintf(disk->serial, sizeof(disk->serial), "AWS%u", number);
	snprintf(disk->pv_uuid, sizeof(disk->pv_uuid), "abcdef-ghij-klmn-opqr-stuv-wxyz-01234%u",
		 number);
	disk->size = 64 * MIB;
}

static inline void apply_start(struct apply_scene *s)
{
	struct plan_group *group;

	*s = (struct apply_scene){ .lock = -1,
				   .patience = { .tool_usec = 60 * 1000000ULL,
						 .told_usec = 3600 * 1000000ULL,
						 .asked_usec = 20000,
						 .systemd_usec = 60 * 1000000ULL } };
	recorded_start(&s->machine);
	apply_tool(s, "lvm", "");
	group = plan_add_group(&s->plan);
	assert_non_null(group);
	snprintf(group->name, sizeof(group->name), "lustre-init-0badcafe");
	apply_add_disk(s, 1);
	apply_add_disk(s, 2);
}

static inline void apply_end(struct apply_scene *s)
{
	plan_done(&s->plan);
	status_done(&s->status);
	recorded_end(&s->machine);
}

/*
 * The device of a target's volume, a sparse file, as the kernel shows it: dm-0, on the group's two
 * disks. The target's path leads to it.
 */
static inline void apply_add_device(struct apply_scene *s, struct plan_target *target)
{
	recorded_device(&s->machine, "/dev/dm-0", 64 * MIB);
	recorded_link(&s->machine, "/dev/lustre-init-0badcafe/ost0017", "../dm-0");
	recorded_file(&s->machine, "/sys/block/dm-0/dm/uuid",
		      "LVM-abcdefghijklmnopqrstuvwxyz012345ABCDEFGHIJKLMNOPQRSTUVWXYZ012345\n");
	recorded_file(&s->machine, "/sys/block/dm-0/dm/name", "lustre--init--0badcafe-ost0017\n");
	recorded_file(&s->machine, "/sys/block/dm-0/slaves/nvme1n1", "%s", "");
	recorded_file(&s->machine, "/sys/block/dm-0/slaves/nvme2n1", "%s", "");
	strcpy(target->volume, "ost0017");
	snprintf(target->device, sizeof(target->device), "%.64s/dev/lustre-init-0badcafe/ost0017",
		 s->machine.root);
}

/* An action on the group, after `needed`; its index. */
static inline int apply_add(struct apply_scene *s, enum action_kind kind, int item, int needed)
{
	int action = plan_add_action(&s->plan, kind);

	assert_true(action >= 0);
	s->plan.actions[action].group = 0;
	s->plan.actions[action].item = item;
	plan_need(&s->plan, action, needed);
	return action;
}

static inline void apply_on_progress(void *userdata, const char *sentence,
				     const struct outcome *outcome)
{
	struct apply_scene *s = userdata;
	size_t used = s ? strlen(s->told) : 0;

	if (s && !outcome)
		snprintf(s->told + used, sizeof(s->told) - used, "%s\n", sentence);
}

static inline void apply_on_note(void *userdata, enum wait wait, const char *sentence)
{
	(void)wait;
	apply_on_progress(userdata, sentence, /* outcome= */ NULL);
}

static inline void apply_on_rest(void *userdata)
{
	struct apply_scene *s = userdata;

	if (s->tell_rests)
		apply_on_progress(s, "--", /* outcome= */ NULL);
}

static inline int apply_with(struct apply_scene *s, struct processes *processes, struct error *err)
{
	char backups[4096], state_path[4096], mounts[4096], units[4096];
	const struct apply_options options = {
		.plan = &s->plan,
		.instance_id = "i-0a11ce",
		.root = s->machine.root,
		.state_path = state_path,
		.lvm_backups = backups,
		.unit_directory = units,
		.mount_table = mounts,
		.state = &s->state,
		.processes = processes,
		.lnet_early = s->lnet_early,
		.mgs_timeout_sec = 100,
		.patience = s->patience,
		.progress = apply_on_progress,
		.note = apply_on_note,
		.rest = apply_on_rest,
		.userdata = s,
	};

	recorded_path(&s->machine, "/etc/lvm/backup", backups);
	recorded_path(&s->machine, "/var/lib/lustre-init/state.json", state_path);
	recorded_path(&s->machine, "/mountinfo", mounts);
	recorded_path(&s->machine, "/run/systemd/system", units);
	return apply_plan(&options, &s->status, err);
}

/* What apply_plan() returned. */
static inline int apply_try(struct apply_scene *s, struct error *err)
{
	struct children children;
	int r;

	if (s->children.processes)
		return apply_with(s, s->children.processes, err);
	children = children_start(s->lock);
	r = apply_with(s, children.processes, err);
	children_end(&children);
	return r;
}

static inline void apply_run(struct apply_scene *s)
{
	struct error err;

	if (apply_try(s, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(s->status.outcome_count, s->plan.action_count);
}

static inline const struct outcome *apply_outcome(const struct apply_scene *s,
						  enum action_kind kind)
{
	size_t i = 0;

	while (i < s->status.outcome_count && s->status.outcomes[i].action != kind)
		i++;
	assert_true(i < s->status.outcome_count);
	return &s->status.outcomes[i];
}

/* Whether a tool was called with these words in a row; with "": whether any was called at all. */
static inline bool apply_called(struct apply_scene *s, const char *words)
{
	char path[4096], text[65536] = "";
	FILE *file;

	recorded_path(&s->machine, "/calls", path);
	file = fopen(path, "re");
	if (!file)
		return false;
	text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
	fclose(file);
	return strstr(text, words) != NULL;
}
