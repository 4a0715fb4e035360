/* SPDX-License-Identifier: Apache-2.0 */
#include "verbs/own_mounts.h"

#include "base/cleanup.h"
#include "model/mount_look.h"
#include "model/volume_tags.h"
#include "observe/storage/disk_answers.h"
#include "observe/storage/disk_probe.h"
#include "observe/storage/disk_rows.h"
#include "observe/storage/lvm_report.h"
#include "observe/storage/mounts.h"
#include "verbs/own_unit.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A disk that is busy writing takes its time. */
#define ANSWER_USEC (10 * 1000000ULL)

void own_mounts_done(struct own_mounts *mounts)
{
	free(mounts->items);
	words_done(&mounts->unseen);
	words_done(&mounts->names);
	facts_done(&mounts->facts);
	*mounts = (struct own_mounts){ 0 };
}

/* What its unit says of a mount. */
struct told {
	struct own_unit unit;
	const char *unseen; /* why it could not be read; NULL where it could */
};

/* What is looked at, and from where. */
struct sight {
	const char *root, *unit_directory;
	struct own_mounts *found;
	struct told *told;          /* of each mount, in their order */
	const char *volumes_unseen; /* why; NULL where LVM has told of them */
};

/*
 * Is a device-mapper device mounted that lies on the disk, and that no unit calls ours? No other
 * disk is looked at.
 */
static bool is_below_a_mount(const struct disk *disk, void *userdata)
{
	const struct sight *sight = userdata;
	const struct facts *facts = &sight->found->facts;

	for (size_t i = 0; i < facts->mount_count; i++)
		if (!sight->told[i].unit.is_there &&
		    strncmp(facts->mounts[i].device, "dm-", 3) == 0 &&
		    words_contain(&disk->holders, facts->mounts[i].device))
			return true;
	return false;
}

/* It is not asked of LVM, and what lies on it would be nobody's. */
static bool is_unreadable(const struct disk *disk)
{
	return disk->signature_count == 0 && disk->not_blank_because[0] != '\0' &&
	       disk->blank == BLANK_UNKNOWN;
}

/* One that hangs would hold up who reads it, and so what lies on all the others. */
static bool is_to_be_read(const struct disk *disk, void *userdata)
{
	return is_below_a_mount(disk, userdata) && !is_unreadable(disk);
}

/* The sentence stays in the list. */
static int note_unseen(struct own_mounts *found, const char *why, const char **ret,
		       struct error *err)
{
	if (words_add(&found->unseen, why) < 0)
		return error_set(err, -ENOMEM, "out of memory");
	*ret = found->unseen.items[found->unseen.count - 1];
	return 0;
}

static int note_unreadable(struct own_mounts *found, struct error *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < found->facts.disk_count; i++) {
		const char *why = found->facts.disks[i].not_blank_because;

		if (is_unreadable(&found->facts.disks[i]))
			r = note_unseen(found, why, &why, err);
	}
	return r;
}

static int look_at_volumes(struct sight *sight, struct error *err)
{
	struct facts *facts = &sight->found->facts;
	int r = lvm_report_read(sight->root, facts, is_below_a_mount, sight,
				/* inquiries= */ NULL, err);

	if (r >= 0 || r == -EINTR || error_is_shortage(r))
		return r < 0 ? r : 0;
	return note_unseen(sight->found, err->text, &sight->volumes_unseen, err);
}

static bool is_lustre(const struct mount_point *mount)
{
	return strcmp(mount->fstype, "lustre") == 0 || strncmp(mount->fstype, "lustre_", 7) == 0;
}

/* A target is a volume, and shows as one where Lustre's modules have no type for it. */
static bool may_be_ours(const struct mount_point *mount)
{
	return is_lustre(mount) || mount_is_client_type(mount->fstype) ||
	       (mount_is_target_type(mount->fstype) && strncmp(mount->device, "dm-", 3) == 0);
}

/* Before any disk. What no unit of ours could mount has none, and there is no doubt of it. */
static int read_units(struct sight *sight, struct error *err)
{
	const struct facts *facts = &sight->found->facts;
	int r = 0;

	sight->told = calloc(facts->mount_count + 1, sizeof(*sight->told));
	if (!sight->told)
		return error_set(err, -ENOMEM, "out of memory");
	for (size_t i = 0; r == 0 && i < facts->mount_count; i++) {
		struct told *told = &sight->told[i];

		if (!may_be_ours(&facts->mounts[i]))
			continue;
		if (own_unit_find(sight->root, sight->unit_directory, &facts->mounts[i],
				  &told->unit, err) < 0)
			r = note_unseen(sight->found, err->text, &told->unseen, err);
	}
	return r;
}

static void forget_units(struct sight *sight)
{
	for (size_t i = 0; sight->told && i < sight->found->facts.mount_count; i++)
		own_unit_done(&sight->told[i].unit);
	free(sight->told);
}

static int look(struct sight *sight, struct error *err)
{
	struct facts *facts = &sight->found->facts;
	int r = disk_rows_read(sight->root, &facts->disks, &facts->disk_count, err);

	if (r >= 0)
		r = mounts_read(sight->root, &facts->mounts, &facts->mount_count, err);
	if (r >= 0)
		r = read_units(sight, err);
	if (r >= 0)
		r = disk_answers_check(sight->root, facts, is_below_a_mount, sight, ANSWER_USEC,
				       err);
	if (r >= 0)
		r = disk_probe_all(sight->root, facts, is_to_be_read, sight, err);
	if (r >= 0)
		r = note_unreadable(sight->found, err);
	return r < 0 ? r : look_at_volumes(sight, err);
}

/* The volume of ours that is mounted; NULL for none. */
static const struct volume *find_volume(const struct facts *facts, const struct mount_point *mount)
{
	for (size_t g = 0; mount->device[0] != '\0' && g < facts->group_count; g++) {
		const struct volume_group *group = &facts->groups[g];

		for (size_t v = 0; volume_tags_ours(&group->tags) && v < group->volume_count; v++)
			if (strcmp(group->volumes[v].device, mount->device) == 0)
				return &group->volumes[v];
	}
	return NULL;
}

static enum own_mount_kind kind_of_target(const char *name)
{
	static const enum own_mount_kind kinds[TARGET_KIND_MAX] = {
		[TARGET_MGT] = OWN_MOUNT_MGT,
		[TARGET_MDT] = OWN_MOUNT_MDT,
		[TARGET_OST] = OWN_MOUNT_OST,
	};

	return kinds[target_kind_of_name(name)];
}

/* What else is mounted over it, at the same place; NULL for nothing. */
static const char *find_cover(const struct facts *facts, const struct mount_point *mount)
{
	const struct mount_point *top = facts_mount_at(facts, mount->target);

	return top && strcmp(top->source, mount->source) != 0 ? top->source : NULL;
}

/* Why nobody can tell whose a mount is that no tag and no unit calls ours; NULL where it is known.
 */
static const char *find_doubt(const struct sight *sight, const struct mount_point *mount)
{
	const struct facts *facts = &sight->found->facts;

	if (strncmp(mount->device, "dm-", 3) != 0 || !mount_is_target_type(mount->fstype))
		return NULL;
	for (size_t i = 0; i < facts->disk_count; i++)
		if (is_unreadable(&facts->disks[i]) &&
		    words_contain(&facts->disks[i].holders, mount->device))
			return facts->disks[i].not_blank_because;
	return sight->volumes_unseen;
}

static enum own_mount_kind kind_of(const struct own_mount *mount, bool is_ours, bool is_target)
{
	if (!is_ours)
		return mount->doubt ? OWN_MOUNT_DOUBTED : OWN_MOUNT_STRANGE;
	return is_target ? kind_of_target(mount->name) : OWN_MOUNT_CLIENT;
}

/* The list owns the name: the unit's text does not last. */
static int name_by_unit(struct own_mounts *found, const char *target, struct own_mount *mount,
			struct error *err)
{
	if (words_add(&found->names, target) < 0)
		return error_set(err, -ENOMEM, "out of memory");
	mount->name = found->names.items[found->names.count - 1];
	return 0;
}

/* False in *ret_wanted for what has nothing to do with Lustre. */
static int judge(const struct sight *sight, size_t number, struct own_mount *ret, bool *ret_wanted,
		 struct error *err)
{
	const struct facts *facts = &sight->found->facts;
	const struct mount_point *mount = &facts->mounts[number];
	const struct told *told = &sight->told[number];
	const struct volume *volume = find_volume(facts, mount);
	const char *tag = volume ? volume_tag_value(&volume->tags, "target") : NULL;
	bool ours = volume ? mount_is_target_type(mount->fstype) : told->unit.is_there;
	int r = 0;

	*ret = (struct own_mount){ .target = mount->target,
				   .name = tag ? tag : mount->source,
				   .cover = find_cover(facts, mount) };
	if (!ours && !volume)
		ret->doubt = told->unseen ? told->unseen : find_doubt(sight, mount);
	if (ours && !tag && told->unit.target)
		r = name_by_unit(sight->found, told->unit.target, ret, err);
	*ret_wanted = ours || volume || ret->doubt || is_lustre(mount);
	ret->kind = kind_of(ret, ours, volume || mount->device[0] != '\0');
	return r;
}

/* By kind; of one kind, the last mounted comes first. */
static void put(struct own_mounts *mounts, const struct own_mount *mount)
{
	size_t at = 0;

	while (at < mounts->count && mounts->items[at].kind < mount->kind)
		at++;
	memmove(&mounts->items[at + 1], &mounts->items[at],
		(mounts->count - at) * sizeof(*mounts->items));
	mounts->items[at] = *mount;
	mounts->count++;
}

static int judge_all(const struct sight *sight, struct error *err)
{
	struct own_mounts *found = sight->found;
	int r = 0;

	found->items = calloc(found->facts.mount_count + 1, sizeof(*found->items));
	if (!found->items)
		return error_set(err, -ENOMEM, "out of memory");
	for (size_t i = 0; r == 0 && i < found->facts.mount_count; i++) {
		struct own_mount mount;
		bool wanted;

		r = judge(sight, i, &mount, &wanted, err);
		if (r == 0 && wanted)
			put(found, &mount);
	}
	return r;
}

int own_mounts_find(const char *root, const char *unit_directory, struct own_mounts *ret,
		    struct error *err)
{
	struct sight sight = { .root = root, .unit_directory = unit_directory, .found = ret };
	int r;

	*ret = (struct own_mounts){ 0 };
	r = look(&sight, err);
	if (r == 0)
		r = judge_all(&sight, err);
	forget_units(&sight);
	return r;
}

int own_mounts_refuse_any(const struct own_mounts *mounts, struct error *err)
{
	const struct own_mount *first = mounts->items;

	if (mounts->unseen.count > 0)
		return error_set(err, -EIO,
				 "something is mounted, and whose it is cannot be told: %s",
				 mounts->unseen.items[0]);
	if (mounts->count == 0)
		return 0;
	return error_set(err, -EBUSY, "%s is mounted at %s; %s first", first->name, first->target,
			 first->kind == OWN_MOUNT_STRANGE
				 ? "lustre-init did not mount it: unmount it"
				 : "run lustre-init stop");
}
