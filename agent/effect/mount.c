/* SPDX-License-Identifier: Apache-2.0 */
#include "effect/mount.h"

#include "base/cleanup.h"
#include "base/errno_text.h"
#include "base/file.h"
#include "base/text.h"
#include "effect/manager.h"
#include "effect/unit_file.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define UNIT_TEXT_MAX 65536

/* What is there already is left alone: systemd goes by the file's time, too. Whether another text
 * was there is in *ret_replaced. */
static int write_text(const char *path, const char *text, bool *ret_replaced, struct error *err)
{
	cleanup(free_pointer) char *before = NULL;
	bool was = file_read("", path, UNIT_TEXT_MAX, &before, /* ret_size= */ NULL,
			     /* err= */ NULL) == 0;

	*ret_replaced = was && strcmp(before, text) != 0;
	return was && !*ret_replaced ? 0 : file_replace(path, text, strlen(text), 0644, err);
}

static int write_unit(const struct apply_options *options, const char *description,
		      const char *what, const char *where, const struct words *mount_options,
		      const char *after, bool *ret_changed, struct error *err)
{
	cleanup(free_pointer) char *text = NULL;
	char name[UNIT_NAME_MAX], path[PATH_MAX];
	bool replaced;
	int r;

	if (unit_file_name(where, name, sizeof(name)) < 0)
		return error_set(err, -ENAMETOOLONG, "mount point %s is too long for a unit's name",
				 where);
	r = unit_file_text(description, what, where, mount_options, after, &text);
	if (r < 0)
		return error_errno(err, r, "cannot make the unit of %s", where);
	r = text_format(path, sizeof(path), "%s/%s", options->unit_directory, name);
	if (r < 0)
		return error_errno(err, r, "%s/%s", options->unit_directory, name);
	r = write_text(path, text, &replaced, err);
	*ret_changed = *ret_changed || replaced;
	return r;
}

static int write_all(const struct apply_options *options, bool *ret_changed, struct error *err)
{
	const struct plan *plan = options->plan;
	const struct plan_client *client = &plan->client;
	const char *after = NULL;
	char description[128 + sizeof(client->fileset)];
	int r = 0;

	for (size_t i = 0; i < plan->target_count && r == 0; i++) {
		const struct plan_target *target = &plan->targets[i];

		if (target->device[0] == '\0')
			continue;
		snprintf(description, sizeof(description), UNIT_TARGET_DESCRIPTION "%s",
			 target->name);
		r = write_unit(options, description, target->device, target->mount_point,
			       &target->mount_options, after, ret_changed, err);
		after = target->mount_point;
	}
	if (r < 0 || !client->wanted)
		return r;
	snprintf(description, sizeof(description), "Lustre file system %s%s", client->fsname,
		 client->fileset);
	return write_unit(options, description, client->source, client->mount_point,
			  &client->mount_options, after, ret_changed, err);
}

static bool has_another(const struct apply_options *options, sd_bus *bus, const char *where)
{
	char name[UNIT_NAME_MAX], path[PATH_MAX];

	return unit_file_name(where, name, sizeof(name)) >= 0 &&
	       text_format(path, sizeof(path), "%s/%s", options->unit_directory, name) >= 0 &&
	       manager_has_another(bus, name, path);
}

/*
 * systemd looks for a unit that it does not know when it is started. Only what it knows otherwise
 * it has to be told of, whether a file was there before or not: a reload costs as much as all other
 * steps together (measured).
 */
static bool has_others(const struct apply_options *options, sd_bus *bus)
{
	const struct plan *plan = options->plan;

	for (size_t i = 0; i < plan->target_count; i++)
		if (plan->targets[i].device[0] != '\0' &&
		    has_another(options, bus, plan->targets[i].mount_point))
			return true;
	return plan->client.wanted && has_another(options, bus, plan->client.mount_point);
}

static int on_reloaded(sd_bus_message *reply, void *userdata, sd_bus_error *bus_error)
{
	struct step *step = userdata;
	const sd_bus_error *error = sd_bus_message_get_error(reply);

	(void)bus_error;
	step_count_as_tool(step);
	if (error)
		step_fail_passing(step, sd_bus_error_get_errno(error),
				  "systemd cannot read its units: %s", error->message);
	else
		step_done(step);
	return 0;
}

static void reload(struct step *step, sd_bus *bus)
{
	sd_bus_message *call = NULL;
	int r = manager_new_call(bus, "Reload", &call);

	if (r >= 0)
		r = manager_send(bus, call, /* slot= */ NULL, on_reloaded, step);
	if (r < 0)
		step_fail_passing(step, -r, "cannot ask systemd to read its units: %s",
				  errno_text(-r));
}

int mount_write_units(const struct apply_options *options, bool *ret_changed, struct error *err)
{
	struct error why;
	int r;

	*ret_changed = false;
	r = write_all(options, ret_changed, &why);
	if (r < 0)
		return error_set(
			err, r,
			"%s; nothing was begun without it. Next: df and dmesg tell what %s lacks; "
			"then systemctl restart lustre-init",
			why.text, options->unit_directory);
	return 0;
}

void mount_tell_units(struct step *step)
{
	sd_bus *bus = step_bus(step);

	if (!bus)
		return;
	if (*step->units_changed || has_others(step->options, bus))
		reload(step, bus);
	else
		step_done(step);
}
