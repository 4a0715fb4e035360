// SPDX-License-Identifier: Apache-2.0
#include "exports.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "kernel_log.h"
#include "targets.h"

/* Measured: 158 s after a client that was killed, 162 s after an OSS (facts 12). */
static const double revoke_wait = 158;

/* A host that is gone answers no ARP for some 3 s; one that is busy is not dead. */
static const double answer_limit = 10;

static struct export *find(struct simd *simd, struct in_addr peer, const char *name)
{
	for (size_t i = 0; i < simd->export_count; i++) {
		struct export *export = &simd->exports[i];

		if (export->peer.s_addr == peer.s_addr && (!name || !strcmp(export->name, name)))
			return export;
	}
	return NULL;
}

void exports_add(struct simd *simd, struct in_addr peer, const char *name)
{
	pthread_mutex_lock(&simd->lock);
	if (!find(simd, peer, name) && simd->export_count < EXPORTS_MAX) {
		struct export *export = &simd->exports[simd->export_count++];

		export->peer = peer;
		snprintf(export->name, sizeof(export->name), "%s", name);
	}
	pthread_mutex_unlock(&simd->lock);
}

/* `name` NULL: all of that node. */
static void forget(struct simd *simd, struct in_addr peer, const char *name)
{
	struct export *export;

	pthread_mutex_lock(&simd->lock);
	while ((export = find(simd, peer, name)))
		*export = simd->exports[--simd->export_count];
	pthread_mutex_unlock(&simd->lock);
}

void exports_remove(struct simd *simd, struct in_addr peer, const char *name)
{
	forget(simd, peer, name);
}

void exports_clear(struct simd *simd)
{
	simd->export_count = 0;
}

/* On the net that the MGS listens on: a node here has one address in it. */
static struct nid nid_of(const struct simd *simd, struct in_addr peer)
{
	struct nid nid;

	nid_set(&nid, peer, simd->lnet.count > 0 ? simd->lnet.nis[0].nid.net : "tcp");
	return nid;
}

void exports_list(struct simd *simd, struct message *message)
{
	pthread_mutex_lock(&simd->lock);
	for (size_t i = 0; i < simd->export_count; i++) {
		const struct export *export = &simd->exports[i];
		struct nid nid = nid_of(simd, export->peer);
		char text[128];

		if (find(simd, export->peer, NULL) != export)
			continue;
		snprintf(text, sizeof(text), "mgs.MGS.exports.%s.uuid", nid.text);
		put_string(message, text);
		snprintf(text, sizeof(text), "%08x-%s", export->peer.s_addr, export->name);
		put_string(message, text);
	}
	pthread_mutex_unlock(&simd->lock);
}

bool exports_in_the_way(struct simd *simd)
{
	bool more = false;

	pthread_mutex_lock(&simd->lock);
	targets_sweep(simd);
	for (size_t i = 0; i < TARGETS_MAX; i++)
		more |= simd->targets[i].phase == TARGET_SERVING &&
			strcmp(simd->targets[i].name, "MGS") != 0;
	for (size_t i = 0; i < simd->export_count; i++) {
		struct nid nid = nid_of(simd, simd->exports[i].peer);

		kernel_error(&simd->conf,
			     "LustreError: %d:0:(mgs_llog.c:0:only_mgs_is_running()) MGS: node %s "
			     "still connected during replace_nids connect_flags:20000",
			     getpid(), nid.text);
	}
	more |= simd->export_count > 0;
	pthread_mutex_unlock(&simd->lock);
	return more;
}

static bool answers(const struct nid *nid)
{
	struct message message = { 0 };
	int fd = nid_connect(nid, answer_limit, answer_limit), r = fd;
	int32_t status;

	if (fd >= 0) {
		r = wire_call(fd, OP_PING, &message, &status);
		close(fd);
	}
	message_done(&message);
	return r >= 0;
}

void exports_revoke_locks(struct simd *simd, struct in_addr peer)
{
	struct nid nids[EXPORTS_MAX];
	size_t count = 0;

	pthread_mutex_lock(&simd->lock);
	for (size_t i = 0; i < simd->export_count; i++) {
		struct export *export = &simd->exports[i];

		if (export->peer.s_addr != peer.s_addr && find(simd, export->peer, NULL) == export)
			nids[count++] = nid_of(simd, export->peer);
	}
	pthread_mutex_unlock(&simd->lock);
	for (size_t i = 0; i < count; i++) {
		if (answers(&nids[i]))
			continue;
		sleep_seconds(conf_seconds(&simd->conf, revoke_wait));
		if (answers(&nids[i]))
			continue;
		kernel_error(&simd->conf,
			     "LustreError: MGS: client (nid %s) failed to reply to blocking AST, "
			     "evict it",
			     nids[i].text);
		forget(simd, nids[i].address, NULL);
	}
}
