// SPDX-License-Identifier: Apache-2.0
#include "targets.h"

#include <errno.h>
#include <fcntl.h>
#include <mntent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "exports.h"
#include "kernel_log.h"
#include "mountdata.h"

enum { QUIESCE_SECONDS = 10 };

static struct target *find(struct simd *simd, const char *name)
{
	for (size_t i = 0; i < TARGETS_MAX; i++) {
		struct target *target = &simd->targets[i];

		if (target->phase != TARGET_FREE && !strcmp(target->name, name))
			return target;
	}
	return NULL;
}

/* The root of a mounted target; -ENODEV if the directory has another file system, or none, by now.
 */
static int open_root(const struct target *target)
{
	int fd = open(target->directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return -ENODEV;
	if (fstat(fd, &st) < 0 || st.st_dev != target->device_number) {
		close(fd);
		return -ENODEV;
	}
	return fd;
}

void targets_sweep(struct simd *simd)
{
	for (size_t i = 0; i < TARGETS_MAX; i++) {
		struct target *target = &simd->targets[i];
		int fd;

		if (target->phase != TARGET_SERVING || target->users)
			continue;
		fd = open_root(target);
		if (fd >= 0) {
			close(fd);
			continue;
		}
		kernel_info(&simd->conf, "Lustre: server umount %s complete", target->name);
		*target = (struct target){ 0 };
	}
}

int targets_claim(struct simd *simd, int connection, const char *name)
{
	targets_sweep(simd);
	if (find(simd, name))
		return -EALREADY;
	for (size_t i = 0; i < TARGETS_MAX; i++) {
		struct target *target = &simd->targets[i];

		if (target->phase != TARGET_FREE)
			continue;
		*target = (struct target){ .phase = TARGET_CLAIMED, .claimed_by = connection };
		snprintf(target->name, sizeof(target->name), "%s", name);
		return 0;
	}
	return -ENOSPC;
}

int targets_start(struct simd *simd, int connection, const struct target *what)
{
	struct target *target = find(simd, what->name);
	struct stat st;

	if (!target || target->phase != TARGET_CLAIMED || target->claimed_by != connection)
		return -EINVAL;
	if (stat(what->directory, &st) < 0)
		return -errno;
	*target = *what;
	target->phase = TARGET_SERVING;
	if (target->flags & TARGET_MGS)
		exports_clear(simd);
	target->claimed_by = -1;
	target->device_number = st.st_dev;
	return 0;
}

void targets_release(struct simd *simd, int connection)
{
	for (size_t i = 0; i < TARGETS_MAX; i++) {
		struct target *target = &simd->targets[i];

		if (target->phase == TARGET_CLAIMED && target->claimed_by == connection)
			*target = (struct target){ 0 };
	}
}

static bool client_mounted(void)
{
	FILE *mounts = setmntent("/proc/self/mounts", "re");
	struct mntent *entry;
	bool found = false;

	if (!mounts)
		return false;
	while (!found && (entry = getmntent(mounts)))
		found = !strcmp(entry->mnt_type, "fuse.lustre");
	endmntent(mounts);
	return found;
}

bool targets_busy(struct simd *simd)
{
	targets_sweep(simd);
	for (size_t i = 0; i < TARGETS_MAX; i++) {
		if (simd->targets[i].phase != TARGET_FREE)
			return true;
	}
	return client_mounted();
}

static void wait_idle(struct simd *simd, const struct target *target)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += QUIESCE_SECONDS;
	while (target->users) {
		if (pthread_cond_timedwait(&simd->idle, &simd->lock, &until) == ETIMEDOUT)
			return;
	}
}

int targets_quiesce(struct simd *simd, const char *directory, bool closing)
{
	for (size_t i = 0; i < TARGETS_MAX; i++) {
		struct target *target = &simd->targets[i];

		if (target->phase != TARGET_SERVING || strcmp(target->directory, directory) != 0)
			continue;
		target->closing = closing;
		if (closing)
			wait_idle(simd, target);
		return 0;
	}
	return -ENOENT;
}

static struct target *serving(struct simd *simd, const char *name)
{
	for (size_t i = 0; i < TARGETS_MAX; i++) {
		struct target *target = &simd->targets[i];

		if (target->phase == TARGET_SERVING && !target->closing &&
		    (name ? !strcmp(target->name, name) : target->flags & TARGET_MGS))
			return target;
	}
	return NULL;
}

int targets_get(struct simd *simd, const char *name, struct target **ret_target)
{
	struct target *target;
	int fd = -ENODEV;

	pthread_mutex_lock(&simd->lock);
	target = serving(simd, name);
	if (target)
		fd = open_root(target);
	if (fd >= 0) {
		target->users++;
		*ret_target = target;
	}
	pthread_mutex_unlock(&simd->lock);
	return fd;
}

void targets_put(struct simd *simd, struct target *target, int root)
{
	close(root);
	pthread_mutex_lock(&simd->lock);
	target->users--;
	pthread_cond_broadcast(&simd->idle);
	pthread_mutex_unlock(&simd->lock);
}
