/* SPDX-License-Identifier: Apache-2.0 */
#include "decide/layout.h"

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
	*ret = index;
	return 0;
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
	unsigned node = 0;
	int r = layout_node_index(spec, facts, &node, err);

	if (r < 0)
		return r;
	for (size_t rank = 0; rank < osts; rank++) {
		unsigned long long index = (unsigned long long)node * osts + rank;

		index += spec->index_base;
		if (index > OST_INDEX_MAX)
			return error_set(
				err, -EINVAL,
				"OST index %llu (node %u times %zu disks, plus %zu, plus "
				"index-base %u) is above %d, the highest that Lustre has; set "
				"index to a number, or use a smaller subnet",
				index, node, osts, rank, spec->index_base, OST_INDEX_MAX);
		if (!add_target(spec, TARGET_OST, (unsigned)index, only_one, plan))
			return error_set(err, -ENOMEM, "out of memory");
	}
	return 0;
}

int layout_add_targets(const struct spec *spec, const struct facts *facts, struct plan *plan,
		       struct error *err)
{
	size_t osts = !(spec->roles & ROLE_OSS) ? 0 : spec->osts_per_disk ? spec->expect_disks : 1;
	size_t count = (spec->roles & ROLE_MGS ? 1U : 0) + (spec->roles & ROLE_MDS ? 1U : 0) + osts;
	bool only_one = count == 1;

	if (count > TARGETS_MAX)
		return error_set(err, -EINVAL,
				 "more than %d targets on one node; set expect-disks "
				 "to the number of disks that it has",
				 TARGETS_MAX);
	if (spec->roles & ROLE_MGS && !add_target(spec, TARGET_MGT, 0, only_one, plan))
		return error_set(err, -ENOMEM, "out of memory");
	/* Where there is no OST, spec_check() has made `index` the MDT's (design 1.1). */
	if (spec->roles & ROLE_MDS &&
	    !add_target(spec, TARGET_MDT, spec->mdt_index, only_one, plan))
		return error_set(err, -ENOMEM, "out of memory");
	for (size_t i = 0; i < plan->target_count; i++)
		set_size(spec, &plan->targets[i]);
	return osts > 0 ? add_osts(spec, facts, osts, only_one, plan, err) : 0;
}
