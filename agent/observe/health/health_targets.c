/* SPDX-License-Identifier: Apache-2.0 */
#include "observe/health/health_look.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "base/text.h"
#include "base/tree.h"
#include "model/mount_look.h"
#include "observe/storage/mounts.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEALTH_CHECK_SIZE_MAX 262144 /* an MDT names each OST that has not come yet */
#define RECOVERY_SIZE_MAX     16384

/* False for what is not there, and what is no number. */
static bool read_number(const char *root, const char *path, uint64_t *ret)
{
	char line[32], *end;

	if (!file_read_line(root, path, line, sizeof(line)) || !isdigit((unsigned char)line[0]))
		return false;
	errno = 0;
	*ret = strtoull(line, &end, 10);
	return *end == '\0' && errno == 0 && *ret <= INT64_MAX;
}

static bool read_kib(const char *root, const char *path, uint64_t *ret)
{
	uint64_t kib;

	if (!read_number(root, path, &kib) || kib > INT64_MAX / 1024)
		return false;
	*ret = kib * 1024;
	return true;
}

/* The last of those mounted at a place is the one that is seen there. */
static const struct mount_point *find_mount(const struct facts *facts, const char *place)
{
	for (size_t i = facts->mount_count; i > 0; i--)
		if (strcmp(facts->mounts[i - 1].target, place) == 0)
			return &facts->mounts[i - 1];
	return NULL;
}

/* A place alone proves nothing: what is mounted there has to be what apply mounted. */
static bool is_target(const char *root, const struct applied_target *applied,
		      const struct mount_point *mount)
{
	char device[DISK_NAME_MAX];

	if (applied->role == APPLIED_CLIENT)
		return mount_is_client_type(mount->fstype) &&
		       mount_is_source(mount->source, applied->source);
	if (!mount_is_target_type(mount->fstype))
		return false;
	if (strcmp(mount->source, applied->source) == 0)
		return true;
	return tree_device_name(root, applied->source, device, sizeof(device)) == 0 &&
	       device[0] != '\0' && strcmp(device, mount->device) == 0;
}

/* Of the backend: so a target that is being set up or stopped has them, and an MGT does, too. */
static void read_space(const char *root, const char *name, struct health_space *space)
{
	const struct {
		const char *file;
		bool (*read)(const char *root, const char *path, uint64_t *ret);
		uint64_t *value;
	} rows[] = {
		{ "kbytestotal", read_kib, &space->total_bytes },
		{ "kbytesavail", read_kib, &space->free_bytes },
		{ "filestotal", read_number, &space->total_inodes },
		{ "filesfree", read_number, &space->free_inodes },
	};
	char path[PATH_MAX];

	space->known = true;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		snprintf(path, sizeof(path), "/sys/fs/lustre/osd-ldiskfs/%s/%s", name,
			 rows[i].file);
		space->known = space->known && rows[i].read(root, path, rows[i].value);
	}
	if (!space->known)
		*space = (struct health_space){ 0 };
}

/* "status: RECOVERING", and lines of numbers; of procfs, or of debugfs, by Lustre's version. */
static void read_recovery(const char *root, const char *type, const char *name, char *recovery,
			  size_t size)
{
	static const char *const folders[] = { "/proc/fs/lustre", "/sys/kernel/debug/lustre" };
	cleanup(free_pointer) char *text = NULL;
	char path[PATH_MAX];
	const char *status;

	for (size_t i = 0; !text && i < sizeof(folders) / sizeof(folders[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s/%s/recovery_status", folders[i], type, name);
		file_read(root, path, RECOVERY_SIZE_MAX, &text, /* ret_size= */ NULL, NULL);
	}
	if (!text)
		return;
	status = strncmp(text, "status:", 7) == 0 ? text + 7 : "";
	status += strspn(status, " ");
	text_copy_line(recovery, size, status, strcspn(status, "\n"));
}

/* Lustre hides the options of the file system below: it tells of them by a letter. */
static bool is_stopped_by_error(const char *root, const char *type, const char *name)
{
	char path[PATH_MAX], state[32];

	snprintf(path, sizeof(path), "/sys/fs/lustre/%s/%s/statfs_state", type, name);
	return file_read_line(root, path, state, sizeof(state)) && strchr(state, 'R');
}

static uint64_t read_fs_errors(const char *root, const char *device)
{
	static const char *const types[] = { "ldiskfs", "ext4" };
	char path[PATH_MAX];
	uint64_t errors;

	for (size_t i = 0; device[0] != '\0' && i < sizeof(types) / sizeof(types[0]); i++) {
		snprintf(path, sizeof(path), "/sys/fs/%s/%s/errors_count", types[i], device);
		if (read_number(root, path, &errors))
			return errors;
	}
	return 0;
}

static void look_at_server(const char *root, struct health_target *target)
{
	const char *type = target->role == APPLIED_OST ? "obdfilter" : "mdt";
	char path[PATH_MAX], line[8];

	read_space(root, target->name, &target->space);
	target->fs_errors = read_fs_errors(root, target->device);
	if (target->role == APPLIED_MGT)
		return;
	read_recovery(root, type, target->name, target->recovery, sizeof(target->recovery));
	target->read_only = target->read_only || is_stopped_by_error(root, type, target->name);
	snprintf(path, sizeof(path), "/sys/fs/lustre/%s/%s/degraded", type, target->name);
	target->degraded = file_read_line(root, path, line, sizeof(line)) && strcmp(line, "0") != 0;
}

/*
 * Lustre's own mount of a target is read-only in 2.15, and in newer versions until its options are
 * shown for the first time, whatever the file system below it is (source: obd_mount_server.c,
 * server_fill_super_common()).
 */
static bool is_shown_read_only(const struct mount_point *mount, enum applied_role role)
{
	return mount->read_only &&
	       (role == APPLIED_CLIENT || strncmp(mount->fstype, "lustre", strlen("lustre")) != 0);
}

static int look_at_target(const char *root, const struct facts *facts,
			  const struct applied_target *applied, struct health_target *target)
{
	const struct mount_point *mount = find_mount(facts, applied->mount_point);
	int r = 0;

	text_set(target->name, sizeof(target->name), "%s", applied->name);
	target->role = applied->role;
	target->mounted = mount && is_target(root, applied, mount);
	target->read_only = target->mounted && is_shown_read_only(mount, applied->role);
	if (applied->role == APPLIED_CLIENT)
		return 0;
	/* Also of one that is gone: what its volume lies on is still of interest. */
	r = tree_device_name(root, applied->source, target->device, sizeof(target->device));
	if (r == 0 && target->mounted)
		look_at_server(root, target);
	return r;
}

#define LBUG "LBUG" /* the last word where Lustre stopped by a bug of its own: all of it is ill */

static bool is_osd_of(const char *device, const struct health_target *target)
{
	const size_t length = strlen(target->name);

	return strncmp(device, target->name, length) == 0 && strcmp(device + length, "-osd") == 0;
}

/* Its own device, that of its file system, or the threads that serve all of its kind. */
static bool is_device_of(const char *device, const struct health_target *target)
{
	if (strcmp(device, LBUG) == 0)
		return target->role != APPLIED_CLIENT;
	if (strcmp(device, "OSS") == 0)
		return target->role == APPLIED_OST;
	if (strcmp(device, "MDS") == 0)
		return target->role == APPLIED_MDT;
	return strcmp(device, target->name) == 0 || is_osd_of(device, target);
}

/*
 * That of the file system is so where this is read-only, which of an MDT and an MGT nothing else
 * tells (source: lustre/osd-ldiskfs/osd_handler.c, osd_health_check()).
 */
static void mark_unhealthy(const char *device, struct health *health)
{
	for (size_t i = 0; i < health->target_count; i++) {
		struct health_target *target = &health->targets[i];

		if (!is_device_of(device, target))
			continue;
		target->unhealthy = true;
		target->read_only |= target->mounted && is_osd_of(device, target);
	}
}

/*
 * "device lustrewt-OST0000 reported unhealthy", a line for each, and a last word. Returns whether
 * it could be read; *named: whether a device was.
 */
static bool take_health_check(const char *root, const char *path, struct health *health,
			      bool *named)
{
	cleanup(free_pointer) char *text = NULL;
	char *line, *rest, name[64];

	if (file_read(root, path, HEALTH_CHECK_SIZE_MAX, &text, /* ret_size= */ NULL, NULL) < 0)
		return false;
	for (line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		if (sscanf(line, "device %63s reported unhealthy", name) != 1) {
			text_copy(health->health_check, sizeof(health->health_check), line);
			continue;
		}
		*named = true;
		mark_unhealthy(name, health);
	}
	return true;
}

/*
 * sysfs has the last word alone, and debugfs the names (source: lustre/obdclass/obd_sysfs.c); old
 * Lustre has both in one. Without names nothing is known of a target: the word is the node's, and
 * an MDT whose OSTs have yet to come is enough for it.
 */
static void read_health_check(const char *root, struct health *health)
{
	bool named = false;

	if (!take_health_check(root, "/sys/fs/lustre/health_check", health, &named))
		return;
	if (strcmp(health->health_check, LBUG) == 0)
		mark_unhealthy(LBUG, health);
	if (named || strcmp(health->health_check, "NOT HEALTHY") != 0)
		return;
	if (!take_health_check(root, "/sys/kernel/debug/lustre/health_check", health, &named))
		health->health_check[0] = '\0';
}

static int look_at_all(const struct health_look *look, const struct facts *facts,
		       const struct applied *applied, struct health *health, struct error *err)
{
	int r = 0;

	health->targets = calloc(applied->target_count + 1, sizeof(*health->targets));
	if (!health->targets)
		return error_set(err, -ENOMEM, "out of memory");
	for (size_t i = 0; r == 0 && i < applied->target_count; i++) {
		r = look_at_target(look->root, facts, &applied->targets[i],
				   &health->targets[health->target_count++]);
		if (r < 0)
			error_errno(err, r, "cannot look at %s", applied->targets[i].name);
	}
	if (r == 0)
		read_health_check(look->root, health);
	return r;
}

int health_look_at_targets(const struct health_look *look, const struct applied *applied,
			   struct health *health, struct error *err)
{
	struct facts facts = { 0 };
	int r = mounts_read(look->root, &facts.mounts, &facts.mount_count, err);

	if (r < 0)
		return r;
	r = look_at_all(look, &facts, applied, health, err);
	facts_done(&facts);
	return r;
}
