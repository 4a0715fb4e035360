/* SPDX-License-Identifier: Apache-2.0 */
#include "decide/client.h"

#include "model/mgs_answer.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* "10.0.0.10@tcp:10.0.0.11@tcp:/lustrewt" */
static void format_source(const struct words *nids, const char *fsname, char *source, size_t size)
{
	size_t used = 0;

	for (size_t i = 0; i < nids->count && used < size; i++)
		used += (size_t)snprintf(source + used, size - used, "%s%s", i > 0 ? ":" : "",
					 nids->items[i]);
	if (used < size)
		snprintf(source + used, size - used, ":/%s", fsname);
}

/* mount.lustre shows what a host name resolved to, which is not known here. */
static bool has_host_name(const struct words *nids)
{
	for (size_t i = 0; i < nids->count; i++)
		if (mgs_nid_has_name(nids->items[i]))
			return true;
	return false;
}

static bool is_same_source(const char *mounted, const char *source, const struct words *nids)
{
	const char *is = strstr(mounted, ":/"), *shall_be = strstr(source, ":/");

	if (strcmp(mounted, source) == 0)
		return true;
	return has_host_name(nids) && is && shall_be && strcmp(is, shall_be) == 0;
}

int client_plan(const struct planner_input *input, const struct words *nids, struct plan *plan)
{
	const struct spec *spec = input->spec;
	struct plan_client *client = &plan->client;
	const struct mount_point *mount;

	if (!(spec->roles & ROLE_CLIENT))
		return 0;
	client->wanted = true;
	memcpy(client->fsname, spec->fsname, sizeof(client->fsname));
	format_source(nids, spec->fsname, client->source, sizeof(client->source));
	if (spec->mount_point[0] != '\0')
		snprintf(client->mount_point, sizeof(client->mount_point), "%s", spec->mount_point);
	else
		snprintf(client->mount_point, sizeof(client->mount_point), "/mnt/%s", spec->fsname);
	mount = facts_mount_at(input->facts, client->mount_point);
	client->mounted = mount && is_same_source(mount->source, client->source, nids);
	if (mount && !client->mounted)
		return plan_refuse(plan, REFUSAL_MOUNT_POINT, CLIENT_NAME,
				   "Unmount it, or set mount-point to another directory.",
				   "%s is the mount point of %s", client->mount_point,
				   mount->source);
	return words_copy(&client->mount_options, &spec->mount_options);
}

bool client_is_due(const struct plan *plan)
{
	for (size_t i = 0; i < plan->target_count; i++)
		if (plan_refuses(plan, plan->targets[i].name))
			return false;
	return plan->client.wanted && !plan->client.mounted && !plan_refuses(plan, CLIENT_NAME);
}
