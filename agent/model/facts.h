/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What this machine has, as it was observed: one row for every block device, volume group, network
 * interface and mount, plus what the kernel and the tools can do. Plain values with JSON; a fixture
 * of tests/machines is a file of these.
 *
 * Most texts are arrays of the length that the field's own source allows, so a value needs no care.
 * Nothing is ever cut to fit into one: it is an error, or held otherwise.
 */

#include "base/error.h"
#include "base/words.h"
#include "model/disk.h"
#include "model/interface.h"
#include "model/platform.h"
#include "model/volume_group.h"

struct mount_point {
	char *source, *target; /* allocated: paths of any length, and sources of many NIDs */
	char fstype[32];
	char device[DISK_NAME_MAX]; /* kernel name of the source, "" for a network file system */
	bool read_only;
	bool untuned; /* a client of ours: its parameters are still to be set */
};

struct facts {
	char instance_id[64];
	char instance_type[64];
	char local_ipv4[16];
	char subnet_cidr[20];
	char mac[18];
	struct words assigned; /* metadata.interfaces: "0a:…:99=10.0.8.23" */
	int launch_index;      /* -1: not asked for */
	struct platform platform;
	struct disk *disks;
	size_t disk_count;
	struct volume_group *groups; /* seen on instance-store and operator-named disks only */
	size_t group_count;
	struct interface *interfaces;
	size_t interface_count;
	struct rdma_device *rdma;
	size_t rdma_count;
	struct host *hosts;
	size_t host_count;
	enum lnet_state lnet;
	struct words nids;     /* of this node, without 0@lo */
	bool lnet_adds_by_nid; /* lnetctl takes a NID; asked only where no name would do */
	struct mount_point *mounts;
	size_t mount_count;
	struct place_link *links; /* only of places that are not what their name says */
	size_t link_count;
	struct words mount_units; /* files of others that decide over mount units */
	struct words fstab;       /* the mount points of /etc/fstab, links followed */
	char random[65]; /* 64 hex digits: where the plan's new names and UUIDs come from */
};

void facts_done(struct facts *facts);

json_t *facts_to_json(const struct facts *facts);
int facts_from_json(const json_t *json, struct facts *ret, struct error *err);

/* NULL when there is none. */
const struct disk *facts_disk_by_serial(const struct facts *facts, const char *serial);
const struct volume_group *facts_group_by_uuid(const struct facts *facts, const char *uuid);
const struct host *facts_host(const struct facts *facts, const char *nid); /* by its name */
const struct mount_point *facts_mount_at(const struct facts *facts, const char *target);

/*
 * The interface that `lnet` names: by its name, or for "primary" by the MAC address that the
 * metadata gives. A bridge or a VLAN shares its MAC with the interface below it: the one that has
 * the instance's address is meant, else one that has any. NULL when there is none.
 */
const struct interface *facts_interface(const struct facts *facts, const char *name);

/* Whether its MAC is the one that the metadata gives, by whatever name `lnet` calls it. */
bool facts_is_primary(const struct facts *facts, const struct interface *interface);

/* The address that the metadata gives an interface, the primary one's being local-ipv4; else "". */
const char *facts_assigned(const struct facts *facts, const struct interface *interface);

/* Whether an IPv4 address is one of this node's, on whichever interface. */
bool facts_has_address(const struct facts *facts, const char *ipv4);
