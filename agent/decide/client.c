/* SPDX-License-Identifier: Apache-2.0 */
#include "decide/client.h"

#include "base/text.h"
#include "decide/mount_place.h"
#include "model/mount_look.h"
#include "model/spec/mount_words.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SOURCE_MAX 4095 /* mount(2): a page, with the end */

/* "10.0.0.10@tcp:10.0.0.11@tcp:/lustrewt/sub", whole, in a new text; NULL when out of memory. */
static char *make_source(const struct words *nids, const struct plan_client *client)
{
	char *source = NULL;
	size_t size = 0;
	FILE *stream = nids->failed ? NULL : open_memstream(&source, &size);

	if (!stream)
		return NULL;
	for (size_t i = 0; i < nids->count; i++)
		fprintf(stream, "%s%s", i > 0 ? ":" : "", nids->items[i]);
	fprintf(stream, ":/%s%s", client->fsname, client->fileset);
	if (fclose(stream) != 0) {
		free(source);
		return NULL;
	}
	return source;
}

static int set_source(const struct words *nids, struct plan_client *client, struct error *err)
{
	client->source = make_source(nids, client);
	if (!client->source)
		return -ENOMEM;
	if (strlen(client->source) > SOURCE_MAX)
		return error_set(err, -EINVAL,
				 "mgs: with all of its addresses the source of the client's mount "
				 "has %zu characters, and at most %d are possible; name fewer, or "
				 "addresses in place of names",
				 strlen(client->source), SOURCE_MAX);
	return 0;
}

static int set_mount_point(const struct spec *spec, struct plan_client *client, struct error *err)
{
	bool given = spec->mount_point[0] != '\0';
	int r = text_format(client->mount_point, sizeof(client->mount_point), "%s%s",
			    given ? "" : MOUNT_BASE_CLIENT "/",
			    given ? spec->mount_point : spec->fsname);

	return r < 0 ? error_set(err, -EINVAL, "mount-point: it is too long") : 0;
}

/* The same file system, but another directory of it. */
static bool is_other_fileset(const char *mounted, const struct plan_client *client)
{
	size_t length = strlen(client->fsname);
	const char *path;

	if (!mount_is_of_mgs(mounted, client->source))
		return false;
	path = strstr(mounted, ":/") + 2;
	return strncmp(path, client->fsname, length) == 0 && strchr("/", path[length]) != NULL;
}

static int refuse_occupied(const struct mount_point *mount, struct plan *plan)
{
	const struct plan_client *client = &plan->client;
	bool is_lustre = mount_is_client_type(mount->fstype);

	if (is_lustre && is_other_fileset(mount->source, client))
		return plan_refuse(plan, REFUSAL_DRIFT, CLIENT_NAME,
				   "Unmount it, or set fileset to what is mounted.",
				   "%s is the mount point of %s, and asked for is %s",
				   client->mount_point, mount->source, client->source);
	return plan_refuse(plan, REFUSAL_MOUNT_POINT, CLIENT_NAME,
			   "Unmount it, or set mount-point to another directory.",
			   "%s is the mount point of %s%s%s", client->mount_point, mount->source,
			   is_lustre ? "" : ", of type ", is_lustre ? "" : mount->fstype);
}

static int set_mount_options(const struct spec *spec, struct plan_client *client)
{
	int r = mount_words_add(&client->mount_options, &spec->mount_options, MOUNT_WORD_TARGET);

	return r < 0 ? r
		     : mount_words_add(&client->mount_options, &spec->client_mount_options,
				       MOUNT_WORD_TARGET);
}

int client_plan(const struct planner_input *input, const struct words *nids, struct plan *plan,
		struct error *err)
{
	const struct spec *spec = input->spec;
	struct plan_client *client = &plan->client;
	const struct mount_point *mount;
	int r;

	if (!(spec->roles & ROLE_CLIENT))
		return 0;
	client->wanted = true;
	memcpy(client->fsname, spec->fsname, sizeof(client->fsname));
	memcpy(client->fileset, spec->fileset, sizeof(client->fileset));
	r = set_source(nids, client, err);
	if (r == 0)
		r = set_mount_point(spec, client, err);
	if (r == 0)
		r = mount_place_resolve(input, CLIENT_NAME, client->mount_point, plan);
	if (r < 0)
		return r;
	mount = facts_mount_at(input->facts, client->mount_point);
	client->mounted = mount && mount_is_client_type(mount->fstype) &&
			  mount_is_source(mount->source, client->source);
	client->untuned = client->mounted && mount->untuned;
	if (mount && !client->mounted)
		return refuse_occupied(mount, plan);
	if (!client->mounted &&
	    mount_place_check(input, CLIENT_NAME, client->mount_point, plan) < 0)
		return -ENOMEM;
	return set_mount_options(spec, client);
}

bool client_is_due(const struct plan *plan)
{
	for (size_t i = 0; i < plan->target_count; i++)
		if (plan_refuses(plan, plan->targets[i].name))
			return false;
	return plan->client.wanted && !plan->client.mounted && !plan_refuses(plan, CLIENT_NAME);
}
