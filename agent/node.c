/* SPDX-License-Identifier: Apache-2.0 */
#include "node.h"

#include "base/cleanup.h"
#include "base/text.h"
#include "node_files.h"
#include "node_wait.h"
#include "observe/mount_points.h"
#include "observe/network/addresses.h"
#include "observe/network/hosts.h"
#include "observe/network/lnet_state.h"
#include "observe/network/network.h"
#include "observe/network/rdma.h"
#include "observe/platform.h"
#include "observe/storage/storage.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

void node_done(struct node *node)
{
	metadata_done(&node->metadata);
	spec_done(&node->spec);
	facts_done(&node->facts);
}

static int take_metadata(const struct metadata *metadata, struct facts *facts, struct error *err)
{
	memcpy(facts->instance_id, metadata->instance_id, sizeof(facts->instance_id));
	memcpy(facts->instance_type, metadata->instance_type, sizeof(facts->instance_type));
	memcpy(facts->local_ipv4, metadata->local_ipv4, sizeof(facts->local_ipv4));
	memcpy(facts->subnet_cidr, metadata->subnet_cidr, sizeof(facts->subnet_cidr));
	memcpy(facts->mac, metadata->mac, sizeof(facts->mac));
	facts->launch_index = metadata->launch_index;
	if (words_copy(&facts->assigned, &metadata->interfaces) < 0)
		return error_set(err, -ENOMEM, "out of memory");
	return 0;
}

static int draw_random(struct facts *facts, struct error *err)
{
	unsigned char bytes[32];

	if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
		return error_set(err, -EIO, "the kernel gives no random bytes");
	for (size_t i = 0; i < sizeof(bytes); i++)
		text_set(facts->random + 2 * i, 3, "%02x", bytes[i]);
	return 0;
}

static int replay_facts(const char *machine, struct facts *facts, struct error *err)
{
	cleanup(json_decrefp) json_t *json = NULL;
	int r = node_files_json(machine, "facts.json", &json, err);

	if (r == 0 && facts_from_json(json, facts, err) < 0)
		return error_prefix(err, "%s/facts.json", machine);
	return r;
}

int node_glance(char **ret, struct error *err)
{
	cleanup(json_decrefp) json_t *json = NULL;
	struct facts facts = { 0 };
	int r = storage_glance("", &facts, err);

	if (r == 0)
		r = network_interfaces("", &facts, err);
	if (r == 0)
		r = rdma_observe("", &facts, err);
	if (r == 0)
		r = addresses_find(&facts, err);
	if (r == 0) {
		json = facts_to_json(&facts);
		*ret = json ? json_dumps(json, JSON_COMPACT) : NULL;
		r = *ret ? 0 : error_set(err, -ENOMEM, "out of memory");
	}
	facts_done(&facts);
	return r;
}

/* Only a server's targets are remembered. A node of which nothing is known yet is not asked about.
 */
void node_foresee(const struct node_options *options, const struct node *node)
{
	const bool remembered = node->state.target_count > 0;
	const unsigned roles =
		node->spec.roles | (remembered ? ROLE_MGS | ROLE_MDS | ROLE_OSS : 0U);

	if (!options->inquiries || roles == 0)
		return;
	/* Once: what a look has met is in memory. */
	if (node->facts.platform.kernel[0] == '\0')
		platform_read_ahead("", roles);
	lnet_state_foresee(options->inquiries);
	if (remembered)
		storage_foresee("", &node->state, options->inquiries);
	platform_foresee("", options->inquiries, roles);
	hosts_foresee(&node->spec.mgs, options->inquiries);
}

/* One look, and what its steps share. */
struct look {
	const struct node_options *options;
	const struct storage_options *storage;
	struct node *node;
};

static int wait_for_disks(const struct look *look, struct error *err)
{
	if (!(look->node->spec.roles & (ROLE_MGS | ROLE_MDS | ROLE_OSS)))
		return 0;
	return node_wait_for_disks(look->options, look->storage, look->node, err);
}

static int look_at_storage(const struct look *look, struct error *err)
{
	return storage_observe(look->storage, &look->node->facts, err);
}

static int wait_for_network(const struct look *look, struct error *err)
{
	return node_wait_for_network(look->options, look->node, err);
}

static int look_at_network(const struct look *look, struct error *err)
{
	return network_observe("", look->options->inquiries, &look->node->facts, err);
}

static int wait_for_hosts(const struct look *look, struct error *err)
{
	return node_wait_for_hosts(look->options, look->node, err);
}

static int look_at_platform(const struct look *look, struct error *err)
{
	struct node *node = look->node;
	int r = platform_observe("", node->spec.roles, look->options->inquiries,
				 look->options->marks, &node->facts, err);

	return r == 0 && spec_has_efa(&node->spec) ? platform_observe_efa(&node->facts, err) : r;
}

static int look_at_mount_points(const struct look *look, struct error *err)
{
	return mount_points_observe("", &look->node->spec, &look->node->facts, err);
}

/* In this order; each has its mark, but for those that mark what they are made of. */
static const struct {
	const char *what;
	int (*take)(const struct look *look, struct error *err);
} looks[] = {
	{ "disks that were on their way", wait_for_disks },
	{ NULL, look_at_storage },
	{ "addresses that were on their way", wait_for_network },
	{ "interfaces, and how far LNET is", look_at_network },
	{ "names of the MGS", wait_for_hosts },
	{ NULL, look_at_platform },
	{ "mount points", look_at_mount_points },
};

int node_observe(const struct node_options *options, struct node *node, struct error *err)
{
	const struct storage_options storage = {
		.root = "",
		.ephemerals = &node->metadata.ephemerals,
		.other_devices = &node->metadata.other_devices,
		.instance_type = node->metadata.instance_type,
		.disks = node->spec.disks,
		.disks_name = node->spec.disks_name,
		.probe = geteuid() == 0,
		.nvme_vendor = options->nvme_vendor,
		.inquiries = options->inquiries,
		.marks = options->marks,
	};
	const struct look look = { options, &storage, node };
	int r;

	facts_done(&node->facts);
	node->facts = (struct facts){ 0 };
	if (options->machine)
		return replay_facts(options->machine, &node->facts, err);
	r = take_metadata(&node->metadata, &node->facts, err);
	for (size_t i = 0; r == 0 && i < sizeof(looks) / sizeof(looks[0]); i++) {
		struct mark *mark =
			looks[i].what ? mark_begin(options->marks, "%s", looks[i].what) : NULL;

		r = looks[i].take(&look, err);
		mark_end(mark);
	}
	return r == 0 ? draw_random(&node->facts, err) : r;
}
