/* SPDX-License-Identifier: Apache-2.0 */
#include "decide/disks/layout.h"

#include "base/text.h"
#include "model/spec/mount_words.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The prefix length of "10.0.0.0/20" when it is the subnet that the address is in; 0 otherwise. */
static unsigned subnet_length(const char *cidr, struct in_addr address)
{
	const char *slash = strchr(cidr, '/');
	unsigned long length = slash ? strtoul(slash + 1, NULL, 10) : 0;
	char network[INET_ADDRSTRLEN];
	struct in_addr first;

	if (length < 1 || length > 32 || (size_t)(slash - cidr) >= sizeof(network))
		return 0;
	snprintf(network, sizeof(network), "%.*s", (int)(slash - cidr), cidr);
	if (inet_pton(AF_INET, network, &first) != 1 ||
	    (ntohl(first.s_addr) ^ ntohl(address.s_addr)) >> (32 - length) != 0)
		return 0;
	return (unsigned)length;
}

/* AWS gives no address to two instances, so the host part is unique in its subnet (design 1.2). */
static int host_part(const struct facts *facts, unsigned *ret, struct error *err)
{
	struct in_addr address;
	unsigned length;

	if (facts->local_ipv4[0] == '\0')
		return error_set(err, -EINVAL,
				 "index: subnet needs a primary IPv4 address, and this node has "
				 "none, as in a subnet of IPv6 only; launch it into a subnet with "
				 "IPv4, which LNET on tcp needs as well, or set index to a number");
	if (inet_pton(AF_INET, facts->local_ipv4, &address) != 1 || facts->subnet_cidr[0] == '\0')
		return error_set(err, -EINVAL,
				 "index: subnet needs the IPv4 block of the node's subnet, and the "
				 "metadata has none for the interface of %s; set index to a number",
				 facts->local_ipv4);
	length = subnet_length(facts->subnet_cidr, address);
	if (length == 0)
		return error_set(err, -EINVAL,
				 "index: subnet cannot be had: by the metadata the node's address "
				 "is %s and its subnet %s, which do not fit; set index to a number",
				 facts->local_ipv4, facts->subnet_cidr);
	*ret = ntohl(address.s_addr) & (uint32_t)((1ULL << (32 - length)) - 1);
	return 0;
}

int layout_node_index(const struct spec *spec, const struct facts *facts, unsigned *ret,
		      struct error *err)
{
	switch (spec->index_mode) {
	case INDEX_NUMBER:
		*ret = spec->index;
		return 0;
	case INDEX_LAUNCH:
		if (facts->launch_index < 0)
			return error_set(
				err, -EINVAL,
				"the metadata has no ami-launch-index; set index to a number");
		*ret = (unsigned)facts->launch_index;
		return 0;
	case INDEX_SUBNET:
		return host_part(facts, ret, err);
	}
	return error_set(err, -EINVAL, "index has no mode");
}

/* With one target the mount point is the target's own; with several it is the directory they share.
 */
static void set_mount_point(const struct spec *spec, bool only_one, struct plan_target *target)
{
	bool given = spec->mount_point[0] != '\0' && !(spec->roles & ROLE_CLIENT);

	_Static_assert(sizeof(target->mount_point) >
			       sizeof(spec->mount_point) + sizeof(target->name),
		       "no mount point is cut");
	if (given && only_one)
		text_set(target->mount_point, sizeof(target->mount_point), "%s", spec->mount_point);
	else
		text_set(target->mount_point, sizeof(target->mount_point), "%s/%s",
			 given ? spec->mount_point : MOUNT_BASE_TARGETS, target->name);
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
	    mount_words_add(&target->mount_options, &spec->mount_options, MOUNT_WORD_CLIENT) < 0)
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

/* Where the node's own part of an index comes from. */
static void describe_node_index(const struct spec *spec, const struct facts *facts, unsigned node,
				char *text, size_t size)
{
	switch (spec->index_mode) {
	case INDEX_NUMBER:
		snprintf(text, size, "index %u", node);
		break;
	case INDEX_LAUNCH:
		snprintf(text, size, "launch index %u", node);
		break;
	case INDEX_SUBNET:
		snprintf(text, size, "host part %u of %s in %s", node, facts->local_ipv4,
			 facts->subnet_cidr);
		break;
	}
}

/* Names the key that made it too high. */
static const char *fix_of_high_index(const struct spec *spec, unsigned long long without_base)
{
	if (without_base <= OST_INDEX_MAX)
		return "lower index-base; it must leave room for every node of this subnet or "
		       "launch";
	if (spec->osts_per_disk && spec->index_mode == INDEX_SUBNET)
		return "set osts: 1, or index to a number (0, 1, 2 and so on over the fleet), or "
		       "use a smaller subnet";
	if (spec->osts_per_disk)
		return "set osts: 1, or a lower index";
	return spec->index_mode == INDEX_SUBNET ? "set index to a number, or use a smaller subnet"
						: "set a lower index";
}

/* `most` is the highest index of the node's OSTs. */
static int refuse_high_index(const struct spec *spec, const struct facts *facts, unsigned node,
			     unsigned long long most, struct error *err)
{
	char where[96], per_disk[64] = "";

	describe_node_index(spec, facts, node, where, sizeof(where));
	if (spec->osts_per_disk)
		snprintf(per_disk, sizeof(per_disk), ", expect-disks %u for each",
			 spec->expect_disks);
	return error_set(err, -EINVAL,
			 "OST index %llu (%s%s, index-base %u) is above %d, the highest that "
			 "Lustre has; %s",
			 most, where, per_disk, spec->index_base, OST_INDEX_MAX,
			 fix_of_high_index(spec, most - spec->index_base));
}

static int add_osts(const struct spec *spec, const struct facts *facts, size_t osts, bool only_one,
		    struct plan *plan, struct error *err)
{
	unsigned long long first, last;
	unsigned node = 0;
	int r = layout_node_index(spec, facts, &node, err);

	if (r < 0)
		return r;
	first = (unsigned long long)node * osts + spec->index_base;
	last = first + osts - 1;
	if (last > OST_INDEX_MAX)
		return refuse_high_index(spec, facts, node, last, err);
	for (size_t rank = 0; rank < osts; rank++)
		if (!add_target(spec, TARGET_OST, (unsigned)(first + rank), only_one, plan))
			return error_set(err, -ENOMEM, "out of memory");
	return 0;
}

/* Where there is no OST, spec_check() has made `index`, a number, the MDT's (design 1.1). */
static int add_mdt(const struct spec *spec, bool only_one, struct plan *plan)
{
	const struct plan_target *target =
		add_target(spec, TARGET_MDT, spec->mdt_index, only_one, plan);
	enum source by = spec->origins[KEY_INDEX].source;

	if (!target)
		return -ENOMEM;
	/* A file of all nodes may say it for their OSTs; who says it of this node means this MDT.
	 */
	if (spec->roles & ROLE_OSS || spec->index_mode == INDEX_NUMBER ||
	    (by != SOURCE_TAG && by != SOURCE_USER_DATA))
		return 0;
	return words_addf(&plan->notes,
			  "index: %s counts OSTs, and this MDT is %s by mdt-index, on every MDS "
			  "that has none of its own: give each further MDS its mdt-index",
			  spec->index_mode == INDEX_LAUNCH ? "launch" : "subnet", target->name);
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
	if (spec->roles & ROLE_MDS && add_mdt(spec, only_one, plan) < 0)
		return error_set(err, -ENOMEM, "out of memory");
	for (size_t i = 0; i < plan->target_count; i++)
		set_size(spec, &plan->targets[i]);
	return osts > 0 ? add_osts(spec, facts, osts, only_one, plan, err) : 0;
}
