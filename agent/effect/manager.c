/* SPDX-License-Identifier: Apache-2.0 */
#include "effect/manager.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUS_SERVICE "org.freedesktop.DBus"
#define BUS_PATH    "/org/freedesktop/DBus"
#define PROPERTIES  "org.freedesktop.DBus.Properties"
#define EXEC        "sasbttttuii" /* one command: systemd's own order */

/* systemd answers nobody while it reads its units, on a slow machine for long. */
#define ANSWER_LIMIT_USEC (120 * 1000000ULL)

int manager_connect(sd_bus **bus, sd_event *loop)
{
	sd_bus *opened = NULL;
	int r;

	if (*bus && sd_bus_is_open(*bus) > 0)
		return 0;
	*bus = sd_bus_flush_close_unref(*bus);
	r = sd_bus_open_system(&opened);
	if (r >= 0)
		r = sd_bus_attach_event(opened, loop, SD_EVENT_PRIORITY_NORMAL);
	if (r < 0) {
		sd_bus_flush_close_unref(opened);
		return r;
	}
	*bus = opened;
	return 0;
}

int manager_find(sd_bus *bus, char name[MANAGER_NAME_MAX])
{
	sd_bus_message *reply = NULL;
	const char *owner = "";
	int r = sd_bus_call_method(bus, BUS_SERVICE, BUS_PATH, BUS_SERVICE, "GetNameOwner",
				   /* error= */ NULL, &reply, "s", MANAGER_SERVICE);

	if (r >= 0)
		r = sd_bus_message_read(reply, "s", &owner);
	if (r >= 0 && snprintf(name, MANAGER_NAME_MAX, "%s", owner) >= MANAGER_NAME_MAX)
		r = -ENAMETOOLONG;
	sd_bus_message_unref(reply);
	return r < 0 ? r : 0;
}

int manager_new_call(sd_bus *bus, const char *member, sd_bus_message **ret)
{
	return sd_bus_message_new_method_call(bus, ret, MANAGER_SERVICE, MANAGER_PATH,
					      MANAGER_INTERFACE, member);
}

int manager_send(sd_bus *bus, sd_bus_message *call, sd_bus_slot **slot,
		 sd_bus_message_handler_t done, void *userdata)
{
	int r = done ? sd_bus_call_async(bus, slot, call, done, userdata, ANSWER_LIMIT_USEC)
		     : sd_bus_send(bus, call, /* cookie= */ NULL);

	sd_bus_message_unref(call);
	return r;
}

/* Of no interface in particular: all properties of all of them. */
static int new_question(sd_bus *bus, const char *path, sd_bus_message **ret)
{
	int r = sd_bus_message_new_method_call(bus, ret, MANAGER_SERVICE, path, PROPERTIES,
					       "GetAll");

	if (r >= 0)
		r = sd_bus_message_append(*ret, "s", "");
	return r;
}

int manager_ask_unit(sd_bus *bus, const char *unit, sd_bus_slot **slot,
		     sd_bus_message_handler_t done, void *userdata)
{
	sd_bus_message *call = NULL;
	char *path = NULL;
	int r = sd_bus_path_encode(MANAGER_PATH "/unit", unit, &path);

	if (r >= 0)
		r = new_question(bus, path, &call);
	if (r >= 0)
		r = manager_send(bus, call, slot, done, userdata);
	else
		sd_bus_message_unref(call);
	free(path);
	return r;
}

static int read_text(sd_bus_message *answer, char *text, size_t size)
{
	const char *value;
	int r = sd_bus_message_read(answer, "v", "s", &value);

	if (r >= 0 && snprintf(text, size, "%s", value) >= (int)size)
		r = -ENAMETOOLONG;
	return r;
}

static int read_job(sd_bus_message *answer, bool *ret)
{
	const char *path;
	uint32_t id;
	int r = sd_bus_message_read(answer, "v", "(uo)", &id, &path);

	*ret = r >= 0 && id != 0;
	return r;
}

static int read_outdated(sd_bus_message *answer, bool *ret)
{
	int value = 0;
	int r = sd_bus_message_read(answer, "v", "b", &value);

	*ret = value != 0;
	return r;
}

/* One command, of which the path, the words, and the wall clock are of no use. */
static int read_command(sd_bus_message *answer, struct manager_unit *unit)
{
	int32_t code = 0, status = 0;
	int r = sd_bus_message_skip(answer, "sasbt");

	if (r >= 0)
		r = sd_bus_message_read(answer, "t", &unit->exec.started_usec);
	if (r >= 0)
		r = sd_bus_message_skip(answer, "ttu");
	if (r >= 0)
		r = sd_bus_message_read(answer, "ii", &code, &status);
	unit->exec.code = code;
	unit->exec.status = status;
	return r;
}

static int read_exec(sd_bus_message *answer, struct manager_unit *unit)
{
	int r = sd_bus_message_enter_container(answer, 'v', "a(" EXEC ")");

	if (r >= 0)
		r = sd_bus_message_enter_container(answer, 'a', "(" EXEC ")");
	while (r >= 0 && (r = sd_bus_message_enter_container(answer, 'r', EXEC)) > 0) {
		r = read_command(answer, unit);
		if (r >= 0)
			r = sd_bus_message_exit_container(answer);
	}
	if (r >= 0)
		r = sd_bus_message_exit_container(answer);
	return r < 0 ? r : sd_bus_message_exit_container(answer);
}

static int read_property(sd_bus_message *answer, struct manager_unit *unit)
{
	const char *name;
	int r = sd_bus_message_read(answer, "s", &name);

	if (r < 0)
		return r;
	if (strcmp(name, "ActiveState") == 0)
		return read_text(answer, unit->active, sizeof(unit->active));
	if (strcmp(name, "Result") == 0)
		return read_text(answer, unit->result, sizeof(unit->result));
	if (strcmp(name, "FragmentPath") == 0)
		return read_text(answer, unit->fragment, sizeof(unit->fragment));
	if (strcmp(name, "Job") == 0)
		return read_job(answer, &unit->has_job);
	if (strcmp(name, "NeedDaemonReload") == 0)
		return read_outdated(answer, &unit->is_outdated);
	if (strcmp(name, "ExecMount") == 0)
		return read_exec(answer, unit);
	return sd_bus_message_skip(answer, "v");
}

int manager_read_unit(sd_bus_message *answer, struct manager_unit *ret)
{
	struct manager_unit unit = { 0 };
	int r = sd_bus_message_enter_container(answer, 'a', "{sv}");

	while (r >= 0 && (r = sd_bus_message_enter_container(answer, 'e', "sv")) > 0) {
		r = read_property(answer, &unit);
		if (r >= 0)
			r = sd_bus_message_exit_container(answer);
	}
	if (r < 0)
		return r;
	if (unit.active[0] == '\0')
		return -EBADMSG;
	*ret = unit;
	return 0;
}

/* Its path, where systemd knows it; it is not looked for. */
static int find_unit(sd_bus *bus, const char *unit, sd_bus_error *error, sd_bus_message **ret)
{
	return sd_bus_call_method(bus, MANAGER_SERVICE, MANAGER_PATH, MANAGER_INTERFACE, "GetUnit",
				  error, ret, "s", unit);
}

static int ask_at(sd_bus *bus, sd_bus_message *found, struct manager_unit *ret)
{
	sd_bus_message *call = NULL, *answer = NULL;
	const char *path;
	int r = sd_bus_message_read(found, "o", &path);

	if (r >= 0)
		r = new_question(bus, path, &call);
	if (r >= 0)
		r = sd_bus_call(bus, call, ANSWER_LIMIT_USEC, /* error= */ NULL, &answer);
	if (r >= 0)
		r = manager_read_unit(answer, ret);
	sd_bus_message_unref(answer);
	sd_bus_message_unref(call);
	return r;
}

bool manager_has_another(sd_bus *bus, const char *unit, const char *path)
{
	sd_bus_error error = SD_BUS_ERROR_NULL;
	sd_bus_message *found = NULL;
	struct manager_unit known = { 0 };
	int r = find_unit(bus, unit, &error, &found);
	bool has = r < 0 && !sd_bus_error_has_name(&error, "org.freedesktop.systemd1.NoSuchUnit");

	if (r >= 0)
		has = ask_at(bus, found, &known) < 0 || known.is_outdated ||
		      strcmp(known.fragment, path) != 0;
	sd_bus_message_unref(found);
	sd_bus_error_free(&error);
	return has;
}
