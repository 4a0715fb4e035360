/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <limits.h>
#include <net/if.h>
#include <pthread.h>
#include <stdbool.h>
#include <sys/types.h>

#include "conf.h"
#include "nid.h"
#include "protocol.h"

/* lustre-simd: what the kernel would hold. Everything below `lock` is read and changed under it. */

enum {
	TARGETS_MAX = 32,
	CONNECTIONS_MAX = 256,
	EXPORTS_MAX = 256,
};

struct ni {
	struct nid nid;
	char interface[IF_NAMESIZE];
	unsigned conns;        /* conns_per_peer; 0 in an efa net, which has none */
	unsigned peer_credits; /* 0: the LND's own choice */
	int listener;          /* -1 in an efa net: its traffic goes over tcp here */
};

struct lnet {
	bool up;
	bool stale; /* was configured and unconfigured once: no NI comes up any more (facts 4) */
	char networks[256];
	bool has_efa;                /* kefalnd is loaded, */
	char ipif_name[IF_NAMESIZE]; /* with this; "" for the first interface */
	bool discovery;
	char rules[RULES_MAX][16]; /* the nets that `udsp add` prefers */
	size_t rule_count;
	struct ni nis[NIDS_MAX];
	size_t count;
};

enum target_phase {
	TARGET_FREE,
	TARGET_CLAIMED, /* a mount is under way; dies with the connection that claimed it */
	TARGET_SERVING,
};

struct target {
	enum target_phase phase;
	char name[NAME_SIZE], fsname[NAME_SIZE];
	uint32_t flags;
	char device[256], directory[PATH_MAX];
	dev_t device_number;
	int claimed_by; /* connection's socket */
	unsigned users; /* requests that have the root open */
	bool closing;   /* umount.lustre is about to unmount it */
	bool degraded;
};

struct connection {
	int fd;                 /* -1: free */
	struct in_addr address; /* local address of a TCP connection */
	struct in_addr peer;
	bool local;
};

/* Of the MGS: a target of another node, or "client". */
struct export
{
	struct in_addr peer;
	char name[NAME_SIZE];
};

struct simd {
	struct conf conf;
	int wake; /* eventfd: the set of listeners has changed */
	pthread_mutex_t lock;
	pthread_mutex_t registering; /* the MGS takes one registration at a time */
	pthread_cond_t idle;         /* a target's users went down */
	bool lustre_loaded, stopping;
	struct lnet lnet;
	struct target targets[TARGETS_MAX];
	struct connection connections[CONNECTIONS_MAX];
	struct export exports[EXPORTS_MAX];
	size_t export_count;
};

/* Answers one request: reads `message`, leaves the answer in it, returns the status. */
int simd_handle(struct simd *simd, const struct connection *connection, uint32_t operation,
		struct message *message);
