// SPDX-License-Identifier: Apache-2.0
#include "client.h"

#include <errno.h>
#include <fuse_lowlevel.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "attributes.h"
#include "kernel_log.h"
#include "target_name.h"

static const double refresh_every = 4, retry_every = 0.5;

int client_init(struct client *client, const char *source)
{
	const char *slash = strstr(source, ":/");
	size_t length = slash ? strcspn(slash + 2, "/") : 0;
	char nids[NIDS_SIZE];

	if (length == 0 || length > 8)
		return -EINVAL;
	snprintf(nids, sizeof(nids), "%.*s", (int)(slash - source), source);
	snprintf(client->fsname, sizeof(client->fsname), "%.*s", (int)length, slash + 2);
	snprintf(client->fileset, sizeof(client->fileset), "%s", slash + 2 + length);
	for (size_t end = strlen(client->fileset); end > 0 && client->fileset[end - 1] == '/';)
		client->fileset[--end] = '\0';
	pthread_mutex_init(&client->lock, NULL);
	if (getrandom(&client->sequence, sizeof(client->sequence), 0) < 0)
		return -errno;
	return peer_init(&client->mgs, "MGS", nids);
}

static uint32_t ost_index(const struct peer *peer)
{
	struct target_name name = { 0 };

	target_name_parse(peer->name, &name);
	return name.index;
}

struct peer *client_ost(struct client *client, uint32_t index)
{
	unsigned count = atomic_load(&client->ost_count);

	for (unsigned i = 0; i < count; i++) {
		if (ost_index(&client->osts[i]) == index)
			return &client->osts[i];
	}
	return NULL;
}

static void take_up(struct client *client, const char *text, const char *nids)
{
	unsigned count = atomic_load(&client->ost_count);
	struct target_name name;

	if (!*nids || !target_name_parse(text, &name))
		return;
	if (!name.ost) {
		if (!client->has_mdt && peer_init(&client->mdt, text, nids) == 0)
			client->has_mdt = true;
	} else if (count < REGISTRY_MAX && !client_ost(client, name.index) &&
		   peer_init(&client->osts[count], text, nids) == 0) {
		atomic_store(&client->ost_count, count + 1);
	}
}

int client_refresh(struct client *client)
{
	struct message request = { 0 }, answer = { 0 };
	char name[NAME_SIZE], nids[NIDS_SIZE];
	int32_t status = 0;
	int r;

	put_string(&request, client->fsname);
	r = peer_call(&client->mgs, OP_MGS_TARGETS, &request, &answer, &status);
	if (r == 0 && status == 0) {
		pthread_mutex_lock(&client->lock);
		for (uint32_t count = get_u32(&answer); count > 0 && !answer.bad; count--) {
			get_string(&answer, name, sizeof(name));
			get_string(&answer, nids, sizeof(nids));
			take_up(client, name, nids);
		}
		pthread_mutex_unlock(&client->lock);
	}
	message_done(&request);
	message_done(&answer);
	return r < 0 ? r : status;
}

/* One STATFS, not repeated. */
static int ask_statfs(struct peer *peer, struct statvfs *ret_fs)
{
	struct message request = { 0 }, answer = { 0 };
	int32_t status;
	int r;

	put_string(&request, peer->name);
	r = peer_call(peer, OP_STATFS, &request, &answer, &status);
	if (r == 0)
		r = status;
	if (r == 0)
		atomic_store(&peer->degraded, get_statfs(&answer, ret_fs));
	message_done(&request);
	message_done(&answer);
	return r;
}

static void log_change(const struct client *client, struct peer *peer, bool was_up)
{
	bool up = atomic_load(&peer->up);

	if (up && peer->lost)
		kernel_info(&client->conf, "Lustre: %s: Connection restored to %s (at %s)",
			    peer->name, peer->name, peer->nids[0].text);
	else if (!up && was_up && !peer->lost)
		kernel_info(&client->conf,
			    "Lustre: %s: Connection to %s (at %s) was lost; in progress operations "
			    "using this service will wait for recovery to complete",
			    peer->name, peer->name, peer->nids[0].text);
	else
		return;
	peer->lost = !up;
}

void client_probe(struct client *client)
{
	unsigned count = atomic_load(&client->ost_count);
	struct statvfs fs;

	for (unsigned i = 0; i < count; i++) {
		bool was_up = atomic_load(&client->osts[i].up);

		ask_statfs(&client->osts[i], &fs);
		log_change(client, &client->osts[i], was_up);
	}
	if (client->has_mdt) {
		bool was_up = atomic_load(&client->mdt.up);

		ask_statfs(&client->mdt, &fs);
		log_change(client, &client->mdt, was_up);
	}
}

void *client_watch_thread(void *argument)
{
	struct client *client = argument;

	for (;;) {
		sleep_seconds(conf_seconds(&client->conf, refresh_every));
		client_refresh(client);
		client_probe(client);
	}
	return NULL;
}

bool client_has_ost(struct client *client)
{
	unsigned count = atomic_load(&client->ost_count);
	bool up = false;

	for (unsigned i = 0; i < count; i++)
		up |= atomic_load(&client->osts[i].up);
	return up;
}

static bool interrupted(struct client *client)
{
	return client->fuse &&
	       (fuse_interrupted() || fuse_session_exited(fuse_get_session(client->fuse)));
}

int client_call(struct client *client, struct peer *peer, enum operation operation,
		const struct message *request, struct message *answer, unsigned *ret_tries)
{
	int32_t status;

	if (request->bad)
		return -E2BIG;
	for (unsigned tries = 1;; tries++) {
		if (ret_tries)
			*ret_tries = tries;
		if (peer_call(peer, operation, request, answer, &status) == 0)
			return status;
		if (interrupted(client))
			return -EINTR;
		sleep_seconds(retry_every);
	}
}

int client_check_fileset(struct client *client)
{
	struct message request = { 0 }, answer = { 0 };
	struct stat st = { 0 };
	int r;

	if (!*client->fileset)
		return 0;
	put_string(&request, client->mdt.name);
	put_string(&request, client->fileset);
	r = client_call(client, &client->mdt, OP_MDT_GETATTR, &request, &answer, NULL);
	if (r == 0)
		get_stat(&answer, &st);
	message_done(&request);
	message_done(&answer);
	return r < 0 ? r : S_ISDIR(st.st_mode) ? 0 : -ENOTDIR;
}

int client_new_layout(struct client *client, struct layout *ret_layout)
{
	for (;;) {
		unsigned count = atomic_load(&client->ost_count);

		for (unsigned i = 0; i < count; i++) {
			struct peer *ost =
				&client->osts[atomic_fetch_add(&client->next_ost, 1) % count];

			if (!atomic_load(&ost->up) || atomic_load(&ost->degraded))
				continue;
			*ret_layout = (struct layout){
				.ost = ost_index(ost),
				.sequence = client->sequence,
				.number = atomic_fetch_add(&client->next_number, 1) + 1,
			};
			return 0;
		}
		if (interrupted(client))
			return -EINTR;
		sleep_seconds(retry_every);
	}
}

int client_statfs(struct client *client, struct statvfs *ret_fs)
{
	unsigned count = atomic_load(&client->ost_count);
	struct statvfs one = { 0 };

	*ret_fs = (struct statvfs){ .f_bsize = 4096, .f_frsize = 4096, .f_namemax = 255 };
	for (unsigned i = 0; i < count; i++) {
		if (!atomic_load(&client->osts[i].up) || ask_statfs(&client->osts[i], &one) < 0)
			continue;
		ret_fs->f_blocks += one.f_blocks * (one.f_frsize / 1024) / 4;
		ret_fs->f_bfree += one.f_bfree * (one.f_frsize / 1024) / 4;
		ret_fs->f_bavail += one.f_bavail * (one.f_frsize / 1024) / 4;
	}
	if (atomic_load(&client->mdt.up) && ask_statfs(&client->mdt, &one) == 0) {
		ret_fs->f_files = one.f_files;
		ret_fs->f_ffree = ret_fs->f_favail = one.f_ffree;
	}
	return 0;
}
