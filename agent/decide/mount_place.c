/* SPDX-License-Identifier: Apache-2.0 */
#include "decide/mount_place.h"

#include "base/text.h"
#include "base/unit_name.h"
#include "decide/client.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const struct place_link *find_link(const struct facts *facts, const char *path,
					  size_t length)
{
	for (size_t i = 0; i < facts->link_count; i++)
		if (strlen(facts->links[i].path) == length &&
		    strncmp(facts->links[i].path, path, length) == 0)
			return &facts->links[i];
	return NULL;
}

/* The link of the place itself, or of the nearest directory above it that is one. */
static const struct place_link *link_of(const struct facts *facts, const char *path,
					const char **ret_below)
{
	const struct place_link *link = NULL;

	for (size_t length = strlen(path); length > 0 && !link; length--) {
		if (path[length] != '\0' && path[length] != '/')
			continue;
		*ret_below = path + length;
		link = find_link(facts, path, length);
	}
	return link;
}

static int refuse_path(const struct place_link *link, const char *name, const char *mount_point,
		       const char *trouble, struct plan *plan)
{
	return plan_refuse(plan, REFUSAL_MOUNT_POINT, name,
			   "Make it a directory, or set mount-point to another one.",
			   "nothing can be mounted at %s%s%s: %s", mount_point,
			   link->real[0] ? ", which leads to " : "", link->real, trouble);
}

int mount_place_resolve(const struct planner_input *input, const char *name,
			char mount_point[PATH_TEXT_MAX], struct plan *plan)
{
	char real[PATH_TEXT_MAX];
	const char *below;
	const struct place_link *link = link_of(input->facts, mount_point, &below);
	struct error why;

	if (!link)
		return 0;
	if (link->trouble[0] != '\0')
		return refuse_path(link, name, mount_point, link->trouble, plan);
	/* "/" and what is below it has one slash. */
	if (text_format(real, sizeof(real), "%s%s",
			below[0] != '\0' && strcmp(link->real, "/") == 0 ? "" : link->real,
			below) < 0)
		return refuse_path(link, name, mount_point, "the path is too long", plan);
	if (mount_point_check(real, &why) < 0)
		return refuse_path(link, name, mount_point, why.text, plan);
	memcpy(mount_point, real, sizeof(real));
	return 0;
}

/* Its file's name, or of a drop-in: of that unit, of all below a directory ("srv-.mount.d"), or of
 * all mounts. */
static bool decides_over(const char *file, const char *unit)
{
	const char *slash = strrchr(file, '/');
	const char *name = slash ? slash + 1 : file;
	const char *end = strstr(name, "-.mount.d");
	size_t length = strlen(unit);

	if (strcmp(name, "mount.d") == 0)
		return true;
	if (strncmp(name, unit, length) == 0 &&
	    (name[length] == '\0' || strcmp(name + length, ".d") == 0))
		return true;
	return end && end[strlen("-.mount.d")] == '\0' &&
	       strncmp(name, unit, (size_t)(end - name) + 1) == 0;
}

static int check_units(const struct planner_input *input, const char *name, const char *mount_point,
		       struct plan *plan)
{
	const struct words *files = &input->facts->mount_units;
	char unit[UNIT_NAME_MAX];

	if (unit_name_from_path(mount_point, unit) < 0)
		return plan_refuse(plan, REFUSAL_MOUNT_POINT, name,
				   "Set mount-point to a shorter path.",
				   "%s is too long for the name of a mount unit", mount_point);
	for (size_t i = 0; i < files->count; i++)
		if (decides_over(files->items[i], unit))
			return plan_refuse(
				plan, REFUSAL_MOUNT_POINT, name,
				"Take that file away and run systemctl daemon-reload, or set "
				"mount-point to another directory.",
				"%s decides over the mount at %s, and not the unit that "
				"lustre-init "
				"writes for it",
				files->items[i], mount_point);
	return 0;
}

static int check_others(const char *name, const char *mount_point, struct plan *plan)
{
	for (size_t i = 0; i < plan->target_count; i++)
		if (strcmp(plan->targets[i].name, name) != 0 &&
		    strcmp(plan->targets[i].mount_point, mount_point) == 0)
			return plan_refuse(plan, REFUSAL_MOUNT_POINT, name,
					   "Make them two directories.",
					   "%s is the mount point of %s as well", mount_point,
					   plan->targets[i].name);
	return 0;
}

static bool is_below(const char *path, const char *directory)
{
	size_t length = strlen(directory);

	return strncmp(path, directory, length) == 0 && path[length] == '/';
}

/* What is mounted below the place would be there still, and nobody would get at it. */
static int check_hidden(const struct facts *facts, const char *name, const char *mount_point,
			struct plan *plan)
{
	const char *first = NULL;
	char others[32] = "";
	size_t count = 0;

	for (size_t i = 0; i < facts->mount_count; i++) {
		const char *target = facts->mounts[i].target;

		if (!is_below(target, mount_point))
			continue;
		count++;
		if (!first || strcmp(target, first) < 0)
			first = target;
	}
	if (count == 0)
		return 0;
	if (count > 1)
		snprintf(others, sizeof(others), " and %zu more", count - 1);
	return plan_refuse(plan, REFUSAL_MOUNT_POINT, name,
			   "Unmount what is below it, or set mount-point to another directory.",
			   "a mount at %s would hide what is mounted at %s%s", mount_point, first,
			   others);
}

/*
 * A line for the place itself would be in the way of our unit. One below a client's may be mounted
 * after it, on a directory of Lustre; below a target there are none.
 */
static int check_fstab(const struct facts *facts, const char *name, const char *mount_point,
		       struct plan *plan)
{
	bool is_client = strcmp(name, CLIENT_NAME) == 0;
	const char *line = NULL;

	for (size_t i = 0; i < facts->fstab.count; i++) {
		const char *path = facts->fstab.items[i];

		if (strcmp(path, mount_point) == 0 ||
		    (!line && !is_client && is_below(path, mount_point)))
			line = path;
	}
	if (!line)
		return 0;
	return plan_refuse(plan, REFUSAL_MOUNT_POINT, name,
			   "Take the line out and run systemctl daemon-reload; lustre-init needs "
			   "none.",
			   "/etc/fstab has a line for %s", line);
}

int mount_place_check(const struct planner_input *input, const char *name, const char *mount_point,
		      struct plan *plan)
{
	int r = check_units(input, name, mount_point, plan);

	if (r == 0)
		r = check_fstab(input->facts, name, mount_point, plan);
	if (r == 0)
		r = check_hidden(input->facts, name, mount_point, plan);
	return r == 0 ? check_others(name, mount_point, plan) : r;
}
