/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What is to be done, decided before anything is touched: the volume groups and targets this node
 * shall have, a graph of actions that brings them about, and the refusals, each with its reason.
 *
 * An action is one step that can be cut after; it runs when all that it `needs` is done. What it
 * works on stands once in `groups`, `targets`, `nets` and `client`.
 */

#include "base/error.h"
#include "model/facts.h"
#include "model/refusal.h"
#include "model/spec/spec.h"
#include "model/target.h"

enum action_kind {
	ACTION_RECORD,      /* write phase, serials and PV UUIDs to state.json, durably */
	ACTION_CHECK_DISKS, /* of a group to be made: all still as planned, before one is written */
	ACTION_CREATE_PV,   /* one disk */
	ACTION_REPAIR_PV,   /* one disk of a group that LVM cannot read: from LVM's own backup */
	ACTION_CREATE_GROUP,
	ACTION_CREATE_VOLUME,
	ACTION_ADOPT_GROUP, /* another instance's, with consent: it becomes this one's */
	ACTION_ACTIVATE_GROUP,
	ACTION_REPLAY_JOURNAL, /* so that the target can be judged */
	ACTION_FORMAT,
	ACTION_VERIFY_FORMAT, /* tunefs.lustre --dryrun: complete, and the right target */
	ACTION_TAG,           /* put `phase` on the volume */
	ACTION_REPAIR_LABEL,  /* e2label to the name the MGS already knows */
	ACTION_LOAD_LNET,
	ACTION_LOAD_MODULE, /* one of plan.modules, with options that it has only from its load */
	ACTION_CONFIGURE_LNET,
	ACTION_ADD_NET,    /* one net on its interface */
	ACTION_PREFER_EFA, /* discovery, and traffic over efa where both ends have it */
	ACTION_CHECK_NIDS,
	ACTION_LOAD_LUSTRE,
	ACTION_WAIT_MGS,
	ACTION_WRITE_UNITS,
	ACTION_MOUNT,
	ACTION_TUNE_CLIENT, /* the client's parameters, which its unmount forgets */
	ACTION_SETTLE,      /* flush, and see the registered label on the medium */
	ACTION_KIND_MAX,
};

#define ACTION_NEEDS_MAX 80 /* a group is made after all of its PVs */

struct action {
	enum action_kind kind;
	int group;        /* index into plan.groups, -1 for none */
	int target;       /* index into plan.targets, -1 for none; the client's mount has -1 */
	int item;         /* the disk of the group, the net or the module; -1 for none */
	enum phase phase; /* of ACTION_TAG and ACTION_RECORD */
	unsigned needs[ACTION_NEEDS_MAX]; /* indices into plan.actions, all smaller than its own */
	unsigned need_count;
};

/* What was found on a disk that may be written. */
enum plan_disk_holds {
	PLAN_DISK_BLANK,
	PLAN_DISK_EMPTY_EXT3, /* with accept-preformatted */
	PLAN_DISK_BEGUN,      /* a PV or a group of ours cut off in the making: it is made anew */
	PLAN_DISK_BEGUN_EXT3, /* likewise, over what was an empty ext3 */
	PLAN_DISK_OUR_PV,     /* the one of pv_uuid, and data perhaps */
};

/* A disk as it was when the plan was made; checked again under the lock before a write (law 3). */
struct plan_disk {
	char path[PATH_TEXT_MAX];
	char serial[64];
	uint64_t size;
	enum plan_disk_holds holds;
	char pv_uuid[UUID_TEXT_MAX]; /* the one it has, or the one it shall get */
};

struct plan_group {
	char name[VG_NAME_MAX];
	char uuid[UUID_TEXT_MAX];    /* "" while it is to be created */
	char system_id[VG_NAME_MAX]; /* LVM lets only a host of this ID write to it; "" for any */
	char adopted_from[64];       /* the instance that it is taken over from; "" for none */
	struct plan_disk *disks;
	size_t disk_count;
};

struct plan_target {
	enum target_kind kind;
	char name[TARGET_NAME_MAX]; /* "lustrewt-OST0017", "MGS" */
	char fsname[FSNAME_MAX + 1];
	unsigned index;
	int group; /* index into plan.groups; -1 where none is known yet (a refusal) */
	char volume[VG_NAME_MAX];
	char volume_uuid[UUID_TEXT_MAX]; /* "" while it is to be created */
	char device[PATH_TEXT_MAX];
	struct size_choice size; /* in bytes, once it has a group; both 0: all that is left */
	unsigned stripes;
	uint32_t stripe_size;
	bool zeroed;   /* the disks read zero: nothing has to be zeroed again */
	bool reformat; /* over a Lustre target that was never in service, or with consent */
	bool replace;  /* --replace: the MGS knows the index, and taking it over was consented to */
	bool replaying;        /* a replay of its journal was begun before, and cut off */
	struct words mgs_nids; /* of --mgsnode; empty for an MGT */
	struct words mkfs_options;
	struct words mount_options;
	char mount_point[PATH_TEXT_MAX];
	bool in_service; /* mounted already: nothing to do */
};

struct plan_client {
	bool wanted;
	char fsname[FSNAME_MAX + 1], fileset[256]; /* "/sub"; "" for all of the file system */
	bool mounted;                              /* already */
	bool untuned;                              /* and what follows a mount was cut off */
	char *source; /* allocated: "10.0.0.10@tcp:10.0.0.11@tcp:/lustrewt"; NULL while unwanted */
	char mount_point[PATH_TEXT_MAX];
	struct words mount_options;
	struct words settings; /* of lctl set_param, once it is mounted */
};

#define PLAN_NID_MAX 64

struct plan_net {
	char net[16];
	char interface[RDMA_NAME_MAX]; /* as LNET knows its address: perhaps a label */
	char nid[PLAN_NID_MAX];        /* the one it must have afterwards */
	bool by_nid;                   /* LNET takes another address by the interface's name */
	bool is_there;                 /* it has it already */
	unsigned conns;          /* bulk connections to each peer, as they shall be; 0: not known */
	bool gives_conns;        /* lnetctl is told: nobody else would set them so */
	char conns_because[384]; /* what is known of the interface, and who chose */
};
#define PLAN_NETS_MAX 40 /* an instance has 32 EFA devices at most */

/* A module that is loaded by itself, since modprobe gives options to what it is asked for alone. */
struct plan_module {
	char name[24];
	struct words options; /* "credits=2560" */
};
#define PLAN_MODULES_MAX 4

struct plan {
	struct plan_group *groups;
	size_t group_count;
	struct plan_target *targets;
	size_t target_count;
	struct plan_client client;
	struct plan_net nets[PLAN_NETS_MAX];
	size_t net_count;
	struct plan_module modules[PLAN_MODULES_MAX];
	size_t module_count;
	struct words notes;  /* sentences: what a person should know, though nothing stops for it */
	struct words tuning; /* sentences: what is set, or left as it is, and by whose word */
	struct words forgets;  /* "lustrewt-OST0005 of i-0b": out of state.json, for room */
	struct words mgs_nids; /* whose port 988 is probed before anything is mounted */
	struct action *actions;
	size_t action_count;
	struct refusal *refusals;
	size_t refusal_count;
	bool observe_again; /* the rest can be judged only after these actions */
};

void plan_done(struct plan *plan);

/* Each returns a new, empty element, NULL when out of memory; pointers hold until the next call. */
struct plan_group *plan_add_group(struct plan *plan);
struct plan_disk *plan_group_add_disk(struct plan_group *group);
struct plan_target *plan_add_target(struct plan *plan);

/* Appends an action on nothing yet (group, target and item are -1) and returns its index, or
 * -ENOMEM. */
int plan_add_action(struct plan *plan, enum action_kind kind);

/* `action` waits for `needed`; a negative `needed` stands for "nothing to wait for". */
void plan_need(struct plan *plan, int action, int needed);

/*
 * Stops `target`, or the whole node for "". What stops several targets for one and the same reason
 * is one refusal that names them all. -ENOMEM is the only failure.
 */
int plan_refuse(struct plan *plan, enum refusal_code code, const char *target, const char *fix,
		const char *format, ...) __attribute__((format(printf, 5, 6)));

/* Whether `target` is stopped, by itself or with the node; with "": whether the node is. */
bool plan_refuses(const struct plan *plan, const char *target);

const char *action_kind_name(enum action_kind kind); /* "create-volume" */
bool action_kind_from_name(const char *name, enum action_kind *ret);

/* The module called `name`, a new one where there is none yet; NULL where there is no room. */
struct plan_module *plan_module(struct plan *plan, const char *name);

/* "tcp on ens5, 8 connections to each peer: driver ena …": a net as people read it. */
void plan_net_describe(const struct plan_net *net, char *text, size_t size);
#define PLAN_NET_TEXT_MAX 640

/* "format lustrewt-OST0017": one action as people read it. */
void action_describe(const struct plan *plan, const struct action *action, char *text, size_t size);

json_t *plan_to_json(const struct plan *plan);
