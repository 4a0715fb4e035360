/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What this node is asked to be. Made from settings by spec_merge(); every key of the contract is
 * one row of the table in keys.c, which also makes the man page and the JSON schema.
 */

#include "base/error.h"
#include "model/spec/setting.h"

#include <stdint.h>

enum role {
	ROLE_MGS = 1 << 0,
	ROLE_MDS = 1 << 1,
	ROLE_OSS = 1 << 2,
	ROLE_CLIENT = 1 << 3,
};

enum index_mode {
	INDEX_SUBNET,
	INDEX_LAUNCH,
	INDEX_NUMBER,
};

enum disk_choice {
	DISKS_INSTANCE_STORE,
	DISKS_EBS,  /* spec.disks_name is the name given at attachment */
	DISKS_PATH, /* spec.disks_name is a path under /dev/disk/ */
};

enum tuning {
	TUNING_AWS, /* what the guide of Amazon FSx for Lustre gives large clients */
	TUNING_NONE,
};

enum on_data_loss {
	ON_DATA_LOSS_HALT,
	ON_DATA_LOSS_RECREATE,
};

/* The keys of the contract, in the order in which they are documented. */
enum spec_key {
	KEY_ROLE,
	KEY_FSNAME,
	KEY_MGS,
	KEY_INDEX,
	KEY_MDT_INDEX,
	KEY_INDEX_BASE,
	KEY_OSTS,
	KEY_DISKS,
	KEY_EXPECT_DISKS,
	KEY_STRIPE_SIZE,
	KEY_MGT_SIZE,
	KEY_MDT_SIZE,
	KEY_MOUNT_POINT,
	KEY_FILESET,
	KEY_MKFS_OPTIONS,
	KEY_MOUNT_OPTIONS,
	KEY_CLIENT_MOUNT_OPTIONS,
	KEY_LNET,
	KEY_CONNS_PER_PEER,
	KEY_TUNING,
	KEY_ON_DATA_LOSS,
	KEY_REPLACE,
	KEY_ACCEPT_PREFORMATTED,
	KEY_MGS_TIMEOUT,
	KEY_DEVICE_TIMEOUT,
	KEY_MAX,
};

#define FSNAME_MAX    8
#define OST_INDEX_MAX 65503 /* mkfs.lustre: "must be less than 65504" */
#define CONNS_MAX     127   /* of ksocklnd, to one peer */

#define MOUNT_POINT_MAX 256

/* What is mounted without a mount-point of its own is mounted below these. */
#define MOUNT_BASE_TARGETS "/srv/lustre"
#define MOUNT_BASE_CLIENT  "/mnt"

/* A size, or a share of the group it is cut from. */
struct size_choice {
	uint64_t bytes;   /* 0 when a percentage is given */
	unsigned percent; /* 1 to 100, or 0 */
};

/*
 * One net of LNET on one interface; "primary" is resolved by decide/network/lnet_config. That of an
 * efa net is an RDMA device, or "all" or "auto", which decide/network/efa resolves.
 */
#define LNET_INTERFACE_MAX 64 /* of the kernel, IB_DEVICE_NAME_MAX; an Ethernet one has 15 */
struct lnet_net {
	char net[16];                       /* "tcp", "tcp1" */
	char interface[LNET_INTERFACE_MAX]; /* "primary" or a kernel name */
};
#define LNET_NETS_MAX 8

/* Of one node, as many as its targets are made of; the largest instance types have 24. */
#define DISKS_MOST 64

struct spec {
	unsigned roles; /* enum role, or-ed; 0: not a node of ours */
	char fsname[FSNAME_MAX + 1];
	struct words mgs; /* as written: addresses, names or NIDs */
	enum index_mode index_mode;
	unsigned index; /* with INDEX_NUMBER */
	unsigned mdt_index;
	unsigned index_base;
	bool osts_per_disk;
	enum disk_choice disks;
	char disks_name[256];
	unsigned expect_disks; /* 0: what is found */
	uint32_t stripe_size;  /* bytes */
	struct size_choice mgt_size, mdt_size;
	char mount_point[MOUNT_POINT_MAX]; /* "": the default of the target or the client */
	char fileset[256]; /* the directory that a client mounts; "": all of the file system */
	struct words mkfs_options;
	struct words mount_options;        /* each goes to what can have it: mount_words.h */
	struct words client_mount_options; /* the client's alone, behind those */
	struct lnet_net lnet[LNET_NETS_MAX];
	size_t lnet_count;
	unsigned conns_per_peer; /* 0: chosen by the interface */
	enum tuning tuning;
	enum on_data_loss on_data_loss;
	bool replace;
	bool accept_preformatted;
	unsigned mgs_timeout;    /* seconds */
	unsigned device_timeout; /* seconds */
	struct origin origins[KEY_MAX];
};

void spec_done(struct spec *spec);

/*
 * Merges settings (weakest source first, the order within a source kept) over the defaults and
 * checks the whole: unknown keys, bad values, a missing fsname or mgs. Every problem is added to
 * *problems; any problem there, also one that was there before, makes the result -EINVAL: what was
 * partly unreadable is never acted upon. *ret is then unusable but still freed with spec_done().
 * Without any `role` the result is 0 and ret->roles is 0, unless user-data or tags set other keys
 * (a node half tagged is an error that says so); conf.d alone, which an AMI brings along, makes no
 * node ours.
 */
int spec_merge(const struct settings *settings, struct spec *ret, struct problems *problems);

/* {"role": {"value": "oss", "source": "instance tag lustre:role"}, …}, every key, in table order.
 */
json_t *spec_to_json(const struct spec *spec);

/* Reads what spec_to_json() wrote (test fixtures). */
int spec_from_json(const json_t *json, struct spec *ret, struct error *err);

/* Whether one of its nets is EFA's. */
bool spec_has_efa(const struct spec *spec);

/*
 * An efa NID has the low sixteen bits of its node's address, and nothing else that tells nodes
 * apart.
 */
#define EFA_COLLISION                                                                              \
	"an efa NID has the last two numbers of its node's address, so two nodes whose addresses " \
	"end alike are one to LNET; keep the file system inside one /16"

/* "mgs+mds"; the text of the roles in the order mgs, mds, oss, client. */
void roles_format(unsigned roles, char *text, size_t size);

/*
 * Whether something can be mounted at `path`: no place of the system's, plain, and with a name for
 * its mount unit. -EINVAL with a sentence that begins with the path and ends with the fix.
 */
int mount_point_check(const char *path, struct error *why);

/* The key's name as written by users ("mgs-timeout"). */
const char *spec_key_name(enum spec_key key);
