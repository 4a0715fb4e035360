/* SPDX-License-Identifier: Apache-2.0 */
#include "model/spec/keys.h"

#include "base/quote.h"
#include "model/spec/nearest.h"
#include "model/spec/value_types.h"

#include <stdio.h>
#include <string.h>

#define KIB (UINT64_C(1) << 10)
#define MIB (UINT64_C(1) << 20)

/* mkfs.lustre refuses 32 MiB and less; twice that still holds a journal. */
#define TARGET_LEAST (64 * MIB)

/* What ext4 can be: 2^48 blocks of 4 KiB. */
#define TARGET_MOST (UINT64_C(1) << 60)

static const struct spec_key_row rows[KEY_MAX] = {
	[KEY_ROLE] = {
		.name = "role",
		.type = &value_roles,
		.fallback_is = "none: the node is left alone",
		.summary = "What the node is: one or more of mgs, mds, oss and client, joined by + "
			   "or as a list.",
		.details = "Without a role, and without any other key in the user-data or the "
			   "tags, the instance is not one of ours and nothing is touched.",
		.example = "mgs+mds",
	},
	[KEY_FSNAME] = {
		.name = "fsname",
		.type = &value_fsname,
		.fallback_is = "none; required, except for a lone mgs",
		.summary = "The name of the file system: 1 to 8 of A-Z a-z 0-9 _ and -, not "
			   "beginning with -.",
		.details = "Lustre takes a mistyped name for a new file system, for ever.",
		.example = "lustrewt",
	},
	[KEY_MGS] = {
		.name = "mgs",
		.type = &value_mgs,
		.fallback_is = "none; required, except on the MGS itself",
		.summary = "The MGS: an IPv4 address, a host name that has one, or a NID on a tcp "
			   "net; a list for failover partners.",
		.details = "A NID is an address or name, @ and the net, such as 10.0.0.10@tcp; "
			   "without a net, the first of lnet is meant. In text, commas or blanks "
			   "separate the partners. Any of them may answer. A host name is looked up "
			   "anew as long as the MGS is waited for; mkfs.lustre then writes the "
			   "address down, so with a name the format waits for the MGS, and with an "
			   "address it does not. One document can serve all nodes: on the MGS the "
			   "key must name this node, or one of the partners must, by a NID that it "
			   "has; on any other node it must not name that node alone. A name that "
			   "is a loopback or link-local address on the node, as by a line of "
			   "/etc/hosts, is refused on each of them. The MGS formats nothing while a "
			   "name does not resolve there. A target goes on asking the MGS that it was "
			   "formatted with: where that has another address now, this key alone does "
			   "not tell the target of it, and its mount and lustre-init status say so "
			   "(Lustre manual, \"Changing a Server NID\").",
		.example = "10.0.0.10",
	},
	[KEY_INDEX] = {
		.name = "index",
		.type = &value_index,
		.most = OST_INDEX_MAX,
		.fallback = "subnet",
		.fallback_is = "subnet for OSTs, mdt-index for an MDT",
		.summary = "The index of the node's OST: a number, or subnet (the host part of "
			   "its primary address), or launch (its number in its launch).",
		.details = "On a node with an MDT and no OST a number is the index of the MDT. Each "
			   "index, index-base added, is 65503 at most.",
		.example = "subnet",
	},
	[KEY_MDT_INDEX] = {
		.name = "mdt-index",
		.type = &value_number,
		.offset = offsetof(struct spec, mdt_index),
		.most = OST_INDEX_MAX,
		.fallback = "0",
		.summary = "The index of the MDT, where a node is both MDS and OSS.",
		.example = "0",
	},
	[KEY_INDEX_BASE] = {
		.name = "index-base",
		.type = &value_number,
		.offset = offsetof(struct spec, index_base),
		.most = OST_INDEX_MAX,
		.fallback = "0",
		.summary = "Added to the index of OSTs, so that each subnet of one file system "
			   "has a range of its own.",
		.example = "4096",
	},
	[KEY_OSTS] = {
		.name = "osts",
		.type = &value_osts,
		.fallback = "1",
		.summary = "1: one OST, striped over all disks; per-disk: an OST on each disk.",
		.details = "With per-disk, expect-disks is required: it is the distance between "
			   "the indexes of one node and the next, the same in the whole fleet.",
		.example = "per-disk",
	},
	[KEY_DISKS] = {
		.name = "disks",
		.type = &value_disks,
		.fallback = "instance-store",
		.summary = "The disks to use: instance-store, ebs:NAME (the device name given at "
			   "attachment), or a path under /dev/disk/.",
		.details = "A path is best one of by-id/ or by-path/, as lustre-init facts shows them: "
			   "by-uuid/, by-label/ and their like name a file system or a partition, "
			   "which a disk that a target is made of has none of, and are refused.",
		.example = "ebs:sdf",
	},
	[KEY_EXPECT_DISKS] = {
		.name = "expect-disks",
		.type = &value_number,
		.offset = offsetof(struct spec, expect_disks),
		.least = 1,
		.most = DISKS_MOST,
		.fallback_is = "the number of NVMe disks that the instance type has, at least; what "
			       "is found, where the type is not known or disks names others",
		.summary = "How many disks must be there before anything is done.",
		.details = "They are waited for (device-timeout); with fewer, or with more, nothing "
			   "is made of them. A target that is there already is served from what it was made "
			   "of.",
		.example = "2",
	},
	[KEY_STRIPE_SIZE] = {
		.name = "stripe-size",
		.type = &value_stripe,
		.offset = offsetof(struct spec, stripe_size),
		.least = 4 * KIB,
		.most = 4 * MIB,
		.fallback = "256KiB",
		.summary = "How much lies on one disk before the next one is used, a power of two "
			   "from 4KiB to 4MiB.",
		.example = "1MiB",
	},
	[KEY_MGT_SIZE] = {
		.name = "mgt-size",
		.type = &value_share,
		.offset = offsetof(struct spec, mgt_size),
		.least = TARGET_LEAST,
		.most = TARGET_MOST,
		.fallback = "1GiB",
		.summary = "The size of the MGT where it shares disks with other targets, 64MiB at "
			   "least.",
		.example = "2GiB",
	},
	[KEY_MDT_SIZE] = {
		.name = "mdt-size",
		.type = &value_share,
		.offset = offsetof(struct spec, mdt_size),
		.least = TARGET_LEAST,
		.most = TARGET_MOST,
		.fallback = "10%",
		.summary = "The size of the MDT where it shares disks with an OST, 64MiB at least.",
		.example = "20%",
	},
	[KEY_MOUNT_POINT] = {
		.name = "mount-point",
		.type = &value_mount_point,
		.fallback_is = "/srv/lustre/TARGET, and /mnt/FSNAME for a client",
		.summary = "Where the target, or the client's file system, is mounted.",
		.details = "Only for a node that mounts one thing.",
		.example = "/scratch",
	},
	[KEY_FILESET] = {
		.name = "fileset",
		.type = &value_fileset,
		.offset = offsetof(struct spec, fileset),
		.fallback_is = "none: all of the file system",
		.summary = "The directory of the file system that a client mounts in place of all "
			   "of it, from its root: Lustre's fileset.",
		.details = "It must be there, or the mount waits for it. The default of mount-point "
			   "stays /mnt/FSNAME. Targets have none.",
		.example = "/projects/genomics",
	},
	[KEY_MKFS_OPTIONS] = {
		.name = "mkfs-options",
		.type = &value_mkfs_options,
		.fallback_is = "none",
		.summary = "Further options of mkfs.lustre.",
		.details = "Words as on a command line, in text or as a list: --mkfsoptions=, "
			   "--mountfsoptions=, --param=, --stripe-count-hint=, --network=, "
			   "--servicenode=, --failnode= or --comment=. Quotation marks keep blanks "
			   "together. What comes from other keys, or decides over data, is refused, and "
			   "so are a --servicenode that does not name this node and a --network that "
			   "it does not have.",
		.example = "--mkfsoptions=\"-i 1048576\"",
	},
	[KEY_MOUNT_OPTIONS] = {
		.name = "mount-options",
		.type = &value_mount_options,
		.offset = offsetof(struct spec, mount_options),
		.fallback_is = "none",
		.summary = "Further options of mount, for all that the node mounts.",
		.details = "An option that only a client can have, such as flock, goes to the client "
			   "alone, and one that only a target can have, such as abort_recov, to the "
			   "targets alone. Options that belong to fstab or would stop a target from "
			   "serving are refused, and so is ro on a server.",
		.example = "flock,noatime",
	},
	[KEY_CLIENT_MOUNT_OPTIONS] = {
		.name = "client-mount-options",
		.type = &value_client_mount_options,
		.offset = offsetof(struct spec, client_mount_options),
		.fallback_is = "none",
		.summary = "Further options of mount for the client alone, behind those of "
			   "mount-options.",
		.details = "With it the client of a server is mounted with other options than the "
			   "targets, such as ro. What only a target can have is refused.",
		.example = "ro,nosuid",
	},
	[KEY_LNET] = {
		.name = "lnet",
		.type = &value_lnet,
		.fallback = "tcp(primary)",
		.summary = "The nets of LNET, each as NET(INTERFACE): tcp on an Ethernet interface, "
			   "where primary is the one with device number 0; and beside it efa on an "
			   "RDMA device.",
		.details = "Of several addresses of the primary interface, the instance's own "
			   "(local-ipv4 of the metadata) is the one that counts, in whatever order "
			   "they came; likewise of another interface, and where the metadata does not "
			   "know that one, the first that is not link-local. "
			   "An instance without an IPv4 address of its own, as in a subnet of IPv6 "
			   "only, needs an interface here that has one. tcp0 is tcp. efa(all) is each "
			   "EFA device of the instance, efa(rdmap36s0) the one of that name in "
			   "/sys/class/infiniband, and efa(auto) those that the guide of Amazon FSx "
			   "for Lustre takes: every fourth of a p5 or p5e, else the first and the "
			   "last. efa needs tcp beside it, over which nodes find each other, and "
			   "Lustre 2.17 with its module kefalnd. The NID of an efa net has the last "
			   "two numbers of the primary interface's address, and the PCI bus and "
			   "function of the device: keep a file system with efa inside one /16, or "
			   "two of its nodes may be one to LNET. o2ib and kfi are nets of other "
			   "fabrics, and refused. Options of LNET's module, networks= and ip2nets= "
			   "in modprobe.d(5), are not followed: where they come to other nets, a node "
			   "that is yet to register is refused until this key says what is meant. A "
			   "target goes on being called at the NIDs that it registered with: other "
			   "nets later need lctl replace_nids on the MGS, as another address does.",
		.example = "tcp(primary)",
	},
	[KEY_CONNS_PER_PEER] = {
		.name = "conns-per-peer",
		.type = &value_conns,
		.offset = offsetof(struct spec, conns_per_peer),
		.least = 1,
		.most = CONNS_MAX,
		.fallback = "auto",
		.summary = "How many bulk connections a tcp net opens to each peer, 1 to 127; auto "
			   "chooses by the interface.",
		.details = "EC2 caps each flow (5 Gbit/s, 10 in a cluster placement group), whatever "
			   "the instances can do together. With auto, an interface that gives a speed "
			   "gets Lustre's own choice, and one that gives none, as EC2's ENA, gets 8, "
			   "where Lustre would open one. The smaller of both ends holds: let servers "
			   "and clients have the same. With auto, a number that ksocklnd is given "
			   "already (options ksocklnd conns_per_peer= in modprobe.d(5), or on the "
			   "kernel's command line) stays; and a net that LNET has already, as from "
			   "/etc/lnet.conf by lnet.service, is never changed. Needs Lustre 2.15.",
		.example = "16",
	},
	[KEY_TUNING] = {
		.name = "tuning",
		.type = &value_tuning,
		.fallback = "aws",
		.summary = "Settings for large instances: aws, as the guide of Amazon FSx for Lustre "
			   "has them; or none.",
		.details = "With more than 64 CPUs ksocklnd is loaded with credits=2560 and ptlrpc "
			   "with ptlrpcd_per_cpt_max=32, and a client's max_rpcs_in_flight is 32 for "
			   "OSTs and 64 for MDTs, its max_mod_rpcs_in_flight 50; with more than 64 GiB "
			   "of memory its lru_max_age is 600000 and its lru_size 100 for each CPU. A "
			   "module's option that is set in modprobe.d(5) or on the kernel's command "
			   "line stays as it is, and a module that is loaded already stays so. "
			   "lustre-init plan shows each.",
		.example = "none",
	},
	[KEY_ON_DATA_LOSS] = {
		.name = "on-data-loss",
		.type = &value_data_loss,
		.fallback = "halt",
		.summary = "What happens when the disks of a target come back empty: halt, or "
			   "recreate it, empty, under its old index.",
		.details = "Instance-store disks are empty after a stop and start. With recreate, "
			   "files that had objects there read as empty, without an error. An MDT is "
			   "never made anew: a new MDT over surviving OSTs is no file system. Another "
			   "index in place of one that was served on instance store, and is gone, "
			   "takes the same consent; disks that are named are meant.",
		.example = "recreate",
	},
	[KEY_REPLACE] = {
		.name = "replace",
		.type = &value_bool,
		.offset = offsetof(struct spec, replace),
		.fallback = "false",
		.summary = "Consent to take over an index, or a volume, that another instance "
			   "held, or a copy of one of this instance's volumes.",
		.example = "true",
	},
	[KEY_ACCEPT_PREFORMATTED] = {
		.name = "accept-preformatted",
		.type = &value_bool,
		.offset = offsetof(struct spec, accept_preformatted),
		.fallback = "false",
		.summary = "Consent to overwrite the empty ext3 that EC2 puts on some Xen disks.",
		.example = "true",
	},
	[KEY_MGS_TIMEOUT] = {
		.name = "mgs-timeout",
		.type = &value_seconds,
		.offset = offsetof(struct spec, mgs_timeout),
		.least = 1,
		.most = 24 * 3600,
		.fallback = "10min",
		.summary = "How long one attempt waits for the MGS.",
		.details = "A target that the MGS knows from earlier waits two minutes at most, and "
			   "is then mounted without it, from its own copy of the configuration: "
			   "clients that are at work get their files back though the MGS is down.",
		.example = "1h",
	},
	[KEY_DEVICE_TIMEOUT] = {
		.name = "device-timeout",
		.type = &value_seconds,
		.offset = offsetof(struct spec, device_timeout),
		.least = 1,
		.most = 24 * 3600,
		.fallback = "3min",
		.summary = "How long disks, interfaces and addresses that are asked for and not there "
			   "are waited for.",
		.details = "An EBS volume may be attached, and a second interface, when the node runs "
			   "already. What is missing then is a refusal, and a disk or interface that "
			   "comes even later starts lustre-init.service again. What is there and "
			   "wrong is refused at once, and a target that is served already waits for "
			   "no further disks.",
		.example = "10min",
	},
};

const struct spec_key_row *spec_key_row(enum spec_key key)
{
	return &rows[key];
}

const char *spec_key_name(enum spec_key key)
{
	return rows[key].name;
}

enum spec_key spec_key_find(const char *name)
{
	enum spec_key key = 0;

	while (key < KEY_MAX && strcmp(rows[key].name, name) != 0)
		key++;
	return key;
}

/* What people write for a key from other tools' habits, and no edit distance finds. */
static const struct {
	const char *written;
	enum spec_key key;
} habits[] = {
	{ "filesystem", KEY_FSNAME },
	{ "file-system", KEY_FSNAME },
	{ "fs", KEY_FSNAME },
	{ "name", KEY_FSNAME },
	{ "mgsnid", KEY_MGS },
	{ "mgs-ip", KEY_MGS },
	{ "type", KEY_ROLE },
	{ "networks", KEY_LNET },
	{ "network", KEY_LNET },
	{ "interface", KEY_LNET },
	{ "devices", KEY_DISKS },
	{ "device", KEY_DISKS },
	{ "mkfsoptions", KEY_MKFS_OPTIONS },
	{ "mkfs-opts", KEY_MKFS_OPTIONS },
	{ "options", KEY_MOUNT_OPTIONS },
	{ "client-options", KEY_CLIENT_MOUNT_OPTIONS },
	{ "subdirectory", KEY_FILESET },
	{ "subdir", KEY_FILESET },
	{ "mountpoint", KEY_MOUNT_POINT },
	{ "mount", KEY_MOUNT_POINT },
	{ "ost-index", KEY_INDEX },
	{ "ost_index", KEY_INDEX },
	{ "path", KEY_MOUNT_POINT },
	{ "disk-count", KEY_EXPECT_DISKS },
	{ "timeout", KEY_MGS_TIMEOUT },
	{ "conns_per_peer", KEY_CONNS_PER_PEER },
	{ "connections", KEY_CONNS_PER_PEER },
	{ "disk-timeout", KEY_DEVICE_TIMEOUT },
};

const char *spec_key_nearest(const char *written)
{
	const char *names[KEY_MAX];

	for (size_t i = 0; i < sizeof(habits) / sizeof(habits[0]); i++)
		if (strcasecmp(written, habits[i].written) == 0)
			return rows[habits[i].key].name;
	for (enum spec_key key = 0; key < KEY_MAX; key++)
		names[key] = rows[key].name;
	return nearest_name(written, names, KEY_MAX);
}

enum spec_key spec_key_unknown(const char *written, const char *prefix, char *text, size_t size)
{
	const char *nearest = spec_key_nearest(written);
	char whole[160];
	int used;

	snprintf(whole, sizeof(whole), "%s%s", prefix, written);
	if (nearest) {
		snprintf(text, size, "%s is not a key; did you mean %s%s?", quote(whole).text,
			 prefix, nearest);
		return spec_key_find(nearest);
	}
	used = snprintf(text, size, "%s is not a key; known are", quote(whole).text);
	for (enum spec_key key = 0; key < KEY_MAX && used > 0 && (size_t)used < size; key++)
		used += snprintf(text + used, size - (size_t)used, "%s %s", key ? "," : "",
				 rows[key].name);
	return KEY_MAX;
}
