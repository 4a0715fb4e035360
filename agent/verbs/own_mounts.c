/* SPDX-License-Identifier: Apache-2.0 */
#include "verbs/own_mounts.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "base/tree.h"
#include "effect/unit_file.h"
#include "model/mount_look.h"
#include "model/volume_tags.h"
#include "observe/storage/disk_probe.h"
#include "observe/storage/disk_rows.h"
#include "observe/storage/lvm_report.h"
#include "observe/storage/mounts.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define UNIT_TEXT_MAX 65536

void own_mounts_done(struct own_mounts *mounts)
{
	free(mounts->items);
	words_done(&mounts->unseen);
	words_done(&mounts->names);
	facts_done(&mounts->facts);
	*mounts = (struct own_mounts){ 0 };
}

/* Is a device-mapper device mounted that lies on the disk? */
static bool is_below_a_mount(const struct disk *disk, void *userdata)
{
	const struct facts *facts = userdata;

	for (size_t i = 0; i < facts->mount_count; i++)
		if (strncmp(facts->mounts[i].device, "dm-", 3) == 0 &&
		    words_contain(&disk->holders, facts->mounts[i].device))
			return true;
	return false;
}

/* What is looked at, and from where. */
struct sight {
	const char *root, *unit_directory;
	struct own_mounts *found;
	const char *volumes_unseen; /* why; NULL where LVM has told of them */
};

/* The sentence stays in the list. */
static int note_unseen(struct own_mounts *found, const char *why, const char **ret,
		       struct error *err)
{
	if (words_add(&found->unseen, why) < 0)
		return error_set(err, -ENOMEM, "out of memory");
	*ret = found->unseen.items[found->unseen.count - 1];
	return 0;
}

/* It is not asked of LVM, and what lies on it would be nobody's. */
static bool is_unreadable(const struct disk *disk)
{
	return disk->signature_count == 0 && disk->not_blank_because[0] != '\0' &&
	       disk->blank == BLANK_UNKNOWN;
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

/* Units tell, too: a target whose volume is not seen is ours by its unit. */
static int look_at_volumes(struct sight *sight, struct error *err)
{
	struct facts *facts = &sight->found->facts;
	int r = lvm_report_read(sight->root, facts, is_below_a_mount, facts,
				/* inquiries= */ NULL, err);

	if (r >= 0 || r == -EINTR || error_is_shortage(r))
		return r < 0 ? r : 0;
	return note_unseen(sight->found, err->text, &sight->volumes_unseen, err);
}

static int look(struct sight *sight, struct error *err)
{
	struct facts *facts = &sight->found->facts;
	int r = disk_rows_read(sight->root, &facts->disks, &facts->disk_count, err);

	if (r >= 0)
		r = mounts_read(sight->root, &facts->mounts, &facts->mount_count, err);
	if (r >= 0)
		r = disk_probe_all(sight->root, facts, is_below_a_mount, facts, err);
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
	const char *tail = strrchr(name, '-');

	if (strcmp(name, "MGS") == 0)
		return OWN_MOUNT_MGT;
	return tail && strncmp(tail, "-MDT", 4) == 0 ? OWN_MOUNT_MDT : OWN_MOUNT_OST;
}

static bool is_lustre(const struct mount_point *mount)
{
	return strcmp(mount->fstype, "lustre") == 0 || strncmp(mount->fstype, "lustre_", 7) == 0;
}

/* Is that what the unit mounts: the device, or the file system of a client, and its type? */
static bool is_of_unit(const char *root, const char *what, const struct mount_point *mount)
{
	char device[DISK_NAME_MAX];

	if (what[0] != '/')
		return mount_is_client_type(mount->fstype) && mount_is_source(mount->source, what);
	tree_device_name(root, what, device, sizeof(device));
	return mount_is_target_type(mount->fstype) &&
	       (device[0] != '\0' ? strcmp(device, mount->device) == 0
				  : strcmp(what, mount->source) == 0);
}

/* The mount unit of a place, where apply wrote it for what is mounted there. */
struct own_unit {
	bool is_there;
	char *target; /* the name of its target; NULL for none */
};

static void own_unit_done(struct own_unit *unit)
{
	free(unit->target);
}

static int read_own_unit(const char *root, const char *path, const struct mount_point *mount,
			 struct own_unit *ret, struct error *err)
{
	cleanup(free_pointer) char *text = NULL;
	cleanup(free_pointer) char *what = NULL;
	int r = file_read(root, path, UNIT_TEXT_MAX, &text, /* ret_size= */ NULL, err);

	if (r == 0 && unit_file_is_ours(text))
		what = unit_file_what(text);
	ret->is_there = what && is_of_unit(root, what, mount);
	if (ret->is_there)
		ret->target = unit_file_target(text);
	return r == -ENOENT ? 0 : r;
}

static int find_own_unit(const struct sight *sight, const struct mount_point *mount,
			 struct own_unit *ret, struct error *err)
{
	char unit[UNIT_NAME_MAX], path[PATH_MAX];
	int r = unit_file_name(mount->target, unit, sizeof(unit));

	if (r < 0) /* so it can have none */
		return 0;
	if (snprintf(path, sizeof(path), "%s/%s", sight->unit_directory, unit) >= (int)sizeof(path))
		return error_set(err, -ENAMETOOLONG, "%s/%s: path too long", sight->unit_directory,
				 unit);
	return read_own_unit(sight->root, path, mount, ret, err);
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
static int judge(const struct sight *sight, const struct mount_point *mount, struct own_mount *ret,
		 bool *ret_wanted, struct error *err)
{
	const struct facts *facts = &sight->found->facts;
	const struct volume *volume = find_volume(facts, mount);
	const char *tag = volume ? volume_tag_value(&volume->tags, "target") : NULL;
	bool ours = volume && mount_is_target_type(mount->fstype);
	cleanup(own_unit_done) struct own_unit unit = { 0 };
	int r = volume ? 0 : find_own_unit(sight, mount, &unit, err);

	ours = ours || unit.is_there;
	*ret = (struct own_mount){ .target = mount->target,
				   .name = tag ? tag : mount->source,
				   .cover = find_cover(facts, mount) };
	if (r < 0)
		r = note_unseen(sight->found, err->text, &ret->doubt, err);
	else if (!ours && !volume)
		ret->doubt = find_doubt(sight, mount);
	if (r == 0 && unit.target)
		r = name_by_unit(sight->found, unit.target, ret, err);
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

int own_mounts_find(const char *root, const char *unit_directory, struct own_mounts *ret,
		    struct error *err)
{
	struct sight sight = { .root = root, .unit_directory = unit_directory, .found = ret };
	const struct facts *facts = &ret->facts;
	int r;

	*ret = (struct own_mounts){ 0 };
	r = look(&sight, err);
	if (r < 0)
		return r;
	ret->items = calloc(facts->mount_count + 1, sizeof(*ret->items));
	if (!ret->items)
		return error_set(err, -ENOMEM, "out of memory");
	for (size_t i = 0; i < facts->mount_count; i++) {
		struct own_mount mount;
		bool wanted;

		r = judge(&sight, &facts->mounts[i], &mount, &wanted, err);
		if (r < 0)
			return r;
		if (wanted)
			put(ret, &mount);
	}
	return 0;
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
