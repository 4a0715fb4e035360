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

/* A disk that cannot be read is not asked of LVM, and what lies on it would be nobody's. */
static int check_readable(const struct facts *facts, struct error *err)
{
	for (size_t i = 0; i < facts->disk_count; i++) {
		const struct disk *disk = &facts->disks[i];

		if (disk->signature_count == 0 && disk->not_blank_because[0] != '\0' &&
		    disk->blank == BLANK_UNKNOWN)
			return error_set(err, -EIO,
					 "something is mounted from %s, and whose it is cannot be "
					 "told: %s",
					 disk->path, disk->not_blank_because);
	}
	return 0;
}

static int look(const char *root, struct facts *facts, struct error *err)
{
	int r = disk_rows_read(root, &facts->disks, &facts->disk_count, err);

	if (r >= 0)
		r = mounts_read(root, &facts->mounts, &facts->mount_count, err);
	if (r >= 0)
		r = disk_probe_all(root, facts, is_below_a_mount, facts, err);
	if (r >= 0)
		r = check_readable(facts, err);
	if (r >= 0)
		r = lvm_report_read(root, facts, is_below_a_mount, facts,
				    /* inquiries= */ NULL, err);
	return r < 0 ? r : 0;
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

static int is_own_unit(const char *root, const char *path, const struct mount_point *mount,
		       bool *ret, struct error *err)
{
	cleanup(free_pointer) char *text = NULL;
	cleanup(free_pointer) char *what = NULL;
	int r = file_read(root, path, UNIT_TEXT_MAX, &text, /* ret_size= */ NULL, err);

	if (r == 0 && unit_file_is_ours(text))
		what = unit_file_what(text);
	*ret = what && is_of_unit(root, what, mount);
	return r == -ENOENT ? 0 : r;
}

/* Whether its mount unit is one that apply wrote, for this. */
static int has_own_unit(const char *root, const char *unit_directory,
			const struct mount_point *mount, bool *ret, struct error *err)
{
	char unit[UNIT_NAME_MAX], path[PATH_MAX];
	int r = unit_file_name(mount->target, unit, sizeof(unit));

	*ret = false;
	if (r < 0) /* so it can have none */
		return 0;
	if (snprintf(path, sizeof(path), "%s/%s", unit_directory, unit) >= (int)sizeof(path))
		return error_set(err, -ENAMETOOLONG, "%s/%s: path too long", unit_directory, unit);
	return is_own_unit(root, path, mount, ret, err);
}

/* What else is mounted over it, at the same place; NULL for nothing. */
static const char *find_cover(const struct facts *facts, const struct mount_point *mount)
{
	const struct mount_point *top = facts_mount_at(facts, mount->target);

	return top && strcmp(top->source, mount->source) != 0 ? top->source : NULL;
}

/* False in *ret_wanted for what has nothing to do with Lustre. */
static int judge(const char *root, const char *unit_directory, const struct facts *facts,
		 const struct mount_point *mount, struct own_mount *ret, bool *ret_wanted,
		 struct error *err)
{
	const struct volume *volume = find_volume(facts, mount);
	const char *tag = volume ? volume_tag_value(&volume->tags, "target") : NULL;
	bool ours = volume && mount_is_target_type(mount->fstype);
	int r = volume ? 0 : has_own_unit(root, unit_directory, mount, &ours, err);

	*ret_wanted = ours || volume || is_lustre(mount);
	*ret = (struct own_mount){ .target = mount->target,
				   .name = tag ? tag : mount->source,
				   .cover = find_cover(facts, mount) };
	if (!ours)
		ret->kind = OWN_MOUNT_STRANGE;
	else if (volume || mount->device[0] != '\0')
		ret->kind = kind_of_target(ret->name);
	else
		ret->kind = OWN_MOUNT_CLIENT;
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
	struct facts *facts = &ret->facts;
	int r;

	*ret = (struct own_mounts){ 0 };
	r = look(root, facts, err);
	if (r < 0)
		return r;
	ret->items = calloc(facts->mount_count + 1, sizeof(*ret->items));
	if (!ret->items)
		return error_set(err, -ENOMEM, "out of memory");
	for (size_t i = 0; i < facts->mount_count; i++) {
		struct own_mount mount;
		bool wanted;

		r = judge(root, unit_directory, facts, &facts->mounts[i], &mount, &wanted, err);
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

	if (mounts->count == 0)
		return 0;
	return error_set(err, -EBUSY, "%s is mounted at %s; %s first", first->name, first->target,
			 first->kind == OWN_MOUNT_STRANGE
				 ? "lustre-init did not mount it: unmount it"
				 : "run lustre-init stop");
}
