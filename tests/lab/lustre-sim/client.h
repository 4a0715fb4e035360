/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#define FUSE_USE_VERSION 35

#include <fuse.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "conf.h"
#include "layout.h"
#include "peer.h"

/*
 * A mounted file system as its client knows it. The list of OSTs only grows, and an OST keeps the
 * NIDs it was first seen with, as real clients do (facts, surprise 12).
 */
struct client {
	struct conf conf;
	char fsname[NAME_SIZE];
	char fileset[256]; /* "/sub", or "": all of it */
	struct peer mgs, mdt;
	bool has_mdt;
	pthread_mutex_t lock; /* the list of OSTs */
	struct peer osts[REGISTRY_MAX];
	atomic_uint ost_count;
	uint64_t sequence; /* of the objects this client makes */
	atomic_uint next_number, next_ost;
	struct fuse *fuse;
	struct stat root; /* as last seen; under `lock` */
};

/* Reads "NID[:NID...]:/FSNAME[/FILESET]". -EINVAL if it is not that. */
int client_init(struct client *client, const char *source);

/* Asks the MGS for targets and takes new ones up. -ENOENT: no such file system. */
int client_refresh(struct client *client);

/* One look at every server: which are up. */
void client_probe(struct client *client);

/* Refreshes and probes every few seconds, for as long as the process lives. */
void *client_watch_thread(void *argument);

bool client_has_ost(struct client *client);

/* Whether the fileset is a directory of the file system: 0, -ENOENT or -ENOTDIR. */
int client_check_fileset(struct client *client);

struct peer *client_ost(struct client *client, uint32_t index);

/*
 * Calls a server, trying until it answers; -EINTR when the caller of the file system is
 * interrupted, or the file system goes away. `ret_tries` (may be NULL): how often it was asked.
 */
int client_call(struct client *client, struct peer *peer, enum operation operation,
		const struct message *request, struct message *answer, unsigned *ret_tries);

/* Where a new file goes: the next OST in turn that is up and takes objects; waits for one. */
int client_new_layout(struct client *client, struct layout *ret_layout);

/* The sum over the OSTs that are up, files of the MDT: never waits for a server that is away. */
int client_statfs(struct client *client, struct statvfs *ret_fs);
