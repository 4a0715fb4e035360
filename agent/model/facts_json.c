/* SPDX-License-Identifier: Apache-2.0 */

/* The facts as JSON: the keys here are the manual of every fixture in tests/machines. */

#include "base/cleanup.h"
#include "model/facts.h"
#include "model/fields.h"
#include "model/spec/nid.h"

/* A kernel has fewer of each; a byte count beyond 64 PiB is none. */
#define ROWS_MAX    4096
#define VOLUMES_MAX 1024
#define MOUNTS_MAX  100000
#define BYTES_MAX   (1ULL << 56)
#define COUNT_MAX   65535
#define SPEED_MAX   100000000 /* Mbit/s */

static const char *const disk_kinds[] = {
	[DISK_OTHER] = "other",
	[DISK_INSTANCE_STORE] = "instance-store",
	[DISK_EBS] = "ebs",
	[DISK_KIND_MAX] = NULL,
};

static const char *const blanknesses[] = {
	[BLANK_UNKNOWN] = "unknown",
	[BLANK_YES] = "yes",
	[BLANK_NO] = "no",
	NULL,
};

static const char *const lnet_states[] = {
	[LNET_UNKNOWN] = "unknown", [LNET_NO_MODULE] = "no-module", [LNET_DOWN] = "down",
	[LNET_UP] = "up",           [LNET_STATE_MAX] = NULL,
};

static const struct field signature_fields[] = {
	{ "type", FIELD_TEXT, FIELD_AT(struct signature, type) },
	{ "label", FIELD_TEXT, FIELD_AT(struct signature, label) },
	{ "uuid", FIELD_TEXT, FIELD_AT(struct signature, uuid) },
	{ 0 },
};

static const struct field disk_fields[] = {
	{ "name", FIELD_TEXT, FIELD_AT(struct disk, name) },
	{ "path", FIELD_TEXT, FIELD_AT(struct disk, path) },
	{ "number", FIELD_TEXT, FIELD_AT(struct disk, number) },
	{ "size", FIELD_NUMBER, FIELD_AT(struct disk, size), .most = BYTES_MAX },
	{ "logical-sector", FIELD_NUMBER, FIELD_AT(struct disk, logical_sector),
	  .most = COUNT_MAX },
	{ "rotational", FIELD_BOOL, FIELD_AT(struct disk, rotational) },
	{ "read-only", FIELD_BOOL, FIELD_AT(struct disk, read_only) },
	{ "kind", FIELD_NAME, FIELD_AT(struct disk, kind), .names = disk_kinds },
	{ "kind-proof", FIELD_TEXT, FIELD_AT(struct disk, kind_proof) },
	{ "model", FIELD_TEXT, FIELD_AT(struct disk, model) },
	{ "serial", FIELD_TEXT, FIELD_AT(struct disk, serial) },
	{ "attached-as", FIELD_TEXT, FIELD_AT(struct disk, attached_as) },
	{ "pci-address", FIELD_TEXT, FIELD_AT(struct disk, pci_address) },
	{ "links", FIELD_WORDS, FIELD_AT(struct disk, links) },
	{ "blank", FIELD_NAME, FIELD_AT(struct disk, blank), .names = blanknesses },
	{ "not-blank-because", FIELD_TEXT, FIELD_AT(struct disk, not_blank_because) },
	{ "signatures", FIELD_ARRAY, FIELD_AT(struct disk, signatures), .fields = signature_fields,
	  .item_size = sizeof(struct signature), .count = offsetof(struct disk, signature_count),
	  .capacity = SIGNATURES_MAX },
	{ "empty-ext3", FIELD_BOOL, FIELD_AT(struct disk, empty_ext3) },
	{ "beheaded-ext", FIELD_BOOL, FIELD_AT(struct disk, beheaded_ext) },
	{ "only-lvm-head", FIELD_BOOL, FIELD_AT(struct disk, only_lvm_head) },
	{ "lvm-text-torn", FIELD_BOOL, FIELD_AT(struct disk, lvm_text_torn) },
	{ "holders", FIELD_WORDS, FIELD_AT(struct disk, holders) },
	{ "partitions", FIELD_WORDS, FIELD_AT(struct disk, partitions) },
	{ "mounts", FIELD_WORDS, FIELD_AT(struct disk, mounts) },
	{ "swap", FIELD_BOOL, FIELD_AT(struct disk, swap) },
	{ "busy", FIELD_BOOL, FIELD_AT(struct disk, busy) },
	{ "pv-uuid", FIELD_TEXT, FIELD_AT(struct disk, pv_uuid) },
	{ "vg-uuid", FIELD_TEXT, FIELD_AT(struct disk, vg_uuid) },
	{ 0 },
};

static const struct field content_fields[] = {
	{ "known", FIELD_BOOL, FIELD_AT(struct content, known) },
	{ "unknown-because", FIELD_TEXT, FIELD_AT(struct content, unknown_because) },
	{ "type", FIELD_TEXT, FIELD_AT(struct content, type) },
	{ "label", FIELD_TEXT, FIELD_AT(struct content, label) },
	{ "uuid", FIELD_TEXT, FIELD_AT(struct content, uuid) },
	{ "other-type", FIELD_TEXT, FIELD_AT(struct content, other_type) },
	{ "not-blank-because", FIELD_TEXT, FIELD_AT(struct content, not_blank_because) },
	{ "needs-recovery", FIELD_BOOL, FIELD_AT(struct content, needs_recovery) },
	{ "lustre", FIELD_BOOL, FIELD_AT(struct content, lustre) },
	{ "lustre-target", FIELD_TEXT, FIELD_AT(struct content, lustre_target) },
	{ "stranger", FIELD_TEXT, FIELD_AT(struct content, stranger) },
	{ "served", FIELD_BOOL, FIELD_AT(struct content, served) },
	{ 0 },
};

static const struct field volume_fields[] = {
	{ "name", FIELD_TEXT, FIELD_AT(struct volume, name) },
	{ "uuid", FIELD_TEXT, FIELD_AT(struct volume, uuid) },
	{ "path", FIELD_TEXT, FIELD_AT(struct volume, path) },
	{ "device", FIELD_TEXT, FIELD_AT(struct volume, device) },
	{ "size", FIELD_NUMBER, FIELD_AT(struct volume, size), .most = BYTES_MAX },
	{ "active", FIELD_BOOL, FIELD_AT(struct volume, active) },
	{ "tags", FIELD_WORDS, FIELD_AT(struct volume, tags) },
	{ "content", FIELD_OBJECT, FIELD_AT(struct volume, content), .fields = content_fields },
	{ 0 },
};

static const struct field group_fields[] = {
	{ "name", FIELD_TEXT, FIELD_AT(struct volume_group, name) },
	{ "uuid", FIELD_TEXT, FIELD_AT(struct volume_group, uuid) },
	{ "pv-count", FIELD_NUMBER, FIELD_AT(struct volume_group, pv_count), .most = COUNT_MAX },
	{ "pv-missing", FIELD_NUMBER, FIELD_AT(struct volume_group, pv_missing),
	  .most = COUNT_MAX },
	{ "size", FIELD_NUMBER, FIELD_AT(struct volume_group, size), .most = BYTES_MAX },
	{ "free", FIELD_NUMBER, FIELD_AT(struct volume_group, free), .most = BYTES_MAX },
	{ "system-id", FIELD_TEXT, FIELD_AT(struct volume_group, system_id) },
	{ "exported", FIELD_BOOL, FIELD_AT(struct volume_group, exported) },
	{ "shared", FIELD_BOOL, FIELD_AT(struct volume_group, shared) },
	{ "clustered", FIELD_BOOL, FIELD_AT(struct volume_group, clustered) },
	{ "lock-type", FIELD_TEXT, FIELD_AT(struct volume_group, lock_type) },
	{ "tags", FIELD_WORDS, FIELD_AT(struct volume_group, tags) },
	{ "volumes", FIELD_LIST, FIELD_AT(struct volume_group, volumes), .fields = volume_fields,
	  .item_size = sizeof(struct volume), .count = offsetof(struct volume_group, volume_count),
	  .capacity = VOLUMES_MAX },
	{ 0 },
};

static const struct field interface_fields[] = {
	{ "name", FIELD_TEXT, FIELD_AT(struct interface, name) },
	{ "mac", FIELD_TEXT, FIELD_AT(struct interface, mac) },
	{ "up", FIELD_BOOL, FIELD_AT(struct interface, up) },
	{ "ipv4", FIELD_TEXT, FIELD_AT(struct interface, ipv4) },
	{ "prefix-length", FIELD_NUMBER, FIELD_AT(struct interface, prefix_length), .most = 32 },
	{ "tentative", FIELD_BOOL, FIELD_AT(struct interface, tentative) },
	{ "driver", FIELD_TEXT, FIELD_AT(struct interface, driver) },
	{ "speed", FIELD_NUMBER, FIELD_AT(struct interface, speed), .most = SPEED_MAX },
	{ "gives-no-speed", FIELD_BOOL, FIELD_AT(struct interface, gives_no_speed) },
	{ "addresses", FIELD_WORDS, FIELD_AT(struct interface, addresses) },
	{ "taken", FIELD_WORDS, FIELD_AT(struct interface, taken) },
	{ 0 },
};

static const struct field rdma_fields[] = {
	{ "name", FIELD_TEXT, FIELD_AT(struct rdma_device, name), .required = true },
	{ "driver", FIELD_TEXT, FIELD_AT(struct rdma_device, driver) },
	{ "driver-version", FIELD_TEXT, FIELD_AT(struct rdma_device, driver_version) },
	{ "pci-address", FIELD_TEXT, FIELD_AT(struct rdma_device, pci_address) },
	{ "numa-node", FIELD_INDEX, FIELD_AT(struct rdma_device, numa_node), .required = true },
	{ "port-state", FIELD_TEXT, FIELD_AT(struct rdma_device, port_state) },
	{ 0 },
};

static const struct field host_fields[] = {
	{ "name", FIELD_TEXT, FIELD_AT(struct host, name), .required = true },
	{ "addresses", FIELD_WORDS, FIELD_AT(struct host, addresses) },
	{ 0 },
};

static const struct field mount_fields[] = {
	{ "source", FIELD_STRING, FIELD_AT(struct mount_point, source), .required = true },
	{ "target", FIELD_STRING, FIELD_AT(struct mount_point, target), .required = true },
	{ "fstype", FIELD_TEXT, FIELD_AT(struct mount_point, fstype) },
	{ "device", FIELD_TEXT, FIELD_AT(struct mount_point, device) },
	{ "read-only", FIELD_BOOL, FIELD_AT(struct mount_point, read_only) },
	{ "untuned", FIELD_BOOL, FIELD_AT(struct mount_point, untuned) },
	{ 0 },
};

static const struct field link_fields[] = {
	{ "path", FIELD_TEXT, FIELD_AT(struct place_link, path), .required = true },
	{ "real", FIELD_TEXT, FIELD_AT(struct place_link, real) },
	{ "trouble", FIELD_TEXT, FIELD_AT(struct place_link, trouble) },
	{ 0 },
};

static const struct field module_option_fields[] = {
	{ "module", FIELD_TEXT, FIELD_AT(struct module_option, module) },
	{ "name", FIELD_TEXT, FIELD_AT(struct module_option, name) },
	{ "value", FIELD_TEXT, FIELD_AT(struct module_option, value) },
	{ "where", FIELD_TEXT, FIELD_AT(struct module_option, where), .required = true },
	{ "loaded", FIELD_BOOL, FIELD_AT(struct module_option, loaded) },
	{ 0 },
};

static const struct field platform_fields[] = {
	{ "kernel", FIELD_TEXT, FIELD_AT(struct platform, kernel) },
	{ "memory", FIELD_NUMBER, FIELD_AT(struct platform, memory), .most = BYTES_MAX },
	{ "cpus", FIELD_NUMBER, FIELD_AT(struct platform, cpus), .most = COUNT_MAX },
	{ "module-options", FIELD_LIST, FIELD_AT(struct platform, module_options),
	  .fields = module_option_fields, .item_size = sizeof(struct module_option),
	  .count = offsetof(struct platform, module_option_count), .capacity = ROWS_MAX },
	{ "missing-modules", FIELD_WORDS, FIELD_AT(struct platform, missing_modules) },
	{ "missing-tools", FIELD_WORDS, FIELD_AT(struct platform, missing_tools) },
	{ "missing-features", FIELD_WORDS, FIELD_AT(struct platform, missing_features) },
	{ "features-unknown-because", FIELD_TEXT,
	  FIELD_AT(struct platform, features_unknown_because) },
	{ 0 },
};

static const struct field facts_fields[] = {
	{ "instance-id", FIELD_TEXT, FIELD_AT(struct facts, instance_id) },
	{ "instance-type", FIELD_TEXT, FIELD_AT(struct facts, instance_type) },
	{ "local-ipv4", FIELD_TEXT, FIELD_AT(struct facts, local_ipv4) },
	{ "subnet", FIELD_TEXT, FIELD_AT(struct facts, subnet_cidr) },
	{ "mac", FIELD_TEXT, FIELD_AT(struct facts, mac) },
	{ "assigned", FIELD_WORDS, FIELD_AT(struct facts, assigned) },
	{ "launch-index", FIELD_INDEX, FIELD_AT(struct facts, launch_index) },
	{ "platform", FIELD_OBJECT, FIELD_AT(struct facts, platform), .fields = platform_fields },
	{ "disks", FIELD_LIST, FIELD_AT(struct facts, disks), .fields = disk_fields,
	  .item_size = sizeof(struct disk), .count = offsetof(struct facts, disk_count),
	  .capacity = ROWS_MAX },
	{ "volume-groups", FIELD_LIST, FIELD_AT(struct facts, groups), .fields = group_fields,
	  .item_size = sizeof(struct volume_group), .count = offsetof(struct facts, group_count),
	  .capacity = ROWS_MAX },
	{ "interfaces", FIELD_LIST, FIELD_AT(struct facts, interfaces), .fields = interface_fields,
	  .item_size = sizeof(struct interface), .count = offsetof(struct facts, interface_count),
	  .capacity = ROWS_MAX },
	{ "rdma", FIELD_LIST, FIELD_AT(struct facts, rdma), .fields = rdma_fields,
	  .item_size = sizeof(struct rdma_device), .count = offsetof(struct facts, rdma_count),
	  .capacity = ROWS_MAX },
	{ "hosts", FIELD_LIST, FIELD_AT(struct facts, hosts), .fields = host_fields,
	  .item_size = sizeof(struct host), .count = offsetof(struct facts, host_count),
	  .capacity = ROWS_MAX },
	{ "lnet", FIELD_NAME, FIELD_AT(struct facts, lnet), .names = lnet_states },
	{ "nids", FIELD_WORDS, FIELD_AT(struct facts, nids) },
	{ "lnet-adds-by-nid", FIELD_BOOL, FIELD_AT(struct facts, lnet_adds_by_nid) },
	{ "mounts", FIELD_LIST, FIELD_AT(struct facts, mounts), .fields = mount_fields,
	  .item_size = sizeof(struct mount_point), .count = offsetof(struct facts, mount_count),
	  .capacity = MOUNTS_MAX },
	{ "links", FIELD_LIST, FIELD_AT(struct facts, links), .fields = link_fields,
	  .item_size = sizeof(struct place_link), .count = offsetof(struct facts, link_count),
	  .capacity = ROWS_MAX },
	{ "mount-units", FIELD_WORDS, FIELD_AT(struct facts, mount_units) },
	{ "fstab", FIELD_WORDS, FIELD_AT(struct facts, fstab) },
	{ "random", FIELD_TEXT, FIELD_AT(struct facts, random) },
	{ 0 },
};

json_t *facts_to_json(const struct facts *facts)
{
	return fields_to_json(facts_fields, facts);
}

/* In the one form that they are compared in: a machine may have been recorded in another. */
static int normalise_nids(struct facts *facts, struct error *err)
{
	cleanup(words_done) struct words nids = { 0 };
	int r = 0;

	for (size_t i = 0; r >= 0 && i < facts->nids.count; i++)
		r = nids_read(facts->nids.items[i], &nids);
	if (r >= 0)
		r = words_copy(&facts->nids, &nids);
	return r < 0 ? error_set(err, r, "nids: cannot be taken") : 0;
}

int facts_from_json(const json_t *json, struct facts *ret, struct error *err)
{
	struct facts facts = { .launch_index = -1 };
	int r = fields_from_json(facts_fields, json, &facts, err);

	if (r >= 0)
		r = normalise_nids(&facts, err);
	if (r < 0) {
		facts_done(&facts);
		return r;
	}
	*ret = facts;
	return 0;
}

const char *disk_kind_name(enum disk_kind kind)
{
	return disk_kinds[kind];
}
