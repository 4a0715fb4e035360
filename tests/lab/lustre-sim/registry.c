// SPDX-License-Identifier: Apache-2.0
#include "registry.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "exports.h"
#include "kernel_log.h"
#include "target_name.h"
#include "targets.h"

struct registration {
	char fsname[NAME_SIZE], name[NAME_SIZE];
	uint32_t index, flags;
	char nids[NIDS_SIZE];
};

static int read_entry(int configs, const char *name, struct registry_entry *ret_entry)
{
	char text[NIDS_SIZE + 64], state[16] = "";
	ssize_t n;
	int fd = openat(configs, name, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (n < 0)
		return -EIO;
	text[n] = '\0';
	*ret_entry = (struct registry_entry){ 0 };
	snprintf(ret_entry->name, sizeof(ret_entry->name), "%s", name);
	if (sscanf(text, "state %15s nids %511s", state, ret_entry->nids) < 1)
		return -EIO;
	ret_entry->poisoned = !strcmp(state, "poisoned");
	return 0;
}

static int write_file(int configs, const char *name, const char *text)
{
	char temporary[NAME_SIZE + 8];
	int fd, r = 0;

	snprintf(temporary, sizeof(temporary), "%s.new", name);
	fd = openat(configs, temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		r = -EIO;
	close(fd);
	if (r == 0 && renameat(configs, temporary, configs, name) < 0)
		r = -errno;
	return r;
}

static int write_entry(int configs, const struct registration *registration, bool poisoned)
{
	char text[NIDS_SIZE + 64], client[NAME_SIZE];
	int r;

	snprintf(text, sizeof(text), "state %s\nnids %s\n", poisoned ? "poisoned" : "ok",
		 registration->nids);
	r = write_file(configs, registration->name, text);
	if (r < 0 || poisoned)
		return r;
	snprintf(client, sizeof(client), "%.8s-client", registration->fsname);
	return write_file(configs, client, "");
}

static int register_target(struct simd *simd, int configs, const struct registration *target)
{
	struct registry_entry known = { 0 };
	bool exists = read_entry(configs, target->name, &known) == 0;

	if (target->flags & REGISTER_WRITECONF)
		return write_entry(configs, target, false);
	if (target->flags & REGISTER_FIRST_TIME) {
		if (!exists)
			return write_entry(configs, target, false);
		kernel_error(&simd->conf,
			     "LustreError: Server %s requested index %u, but that index is already "
			     "in use. Use --writeconf to force",
			     target->name, target->index);
		return -EADDRINUSE;
	}
	if (target->flags & REGISTER_UPDATE) {
		if (exists && !known.poisoned) {
			/* The log is updated, but the NID stays the old one (surprise 12). */
			kernel_info(&simd->conf, "Lustre: Found index %u for %s, updating log",
				    target->index, target->name);
			return 0;
		}
		return exists ? -ENOENT : write_entry(configs, target, true) ?: -ENOENT;
	}
	if (exists && !known.poisoned)
		return 0;
	if (!(target->flags & REGISTER_LOCAL_LOG))
		return -ENOENT;
	return write_entry(configs, target, false);
}

static int handle_register(struct simd *simd, const struct connection *connection, int configs,
			   struct message *message)
{
	struct registration target = { 0 };
	struct target_name name;
	int r;

	get_string(message, target.fsname, sizeof(target.fsname));
	get_string(message, target.name, sizeof(target.name));
	target.index = get_u32(message);
	target.flags = get_u32(message);
	get_string(message, target.nids, sizeof(target.nids));
	if (message->bad || !target_name_parse(target.name, &name) ||
	    strcmp(name.fsname, target.fsname) != 0)
		return -EINVAL;
	if (target.flags & (REGISTER_FIRST_TIME | REGISTER_UPDATE | REGISTER_WRITECONF))
		exports_revoke_locks(simd, connection->peer);
	r = register_target(simd, configs, &target);
	if (r == 0 && !connection->local)
		exports_add(simd, connection->peer, target.name);
	return r;
}

static int handle_disconnect(struct simd *simd, const struct connection *connection,
			     struct message *message)
{
	char name[NAME_SIZE];

	get_string(message, name, sizeof(name));
	if (message->bad)
		return -EINVAL;
	exports_remove(simd, connection->peer, name);
	message_reset(message);
	return 0;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct registry_entry *)a)->name,
		      ((const struct registry_entry *)b)->name);
}

/* Takes over `configs`. */
static int list_entries(int configs, const char *fsname, struct registry_entry *entries, size_t max)
{
	DIR *folder = fdopendir(configs);
	struct target_name own;
	struct dirent *file;
	size_t count = 0;

	if (!folder) {
		close(configs);
		return -EIO;
	}
	while (count < max && (file = readdir(folder))) {
		if (!target_name_parse(file->d_name, &own) ||
		    (fsname && strcmp(own.fsname, fsname) != 0))
			continue;
		if (read_entry(dirfd(folder), file->d_name, &entries[count]) == 0)
			count++;
	}
	closedir(folder);
	qsort(entries, count, sizeof(*entries), by_name);
	return (int)count;
}

static int open_configs(int root)
{
	int fd = openat(root, "CONFIGS", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

int registry_list(struct simd *simd, const char *fsname, struct registry_entry *entries, size_t max)
{
	struct target *mgs;
	int root = targets_get(simd, NULL, &mgs), configs, r;

	if (root < 0)
		return root;
	configs = open_configs(root);
	r = configs < 0 ? configs : list_entries(configs, fsname, entries, max);
	targets_put(simd, mgs, root);
	return r;
}

static int handle_targets(struct simd *simd, struct message *message)
{
	struct registry_entry *entries = calloc(REGISTRY_MAX, sizeof(*entries));
	char fsname[NAME_SIZE];
	int count = -ENOMEM;

	get_string(message, fsname, sizeof(fsname));
	if (entries)
		count = registry_list(simd, fsname, entries, REGISTRY_MAX);
	message_reset(message);
	if (count > 0) {
		put_u32(message, (uint32_t)count);
		for (int i = 0; i < count; i++) {
			put_string(message, entries[i].name);
			put_string(message, entries[i].poisoned ? "" : entries[i].nids);
		}
	}
	free(entries);
	return count > 0 ? 0 : count ?: -ENOENT;
}

static int handle_filesystems(struct simd *simd, struct message *message)
{
	struct registry_entry *entries = calloc(REGISTRY_MAX, sizeof(*entries));
	struct target_name name, last = { 0 };
	int count = entries ? registry_list(simd, NULL, entries, REGISTRY_MAX) : -ENOMEM;

	message_reset(message);
	for (int i = 0; i < count; i++) {
		if (target_name_parse(entries[i].name, &name) &&
		    strcmp(name.fsname, last.fsname) != 0)
			put_string(message, name.fsname);
		last = name;
	}
	free(entries);
	return count < 0 ? count : 0;
}

/* A real MGS writes configuration logs while it holds the file system's lock. */
static int register_in_turn(struct simd *simd, const struct connection *connection, int configs,
			    struct message *message)
{
	int r;

	pthread_mutex_lock(&simd->registering);
	sleep_seconds(simd->conf.mgs_service_time);
	r = handle_register(simd, connection, configs, message);
	pthread_mutex_unlock(&simd->registering);
	return r;
}

/* A client of another node asks for its targets, over and over. */
static int handle_client(struct simd *simd, const struct connection *connection,
			 struct message *message)
{
	int r = handle_targets(simd, message);

	if (r == 0 && !connection->local)
		exports_add(simd, connection->peer, "client");
	return r;
}

int registry_handle(struct simd *simd, const struct connection *connection,
		    enum operation operation, struct message *message)
{
	struct target *mgs;
	int root, configs, r;

	if (operation == OP_MGS_TARGETS)
		return handle_client(simd, connection, message);
	if (operation == OP_MGS_DISCONNECT)
		return handle_disconnect(simd, connection, message);
	if (operation == OP_MGS_FILESYSTEMS)
		return handle_filesystems(simd, message);
	root = targets_get(simd, NULL, &mgs);
	if (root < 0)
		return root;
	configs = open_configs(root);
	r = configs < 0 ? configs : register_in_turn(simd, connection, configs, message);
	if (configs >= 0)
		close(configs);
	message_reset(message);
	targets_put(simd, mgs, root);
	return r;
}

int registry_replace_nids(struct simd *simd, struct message *message)
{
	struct registration target = { 0 };
	struct registry_entry known;
	struct target_name name;
	struct target *mgs;
	int root, configs, r;

	get_string(message, target.name, sizeof(target.name));
	get_string(message, target.nids, sizeof(target.nids));
	if (message->bad || !target_name_parse(target.name, &name))
		return -EINVAL;
	if (exports_in_the_way(simd))
		return -EINPROGRESS;
	memcpy(target.fsname, name.fsname, sizeof(target.fsname));
	root = targets_get(simd, NULL, &mgs);
	if (root < 0)
		return root;
	configs = open_configs(root);
	r = configs < 0 ? configs : read_entry(configs, target.name, &known);
	if (r == 0)
		r = write_entry(configs, &target, false);
	if (configs >= 0)
		close(configs);
	message_reset(message);
	targets_put(simd, mgs, root);
	return r;
}
