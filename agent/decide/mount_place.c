/* SPDX-License-Identifier: Apache-2.0 */
#include "decide/mount_place.h"

#include "base/text.h"
#include "base/unit_name.h"

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

int mount_place_check(const struct planner_input *input, const char *name, const char *mount_point,
		      struct plan *plan)
{
	int r = check_units(input, name, mount_point, plan);

	if (r == 0 && words_contain(&input->facts->fstab, mount_point))
		r = plan_refuse(
			plan, REFUSAL_MOUNT_POINT, name,
			"Take the line out and run systemctl daemon-reload; lustre-init needs "
			"none.",
			"/etc/fstab has a line for %s", mount_point);
	return r == 0 ? check_others(name, mount_point, plan) : r;
}
