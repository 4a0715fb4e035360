/* SPDX-License-Identifier: Apache-2.0 */
#include "decide/layout.h"

#include "model/volume_tags.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOUNT_BASE "/srv/lustre"

int layout_node_index(const struct spec *spec, const struct facts *facts, unsigned *ret,
		      struct error *err)
{
	unsigned long length;
	struct in_addr address;
	char *end;
	const char *slash = strchr(facts->subnet_cidr, '/');
	unsigned index = 0;

	switch (spec->index_mode) {
	case INDEX_NUMBER:
		index = spec->index;
		break;
	case INDEX_LAUNCH:
		if (facts->launch_index < 0)
			return error_set(
				err, -EINVAL,
				"the metadata has no ami-launch-index; set index to a number");
		index = (unsigned)facts->launch_index;
		break;
	case INDEX_SUBNET:
		length = slash ? strtoul(slash + 1, &end, 10) : 0;
		if (inet_pton(AF_INET, facts->local_ipv4, &address) != 1 || length < 1 ||
		    length > 32)
			return error_set(
				err, -EINVAL,
				"index: subnet needs a primary IPv4 address and its subnet, and "
				"the metadata has %s; set index to a number",
				facts->local_ipv4[0] ? "no subnet" : "no IPv4 address");
		index = ntohl(address.s_addr) & (uint32_t)((1ULL << (32 - length)) - 1);
		break;
	}
	if (index > OST_INDEX_MAX || spec->index_base > OST_INDEX_MAX - index)
		return error_set(
			err, -EINVAL,
			"index %u plus index-base %u is above %d, the highest that Lustre has; "
			"set index to a number, or use a subnet of /16 or smaller",
			index, spec->index_base, OST_INDEX_MAX);
	*ret = index + spec->index_base;
	return 0;
}

/* "ephemeral12:sdb" is disk 12; disks without such a name come after all others. */
static unsigned long attachment_rank(const struct disk *disk)
{
	if (strncmp(disk->attached_as, "ephemeral", 9) != 0)
		return ~0UL;
	return strtoul(disk->attached_as + 9, NULL, 10);
}

static int compare_disks(const void *left, const void *right)
{
	const struct disk *a = *(const struct disk *const *)left;
	const struct disk *b = *(const struct disk *const *)right;
	unsigned long rank_a = attachment_rank(a), rank_b = attachment_rank(b);
	int order;

	if (rank_a != rank_b)
		return rank_a < rank_b ? -1 : 1;
	order = strcmp(a->pci_address, b->pci_address);
	return order != 0 ? order : strcmp(a->serial, b->serial);
}

/* Why a disk that was asked for cannot be used, whatever it holds (S2); NULL when it can. */
static const char *why_unusable(const struct disk *disk, bool ours)
{
	if (disk->mounts.count > 0 && !ours)
		return "is mounted";
	if (disk->swap)
		return "is in use as swap";
	if (disk->partitions.count > 0)
		return "has partitions";
	if (disk->holders.count > 0 && !ours)
		return "is held by another device";
	if (disk->read_only)
		return "is read-only";
	if (disk->serial[0] == '\0')
		return "has no serial number to know it by";
	return NULL;
}

/* A disk of a group that carries our tag is used, never a candidate for creation. */
static bool is_ours(const struct facts *facts, const struct disk *disk)
{
	const struct volume_group *group =
		disk->vg_uuid[0] ? facts_group_by_uuid(facts, disk->vg_uuid) : NULL;

	return group && volume_tags_ours(&group->tags);
}

static const char *first_of(const struct disk *disk)
{
	if (disk->mounts.count > 0)
		return disk->mounts.items[0];
	if (disk->partitions.count > 0)
		return disk->partitions.items[0];
	if (disk->holders.count > 0)
		return disk->holders.items[0];
	return disk->path;
}

int layout_choose_disks(const struct spec *spec, const struct facts *facts, struct plan *plan,
			const struct disk ***ret, size_t *ret_count, struct error *err)
{
	const struct disk **chosen = calloc(facts->disk_count + 1, sizeof(*chosen));
	size_t count = 0;
	int r = 0;

	if (!chosen)
		return error_set(err, -ENOMEM, "out of memory");
	for (size_t i = 0; i < facts->disk_count && r == 0; i++) {
		const struct disk *disk = &facts->disks[i];
		const char *why;

		if (!disk_is_chosen(disk, spec->disks, spec->disks_name))
			continue;
		why = why_unusable(disk, is_ours(facts, disk));
		if (why)
			r = plan_refuse(plan, REFUSAL_DISK_IN_USE, "",
					"Free the disk, or name the disks to use with `disks`.",
					"disk %s (serial %s) %s (%s)", disk->path, disk->serial,
					why, first_of(disk));
		else
			chosen[count++] = disk;
	}
	if (r < 0) {
		free(chosen);
		return error_set(err, r, "out of memory");
	}
	qsort(chosen, count, sizeof(*chosen), compare_disks);
	*ret = chosen;
	*ret_count = count;
	return 0;
}

static unsigned count_server_targets(const struct spec *spec, size_t osts)
{
	unsigned count = (spec->roles & ROLE_MGS ? 1 : 0) + (spec->roles & ROLE_MDS ? 1 : 0);

	return count + (unsigned)osts;
}

/* With one target the mount point is the target's own; with several it is the directory they share.
 */
static void set_mount_point(const struct spec *spec, bool only_one, struct plan_target *target)
{
	bool given = spec->mount_point[0] != '\0' && !(spec->roles & ROLE_CLIENT);

	if (given && only_one)
		snprintf(target->mount_point, sizeof(target->mount_point), "%s", spec->mount_point);
	else
		snprintf(target->mount_point, sizeof(target->mount_point), "%.200s/%s",
			 given ? spec->mount_point : MOUNT_BASE, target->name);
}

static struct plan_target *add_target(const struct spec *spec, enum target_kind kind,
				      unsigned index, bool only_one, struct plan *plan)
{
	struct plan_target *target = plan_add_target(plan);

	if (!target)
		return NULL;
	target->kind = kind;
	target->index = index;
	if (kind != TARGET_MGT)
		memcpy(target->fsname, spec->fsname, sizeof(target->fsname));
	target_format_name(kind, spec->fsname, index, target->name, sizeof(target->name));
	target_format_volume(kind, index, target->volume, sizeof(target->volume));
	set_mount_point(spec, only_one, target);
	target->stripe_size = spec->stripe_size;
	if (words_copy(&target->mkfs_options, &spec->mkfs_options) < 0 ||
	    words_copy(&target->mount_options, &spec->mount_options) < 0)
		return NULL;
	return target;
}

/* An MGT and an MDT take a part where something comes after them, and all where nothing does. */
static void set_size(const struct spec *spec, struct plan_target *target)
{
	if (target->kind == TARGET_MGT && spec->roles & (ROLE_MDS | ROLE_OSS))
		target->size = spec->mgt_size;
	if (target->kind == TARGET_MDT && spec->roles & ROLE_OSS)
		target->size = spec->mdt_size;
}

static int add_osts(const struct spec *spec, const struct facts *facts, size_t osts, bool only_one,
		    struct plan *plan, struct error *err)
{
	unsigned node = 0, stride = spec->osts_per_disk ? spec->expect_disks : 1;
	int r = layout_node_index(spec, facts, &node, err);

	if (r < 0)
		return r;
	for (size_t rank = 0; rank < osts; rank++) {
		unsigned long long index = (unsigned long long)node * stride + rank;

		if (index > OST_INDEX_MAX)
			return error_set(
				err, -EINVAL,
				"OST index %u x %u + %zu is above %d, the highest that Lustre "
				"has; set index to a smaller number",
				node, stride, rank, OST_INDEX_MAX);
		if (!add_target(spec, TARGET_OST, (unsigned)index, only_one, plan))
			return error_set(err, -ENOMEM, "out of memory");
	}
	return 0;
}

int layout_add_targets(const struct spec *spec, const struct facts *facts, size_t disk_count,
		       struct plan *plan, struct error *err)
{
	size_t osts = !(spec->roles & ROLE_OSS) ? 0 : spec->osts_per_disk ? disk_count : 1;
	bool only_one = count_server_targets(spec, osts) == 1;

	if (spec->roles & ROLE_MGS && !add_target(spec, TARGET_MGT, 0, only_one, plan))
		return error_set(err, -ENOMEM, "out of memory");
	if (spec->roles & ROLE_MDS) {
		unsigned index = spec->mdt_index;

		/* `index` speaks of the OSTs where a node has both (design 1.1). */
		if (!(spec->roles & ROLE_OSS) && spec->index_mode == INDEX_NUMBER &&
		    spec->origins[KEY_INDEX].source != SOURCE_DEFAULT)
			index = spec->index;
		if (!add_target(spec, TARGET_MDT, index, only_one, plan))
			return error_set(err, -ENOMEM, "out of memory");
	}
	for (size_t i = 0; i < plan->target_count; i++)
		set_size(spec, &plan->targets[i]);
	return osts > 0 ? add_osts(spec, facts, osts, only_one, plan, err) : 0;
}
