// SPDX-License-Identifier: Apache-2.0
#include "peer.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

/* A host that is gone answers no ARP for some 3 s; a busy disk may take long to flush. */
static const double connect_seconds = 4, answer_seconds = 30;

int peer_init(struct peer *peer, const char *name, const char *nids)
{
	int count = nid_list_parse(nids, peer->nids, NIDS_MAX);

	if (count <= 0)
		return -EINVAL;
	snprintf(peer->name, sizeof(peer->name), "%s", name);
	peer->count = (size_t)count;
	peer->fd = -1;
	peer->lost = false;
	atomic_init(&peer->up, false);
	atomic_init(&peer->degraded, false);
	pthread_mutex_init(&peer->lock, NULL);
	return 0;
}

void peer_done(struct peer *peer)
{
	if (peer->fd >= 0)
		close(peer->fd);
	pthread_mutex_destroy(&peer->lock);
}

static int connect_any(struct peer *peer)
{
	int r = -EHOSTUNREACH;

	for (size_t i = 0; i < peer->count && peer->fd < 0; i++) {
		r = nid_connect(&peer->nids[i], connect_seconds, answer_seconds);
		if (r >= 0)
			peer->fd = r;
	}
	return peer->fd < 0 ? r : 0;
}

static int exchange(struct peer *peer, enum operation operation, const struct message *request,
		    struct message *answer, int32_t *ret_status)
{
	uint32_t answered;
	int r = wire_send(peer->fd, operation, 0, request);

	if (r == 0)
		r = wire_receive(peer->fd, &answered, ret_status, answer);
	if (r == 0 && answered != (uint32_t)operation)
		r = -EPROTO;
	if (r < 0) {
		close(peer->fd);
		peer->fd = -1;
	}
	return r;
}

int peer_call(struct peer *peer, enum operation operation, const struct message *request,
	      struct message *answer, int32_t *ret_status)
{
	bool fresh;
	int r;

	pthread_mutex_lock(&peer->lock);
	fresh = peer->fd < 0;
	r = connect_any(peer);
	if (r == 0)
		r = exchange(peer, operation, request, answer, ret_status);
	/* A kept connection may have died while idle: the server is judged by a new one. */
	if (r < 0 && !fresh && r != -EAGAIN && connect_any(peer) == 0)
		r = exchange(peer, operation, request, answer, ret_status);
	pthread_mutex_unlock(&peer->lock);
	if (r == 0 && *ret_status == -ENODEV)
		r = -ENODEV;
	atomic_store(&peer->up, r == 0);
	return r;
}
