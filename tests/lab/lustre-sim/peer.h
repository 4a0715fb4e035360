/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <pthread.h>
#include <stdatomic.h>

#include "nid.h"
#include "protocol.h"

/*
 * A server as a client sees it: a name, the NIDs the MGS gave for it, and one connection, made when
 * needed and made anew when it breaks.
 */
struct peer {
	char name[NAME_SIZE];
	struct nid nids[NIDS_MAX];
	size_t count;
	pthread_mutex_t lock; /* one request at a time */
	int fd;
	atomic_bool up;       /* answered the last time */
	atomic_bool degraded; /* asks for no new objects */
	bool lost;            /* the kernel log says that it is away */
};

int peer_init(struct peer *peer, const char *name, const char *nids);
void peer_done(struct peer *peer);

/*
 * Tries once. 0 and the server's word in `ret_status`; or a negative errno: not reached, or the
 * target is not mounted there (-ENODEV). `request` is kept, the answer is in `answer`.
 */
int peer_call(struct peer *peer, enum operation operation, const struct message *request,
	      struct message *answer, int32_t *ret_status);
