/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "wire.h"

/*
 * The operations lustre-simd answers. The payload of each is written where it is handled. The first
 * group is for this node's own tools, over the unix socket only; the others come over TCP 988 too.
 */
enum operation {
	OP_MODULE_LOAD = 1,
	OP_MODULES_UNLOAD,
	OP_LNET_STATE,
	OP_LNET_CONFIGURE,
	OP_LNET_UNCONFIGURE,
	OP_NET_ADD,
	OP_NET_DEL,
	OP_DISCOVERY,
	OP_UDSP_ADD,
	OP_TARGET_CLAIM,
	OP_TARGET_START,
	OP_TARGET_QUIESCE,
	OP_TARGET_RESUME,
	OP_DEVICES,
	OP_PARAMETERS,
	OP_PARAMETER_SET,
	OP_MGS_REPLACE_NIDS,
	OP_LOCAL_LAST = OP_MGS_REPLACE_NIDS,

	OP_PING,

	OP_MGS_REGISTER,
	OP_MGS_DISCONNECT,
	OP_MGS_TARGETS,
	OP_MGS_FILESYSTEMS,

	OP_MDT_GETATTR,
	OP_MDT_READDIR,
	OP_MDT_MKDIR,
	OP_MDT_CREATE,
	OP_MDT_SYMLINK,
	OP_MDT_READLINK,
	OP_MDT_UNLINK,
	OP_MDT_RMDIR,
	OP_MDT_RENAME,
	OP_MDT_CHMOD,
	OP_MDT_CHOWN,
	OP_MDT_UTIMENS,
	OP_MDT_SYNC,

	OP_OST_GETATTR,
	OP_OST_READ,
	OP_OST_WRITE,
	OP_OST_TRUNCATE,
	OP_OST_UTIMENS,
	OP_OST_SYNC,
	OP_OST_DESTROY,

	OP_STATFS,
};

enum {
	LNET_PORT = 988,
	SECURE_PORT_LAST = 1023, /* LNET connects from there down, and takes no other */
	SECURE_PORT_FIRST = 512,
	NAME_SIZE = 32,     /* a target's name, "lustrewt-OST0001", with room to spare */
	NIDS_SIZE = 512,    /* a list of NIDs, separated by commas */
	LAYOUT_SIZE = 48,   /* see layout.h */
	REGISTRY_MAX = 256, /* targets of one MGS */
	RULES_MAX = 8,      /* of `lnetctl udsp add` */
};

/* What kind of LNET state OP_LNET_STATE reports. */
enum lnet_phase {
	LNET_NOT_LOADED, /* no module: there is no lustre-simd to ask */
	LNET_DOWN,       /* module loaded, stack down */
	LNET_UP,         /* configured; with or without a NI */
};

/* What a target says of itself when it registers (OP_MGS_REGISTER, in this order). */
enum {
	REGISTER_FIRST_TIME = 1,
	REGISTER_UPDATE = 2, /* formatted with --replace */
	REGISTER_WRITECONF = 4,
	REGISTER_LOCAL_LOG = 8, /* it has a copy of its configuration from earlier */
};
