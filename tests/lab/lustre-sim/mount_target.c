// SPDX-License-Identifier: Apache-2.0
#include "mount_target.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "disk.h"
#include "kernel_log.h"
#include "ldiskfs.h"
#include "local.h"
#include "registration.h"
#include "tool_time.h"

struct target_mount {
	const struct conf *conf;
	const struct mount_request *request;
	struct mountdata data;
	int simd;  /* the connection that holds our claim */
	int mount; /* the detached file system, later attached */
	bool attached;
	struct registration registration;
	char nids[NIDS_SIZE];
};

static int read_target(const struct mount_request *request, struct mountdata *ret_data,
		       bool *ret_told)
{
	char label[LABEL_SIZE];

	*ret_told = true;
	if (disk_read_mountdata(request->source, ret_data) < 0 ||
	    disk_label(request->source, label) < 0) {
		fprintf(stderr,
			"mount.lustre: %s has not been formatted with mkfs.lustre or the backend "
			"filesystem type is not supported by this tool\n",
			request->source);
		return ENODEV;
	}
	if (ret_data->flags & FLAG_NEED_INDEX) {
		fprintf(stderr,
			"mount.lustre: %s has no index assigned (probably formatted with old "
			"mkfs)\n",
			request->source);
		return EINVAL;
	}
	mountdata_apply_label(ret_data, label);
	if (strlen(ret_data->svname) < 8 && strcmp(ret_data->svname, "MGS") != 0) {
		fprintf(stderr, "mount.lustre: invalid name '%s'\n", ret_data->svname);
		return EINVAL;
	}
	*ret_told = false;
	return 0;
}

static int simd_call(struct target_mount *target, enum operation operation, struct message *message)
{
	int32_t status;
	int r = wire_call(target->simd, operation, message, &status);

	return r < 0 ? r : status;
}

static int claim(struct target_mount *target)
{
	struct message message = { 0 };
	int r;

	target->simd = local_connect(target->conf);
	if (target->simd < 0)
		return target->simd;
	put_string(&message, target->data.svname);
	r = simd_call(target, OP_TARGET_CLAIM, &message);
	if (r == 0)
		target->registration.others = get_u32(&message) > 0;
	message_done(&message);
	return r;
}

static int start_serving(struct target_mount *target)
{
	struct message message = { 0 };
	int r;

	put_string(&message, target->data.svname);
	put_string(&message, target->data.fsname);
	put_u32(&message, target->data.flags);
	put_string(&message, target->request->source);
	put_string(&message, target->request->directory);
	r = simd_call(target, OP_TARGET_START, &message);
	message_done(&message);
	return r;
}

/* A line of /run/mount/utab makes umount(8) call umount.lustre, which knows of requests under way.
 */
static void note_helper(const struct mount_request *request)
{
	int lock, fd;

	if (strpbrk(request->source, " \t\\") || strpbrk(request->directory, " \t\\"))
		return;
	mkdir("/run/mount", 0755);
	lock = open("/run/mount/utab.lock", O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	if (lock < 0)
		return;
	flock(lock, LOCK_EX);
	fd = open("/run/mount/utab", O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
	if (fd >= 0) {
		dprintf(fd, "SRC=%s TARGET=%s ROOT=/ OPTS=helper=lustre\n", request->source,
			request->directory);
		close(fd);
	}
	close(lock);
}

static int attach(struct target_mount *target)
{
	int r = ldiskfs_attach(target->mount, target->request->directory);

	if (r < 0)
		return r;
	target->attached = true;
	r = start_serving(target);
	if (r == 0 && !target->conf->private_run)
		note_helper(target->request);
	return r;
}

static enum tool_time time_of(const struct target_mount *target)
{
	const struct mountdata *data = &target->data;

	if (!(data->flags & FLAG_FIRST_TIME) || !(data->flags & (TARGET_MDT | TARGET_OST)))
		return TOOL_TIME_MOUNT;
	return data->flags & TARGET_MDT ? TOOL_TIME_MOUNT_NEW_MDT : TOOL_TIME_MOUNT_NEW_OST;
}

static bool has_service(const struct target_mount *target)
{
	return (target->data.flags & (TARGET_MDT | TARGET_OST)) && !target->request->no_service;
}

static void log_started(const struct target_mount *target)
{
	const char *name = target->data.svname;

	kernel_info(target->conf,
		    "LDISKFS-fs (%s): mounted filesystem r/w with ordered data mode. Quota mode: "
		    "journalled.",
		    strrchr(target->request->source, '/') + 1);
	/* Without an NI it serves whom the NIs to come will bring (facts 12). */
	if (target->data.flags & TARGET_MGS && target->nids[0] == '\0') {
		kernel_error(target->conf,
			     "LustreError: MGS: error adding to nodemap, no valid NIDs found: rc = "
			     "%d",
			     -EINVAL);
		kernel_error(target->conf,
			     "LustreError: MGC0@<0:0>: operation mgs_connect to node 0@lo failed: "
			     "rc = %d",
			     -EINVAL);
	}
	if (!has_service(target))
		return;
	if (!target->registration.local_log) {
		kernel_info(target->conf, "Lustre: %s: new disk, initializing", name);
		kernel_info(target->conf,
			    "Lustre: srv-%s: No data found on store. Initialize space.", name);
	}
	kernel_info(target->conf,
		    "Lustre: %s: Imperative Recovery not enabled, recovery window 300-900", name);
}

static void own_nids(struct target_mount *target)
{
	struct lnet_state state;
	struct nid nids[NIDS_MAX];

	local_lnet_state(target->conf, &state);
	for (size_t i = 0; i < state.count; i++)
		nids[i] = state.nis[i].nid;
	nid_list_format(nids, state.count, target->nids, sizeof(target->nids));
}

/* The file system first, then the MGS, and only then does the mount point show anything. A target
 * that is its own MGS has to serve before it can register. */
static int bring_up(struct target_mount *target)
{
	const struct mountdata *data = &target->data;
	bool mgs = data->flags & TARGET_MGS;
	double began = monotonic_seconds();
	int r;

	target->mount = ldiskfs_mount(target->request->source, target->request->attributes);
	if (target->mount < 0)
		return target->mount;
	if (data->flags & FLAG_UPDATE)
		ldiskfs_clear_update(target->mount, data);
	r = ldiskfs_make_index_files(target->mount);
	/* Before anything shows, here or at the MGS. */
	if (r == 0)
		tool_time_fill(target->conf, time_of(target), began);
	if (r == 0 && mgs)
		r = attach(target);
	target->registration.local_log = ldiskfs_has_local_log(target->mount, data);
	own_nids(target);
	if (r == 0 && has_service(target))
		r = registration_run(target->conf, &target->registration);
	if (r == 0)
		r = ldiskfs_make_service_files(target->mount, data, target->nids);
	if (r == 0 && !mgs)
		r = attach(target);
	return r;
}

/* Also when the flags did not ask for it: the journal may have brought back an older label. */
static void set_label(struct target_mount *target)
{
	char label[LABEL_SIZE];
	size_t length;

	if (!has_service(target) || disk_label(target->request->source, label) < 0)
		return;
	length = strlen(label);
	if (length >= 8 && label[length - 8] != '-')
		ldiskfs_set_label(target->mount, target->data.svname);
}

static void tear_down(struct target_mount *target)
{
	struct message message = { 0 };

	if (target->attached) {
		put_string(&message, target->request->directory);
		simd_call(target, OP_TARGET_QUIESCE, &message);
		message_done(&message);
		close(target->mount);
		target->mount = -1;
		umount2(target->request->directory, 0);
	}
}

int mount_target(const struct conf *conf, const struct mount_request *request, bool *ret_told)
{
	struct target_mount target = { .conf = conf, .request = request, .simd = -1, .mount = -1 };
	int r = read_target(request, &target.data, ret_told);

	if (r)
		return r;
	target.registration.data = &target.data;
	target.registration.nids = target.nids;
	r = local_autoload(conf);
	if (r == 0)
		r = claim(&target);
	if (r == 0)
		r = bring_up(&target);
	if (r == 0) {
		set_label(&target);
		log_started(&target);
	} else {
		tear_down(&target);
	}
	if (target.mount >= 0)
		close(target.mount);
	if (target.simd >= 0)
		close(target.simd);
	return -r;
}
