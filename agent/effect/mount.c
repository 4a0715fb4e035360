/* SPDX-License-Identifier: Apache-2.0 */
#include "effect/mount.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "base/text.h"
#include "effect/mounted.h"
#include "effect/unit_file.h"
#include "model/mount_error.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SYSTEMD_SERVICE   "org.freedesktop.systemd1"
#define SYSTEMD_PATH      "/org/freedesktop/systemd1"
#define SYSTEMD_MANAGER   "org.freedesktop.systemd1.Manager"
#define SYSTEMD_MOUNT     "org.freedesktop.systemd1.Mount"
#define BUS_SERVICE       "org.freedesktop.DBus"
#define BUS_PATH          "/org/freedesktop/DBus"
#define BUS_NAME_MAX      256 /* D-Bus specification, "Valid Names" */
#define RELOAD_LIMIT_USEC (120 * 1000000ULL)
#define UNIT_TEXT_MAX     65536

/*
 * systemd looks for a unit that it does not know when it is started, so only one that changed has
 * to be told of: a reload costs as much as all other steps together (measured).
 */
static bool replaces_another(const char *path, const char *text)
{
	cleanup(free_pointer) char *before = NULL;

	return file_read("", path, UNIT_TEXT_MAX, &before, /* ret_size= */ NULL, /* err= */ NULL) ==
		       0 &&
	       strcmp(before, text) != 0;
}

static int write_unit(const struct apply_options *options, const char *description,
		      const char *what, const char *where, const struct words *mount_options,
		      const char *after, bool *ret_changed, struct error *err)
{
	cleanup(free_pointer) char *text = NULL;
	char name[UNIT_NAME_MAX], path[PATH_MAX];
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
	*ret_changed = *ret_changed || replaces_another(path, text);
	return file_replace(path, text, strlen(text), 0644, err);
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
		snprintf(description, sizeof(description), "Lustre target %s", target->name);
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

static int on_reloaded(sd_bus_message *reply, void *userdata, sd_bus_error *bus_error)
{
	struct step *step = userdata;
	const sd_bus_error *error = sd_bus_message_get_error(reply);

	(void)bus_error;
	step_count_as_tool(step);
	if (error)
		step_fail(step, sd_bus_error_get_errno(error), "systemd cannot read its units: %s",
			  error->message);
	else
		step_done(step);
	return 0;
}

void mount_write_units(struct step *step)
{
	bool changed = false;
	struct error err;
	sd_bus *bus;
	int r;

	if (write_all(step->options, &changed, &err) < 0) {
		step_fail(step, -err.code, "%s", err.text);
		return;
	}
	if (!changed) {
		step_done(step);
		return;
	}
	bus = step_bus(step);
	if (!bus)
		return;
	sd_bus_set_method_call_timeout(bus, RELOAD_LIMIT_USEC);
	r = sd_bus_call_method_async(bus, /* slot= */ NULL, SYSTEMD_SERVICE, SYSTEMD_PATH,
				     SYSTEMD_MANAGER, "Reload", on_reloaded, step, "");
	if (r < 0)
		step_fail(step, -r, "cannot ask systemd to read its units: %s",
			  strerrordesc_np(-r));
}

/* What one mount keeps between its callbacks. */
struct mounting {
	char manager[BUS_NAME_MAX]; /* systemd's unique name */
	char unit[UNIT_NAME_MAX];
	char job[128];
	sd_bus_slot *match;
};

static const char *where_of(const struct step *step)
{
	return step->target ? step->target->mount_point : step->options->plan->client.mount_point;
}

/* The exit status of the last ExecMount: a(sasbttttuii), the status last. 0 when there was none. */
static int exec_mount_status(struct step *step, const char *unit)
{
	sd_bus_message *reply = NULL;
	char *path = NULL;
	int status = 0, r;

	r = sd_bus_path_encode(SYSTEMD_PATH "/unit", unit, &path);
	if (r >= 0)
		r = sd_bus_get_property(*step->bus, SYSTEMD_SERVICE, path, SYSTEMD_MOUNT,
					"ExecMount", /* error= */ NULL, &reply, "a(sasbttttuii)");
	if (r >= 0)
		r = sd_bus_message_enter_container(reply, 'a', "(sasbttttuii)");
	if (r >= 0)
		r = sd_bus_message_enter_container(reply, 'r', "sasbttttuii");
	if (r > 0)
		r = sd_bus_message_skip(reply, "sasbttttui");
	if (r >= 0)
		r = sd_bus_message_read(reply, "i", &status);
	sd_bus_message_unref(reply);
	free(path);
	return r >= 0 ? status : 0;
}

static void fail_mount(struct step *step, const char *unit, const char *result)
{
	int status = exec_mount_status(step, unit);
	const struct mount_error *error = mount_error_find(status, /* is_client= */ !step->target);

	if (status > 0)
		step_fail(step, status,
			  "%s (mount.lustre: %d, %s). Next: %s. journalctl -u '%s' has its words",
			  error->sentence, status, strerrorname_np(status), error->next, unit);
	else
		step_fail(step, 0, "mount unit %s ended with %s; journalctl -u '%s' says why", unit,
			  result, unit);
}

/* The unique name of who owns systemd's: only root may, and the bus never gives a unique name
 * twice.
 */
static int find_manager(sd_bus *bus, char name[BUS_NAME_MAX])
{
	sd_bus_message *reply = NULL;
	const char *owner = "";
	int r = sd_bus_call_method(bus, BUS_SERVICE, BUS_PATH, BUS_SERVICE, "GetNameOwner",
				   /* error= */ NULL, &reply, "s", SYSTEMD_SERVICE);

	if (r >= 0)
		r = sd_bus_message_read(reply, "s", &owner);
	if (r >= 0 && snprintf(name, BUS_NAME_MAX, "%s", owner) >= BUS_NAME_MAX)
		r = -ENAMETOOLONG;
	sd_bus_message_unref(reply);
	return r < 0 ? r : 0;
}

/*
 * Anybody on the bus may send us a signal of any name: what counts is whose unique name the bus put
 * on it. That of systemd changes when it executes itself anew.
 */
static bool is_from_manager(struct step *step, sd_bus_message *message)
{
	struct mounting *mounting = step->work;
	const char *sender = sd_bus_message_get_sender(message);

	if (!sender)
		return false;
	if (strcmp(sender, mounting->manager) == 0)
		return true;
	return find_manager(*step->bus, mounting->manager) == 0 &&
	       strcmp(sender, mounting->manager) == 0;
}

/* systemd says that it is mounted; the kernel has the last word. */
static void end_mount(struct step *step, const char *unit)
{
	const struct plan *plan = step->options->plan;
	const struct mounted_asked asked = {
		.source = step->target ? step->target->device : plan->client.source,
		.where = where_of(step),
		.is_client = !step->target,
	};
	struct error err;

	if (mounted_check(step->options->mount_table, &asked, &err) < 0)
		step_fail(step, 0, "systemd says that %s is done, but %s; journalctl -u '%s'", unit,
			  err.text, unit);
	else
		step_done(step);
}

static int on_job_removed(sd_bus_message *signal, void *userdata, sd_bus_error *bus_error)
{
	struct step *step = userdata;
	struct mounting *mounting = step->work;
	const char *job, *unit, *result;
	char name[UNIT_NAME_MAX];
	uint32_t id;

	(void)bus_error;
	if (sd_bus_message_read(signal, "uoss", &id, &job, &unit, &result) < 0 ||
	    strcmp(job, mounting->job) != 0 || !is_from_manager(step, signal))
		return 0;
	step_count_as_tool(step);
	mounting->match = sd_bus_slot_unref(mounting->match);
	memcpy(name, mounting->unit, sizeof(name));
	if (strcmp(result, "done") == 0)
		end_mount(step, name);
	else
		fail_mount(step, name, result);
	return 0;
}

static int on_job_made(sd_bus_message *reply, void *userdata, sd_bus_error *bus_error)
{
	struct step *step = userdata;
	struct mounting *mounting = step->work;
	const sd_bus_error *error = sd_bus_message_get_error(reply);
	const char *job = "";

	(void)bus_error;
	if (error || sd_bus_message_read(reply, "o", &job) < 0) {
		mounting->match = sd_bus_slot_unref(mounting->match);
		step_fail(step, error ? sd_bus_error_get_errno(error) : EIO,
			  "systemd does not start %s: %s", mounting->unit,
			  error ? error->message : "no job in its answer");
		return 0;
	}
	if (!is_from_manager(step, reply)) {
		mounting->match = sd_bus_slot_unref(mounting->match);
		step_fail(step, EPERM, "the answer about %s is not systemd's", mounting->unit);
		return 0;
	}
	/* With half of it the end of the job would never be known. */
	if (text_format(mounting->job, sizeof(mounting->job), "%s", job) < 0) {
		mounting->match = sd_bus_slot_unref(mounting->match);
		step_fail(step, ENAMETOOLONG,
			  "systemd's job for %s has the name %s, which is too long", mounting->unit,
			  job);
	}
	return 0;
}

/*
 * The signal is subscribed to before the job is made, so its end cannot be missed; the bus keeps
 * the order of the reply and the signal.
 */
void mount_start(struct step *step)
{
	struct mounting *mounting = calloc(1, sizeof(*mounting));
	sd_bus *bus = step_bus(step);
	int r;

	if (!bus) {
		free(mounting);
		return;
	}
	step->work = mounting;
	if (!mounting ||
	    unit_file_name(where_of(step), mounting->unit, sizeof(mounting->unit)) < 0) {
		step_fail(step, ENOMEM, "out of memory");
		return;
	}
	r = find_manager(bus, mounting->manager);
	if (r >= 0)
		r = sd_bus_match_signal(bus, &mounting->match, SYSTEMD_SERVICE, SYSTEMD_PATH,
					SYSTEMD_MANAGER, "JobRemoved", on_job_removed, step);
	if (r >= 0)
		r = sd_bus_call_method_async(bus, /* slot= */ NULL, SYSTEMD_SERVICE, SYSTEMD_PATH,
					     SYSTEMD_MANAGER, "Subscribe", NULL, NULL, "");
	if (r >= 0)
		r = sd_bus_call_method_async(bus, /* slot= */ NULL, SYSTEMD_SERVICE, SYSTEMD_PATH,
					     SYSTEMD_MANAGER, "StartUnit", on_job_made, step, "ss",
					     mounting->unit, "replace");
	if (r < 0) {
		mounting->match = sd_bus_slot_unref(mounting->match);
		step_fail(step, -r, "cannot ask systemd to start %s: %s", mounting->unit,
			  strerrordesc_np(-r));
		return;
	}
	step_remind(step, mount_remind);
}
