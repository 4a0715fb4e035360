/* SPDX-License-Identifier: Apache-2.0 */
#include "verbs/own_unit.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "base/tree.h"
#include "effect/unit_file.h"
#include "model/mount_look.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define UNIT_TEXT_MAX 65536

void own_unit_done(struct own_unit *unit)
{
	free(unit->target);
	*unit = (struct own_unit){ 0 };
}

/* Is that what the unit mounts: the device, or the file system of a client, and its type? */
static bool is_of_unit(const char *root, const char *what, const struct mount_point *mount)
{
	char device[DISK_NAME_MAX];

	if (what[0] != '/')
		return mount_is_client_type(mount->fstype) && mount_is_source(mount->source, what);
	tree_device_name(root, what, device, sizeof(device));
	return mount_is_target_type(mount->fstype) &&
	       (device[0] != '\0' ? strcmp(device, mount->device) == 0
				  : strcmp(what, mount->source) == 0);
}

static int read_unit(const char *root, const char *path, const struct mount_point *mount,
		     struct own_unit *ret, struct error *err)
{
	cleanup(free_pointer) char *text = NULL;
	cleanup(free_pointer) char *what = NULL;
	int r = file_read(root, path, UNIT_TEXT_MAX, &text, /* ret_size= */ NULL, err);

	if (r == 0 && unit_file_is_ours(text))
		what = unit_file_what(text);
	ret->is_there = what && is_of_unit(root, what, mount);
	if (ret->is_there)
		ret->target = unit_file_target(text);
	return r == -ENOENT ? 0 : r;
}

int own_unit_find(const char *root, const char *unit_directory, const struct mount_point *mount,
		  struct own_unit *ret, struct error *err)
{
	char unit[UNIT_NAME_MAX], path[PATH_MAX];
	int r = unit_file_name(mount->target, unit, sizeof(unit));

	*ret = (struct own_unit){ 0 };
	if (r < 0) /* so it can have none */
		return 0;
	if (snprintf(path, sizeof(path), "%s/%s", unit_directory, unit) >= (int)sizeof(path))
		return error_set(err, -ENAMETOOLONG, "%s/%s: path too long", unit_directory, unit);
	return read_unit(root, path, mount, ret, err);
}
