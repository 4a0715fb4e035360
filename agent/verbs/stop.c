/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The verbs that undo: stop unmounts in order, clean forgets the node before an AMI is baked from
 * it. Both go by what is mounted now.
 */

#include "base/cleanup.h"
#include "converge.h"
#include "effect/mount_point.h"
#include "news.h"
#include "verbs/own_mounts.h"
#include "verbs/unmounting.h"
#include "verbs/verbs.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define UNIT_DIRECTORY "/run/systemd/system"

/* What is not ours stays, and is no failure; what may be is one. */
static int tell_others(const struct own_mounts *mounts, struct words *failures)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < mounts->count; i++) {
		const struct own_mount *mount = &mounts->items[i];

		if (mount->kind == OWN_MOUNT_STRANGE)
			printf("%s at %s was not mounted by lustre-init, and stays\n", mount->name,
			       mount->target);
		else if (mount->kind == OWN_MOUNT_DOUBTED)
			r = words_addf(failures,
				       "%s at %s stays: whose it is cannot be told: %s; unmount it "
				       "by hand",
				       mount->name, mount->target, mount->doubt);
	}
	return r;
}

/* Each in a line of its own, and where there are several, their number last: who runs us may show
 * the last line alone. */
static int tell_failures(const struct words *failures, struct error *err)
{
	if (failures->count == 0)
		return 0;
	for (size_t i = 0; failures->count > 1 && i < failures->count; i++)
		fprintf(stderr, "lustre-init: %s\n", failures->items[i]);
	if (failures->count > 1)
		return error_set(err, -EIO, "%zu mounts stay, the first: %s", failures->count,
				 failures->items[0]);
	return error_set(err, -EIO, "%s", failures->items[0]);
}

/* systemctl's word alone does not count, nor does a mount that came meanwhile escape. */
static int check_stopped(struct error *err)
{
	cleanup(own_mounts_done) struct own_mounts mounts = { 0 };
	int r = own_mounts_find("", UNIT_DIRECTORY, &mounts, err);

	if (r < 0)
		return r;
	if (mounts.count > 0 && mounts.items[0].kind != OWN_MOUNT_STRANGE)
		return error_set(err, -EBUSY, "%s is still mounted at %s", mounts.items[0].name,
				 mounts.items[0].target);
	return 0;
}

/* Under the lock of the run, so that nothing is mounted meanwhile. */
static int run_locked(const struct arguments *arguments,
		      int (*undo)(const struct arguments *arguments, struct error *err))
{
	cleanup(close_fd) int lock = -1;
	struct error err;
	int r = converge_lock(&lock, &err);
	bool is_busy = r == -EBUSY;

	/* A disk that is attached while the node is worked on mounts nothing. */
	if (r == 0)
		news_mark_none();
	if (r == 0)
		r = undo(arguments, &err);
	if (r < 0)
		fprintf(stderr, "lustre-init: %s\n", err.text);
	if (is_busy)
		return EXIT_BUSY;
	return r < 0 ? EXIT_FAILED : EXIT_DONE;
}

static int stop_all(const struct own_mounts *mounts, unsigned patience_sec, struct error *err)
{
	cleanup(words_done) struct words failures = { 0 };
	int r = unmount_all(mounts, patience_sec * 1000000ULL, &failures, err);

	if (r == 0 && tell_others(mounts, &failures) < 0)
		r = error_set(err, -ENOMEM, "out of memory");
	return r < 0 ? r : tell_failures(&failures, err);
}

static int stop(const struct arguments *arguments, struct error *err)
{
	unsigned patience_sec =
		arguments->timeout_sec ? arguments->timeout_sec : UNMOUNTING_PATIENCE_SEC;
	cleanup(own_mounts_done) struct own_mounts mounts = { 0 };
	int r = own_mounts_find("", UNIT_DIRECTORY, &mounts, err);

	if (r == 0)
		r = stop_all(&mounts, patience_sec, err);
	if (r == 0)
		r = check_stopped(err);
	if (r == 0 && mounts.count == 0)
		puts("nothing is mounted");
	return r;
}

int verb_stop(const struct arguments *arguments)
{
	return run_locked(arguments, stop);
}

static int forget_file(const char *path, struct error *err)
{
	if (unlink(path) < 0 && errno != ENOENT)
		return error_errno(err, -errno, "cannot remove %s", path);
	printf("%s forgotten\n", path);
	return 0;
}

static void on_mount_point(const char *where, const char *left)
{
	if (left)
		printf("%s stays: %s\n", where, left);
	else
		printf("%s removed\n", where);
}

/* What something is mounted on stays as it is. */
static int take_mount_points_away(const struct arguments *arguments, struct error *err)
{
	(void)arguments;
	return mount_point_remove_all("", NODE_MOUNT_POINTS_PATH, on_mount_point, err);
}

/* The disks are left as they are: an AMI has no instance store, and a live node's data is not ours
 * to wipe. */
static int forget(const struct arguments *arguments, struct error *err)
{
	cleanup(own_mounts_done) struct own_mounts mounts = { 0 };
	int r = own_mounts_find("", UNIT_DIRECTORY, &mounts, err);

	if (r == 0)
		r = own_mounts_refuse_any(&mounts, err);
	if (r == 0)
		r = take_mount_points_away(arguments, err);
	if (r == 0)
		r = forget_file(NODE_STATE_PATH, err);
	if (r == 0)
		r = forget_file(REPORT_BOOT_PATH, err);
	return r;
}

int verb_clean(const struct arguments *arguments)
{
	return run_locked(arguments, arguments->mount_points ? take_mount_points_away : forget);
}
