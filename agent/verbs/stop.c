/* SPDX-License-Identifier: Apache-2.0 */

/* The verbs that undo: stop unmounts in order, clean forgets the node before an AMI is baked from
 * it. */

#include "base/cleanup.h"
#include "base/process.h"
#include "converge.h"
#include "effect/unit_file.h"
#include "verbs/boot_file.h"
#include "verbs/verbs.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static int stop_unit(const char *mount_point, struct error *err)
{
	cleanup(process_output_done) struct process_output output = { 0 };
	char unit[UNIT_NAME_MAX];
	const char *const argv[] = { "systemctl", "stop", unit, NULL };
	int r = unit_file_name(mount_point, unit, sizeof(unit));

	if (r < 0)
		return error_errno(err, r, "%s", mount_point);
	/* A target whose clients are away takes its time; a deadline would leave it half unmounted.
	 */
	r = process_run(argv, PROCESS_FOREVER, &output, err);
	if (r == 0 && (output.end != PROCESS_EXITED || output.code != 0))
		r = error_set(err, -EIO, "%s is still mounted: %s", mount_point, output.errors);
	return r;
}

/* Last mounted, first unmounted: client, OSTs, MDT, MGT. */
static int stop_all(const struct status *status, struct error *err)
{
	int r = 0;

	for (size_t i = status->standing_count; i > 0 && r == 0; i--) {
		const struct standing *standing = &status->standings[i - 1];

		if (!boot_file_is_mounted(standing->mount_point))
			continue;
		r = stop_unit(standing->mount_point, err);
		if (r == 0)
			printf("%s unmounted from %s\n", standing->name, standing->mount_point);
	}
	return r;
}

static int fail(const struct error *err)
{
	fprintf(stderr, "lustre-init: %s\n", err->text);
	return EXIT_FAILED;
}

int verb_stop(const struct arguments *arguments)
{
	struct status *status = calloc(1, sizeof(*status));
	cleanup(close_fd) int lock = -1;
	struct error err = { .text = "out of memory" };
	int r = status ? converge_lock(&lock, &err) : -ENOMEM;

	(void)arguments;
	if (r == 0)
		r = boot_file_read(status, &err);
	if (r == 0) {
		r = stop_all(status, &err);
		status_done(status);
	}
	free(status);
	return r < 0 ? fail(&err) : EXIT_DONE;
}

static int forget(const char *path, struct error *err)
{
	if (unlink(path) < 0 && errno != ENOENT)
		return error_errno(err, -errno, "cannot remove %s", path);
	printf("%s forgotten\n", path);
	return 0;
}

static bool is_anything_mounted(const struct status *status, struct error *err)
{
	for (size_t i = 0; i < status->standing_count; i++) {
		if (!boot_file_is_mounted(status->standings[i].mount_point))
			continue;
		error_set(err, -EBUSY, "%s is mounted at %s; run lustre-init stop first",
			  status->standings[i].name, status->standings[i].mount_point);
		return true;
	}
	return false;
}

/* The disks are left as they are: an AMI has no instance store, and a live node's data is not ours
 * to wipe. */
int verb_clean(const struct arguments *arguments)
{
	struct status *status = calloc(1, sizeof(*status));
	cleanup(close_fd) int lock = -1;
	struct error err = { .text = "out of memory" };
	int r = status ? converge_lock(&lock, &err) : -ENOMEM;
	bool mounted = false;

	(void)arguments;
	if (r == 0 && boot_file_read(status, /* err= */ NULL) == 0) {
		mounted = is_anything_mounted(status, &err);
		status_done(status);
	}
	free(status);
	if (r < 0 || mounted)
		return fail(&err);
	r = forget(NODE_STATE_PATH, &err);
	if (r == 0)
		r = forget(REPORT_BOOT_PATH, &err);
	return r < 0 ? fail(&err) : EXIT_DONE;
}
