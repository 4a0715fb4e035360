/* SPDX-License-Identifier: Apache-2.0 */
#include "verbs/boot_unit.h"

#include "base/cleanup.h"

#include <stdint.h>
#include <string.h>

#define SYSTEMD   "org.freedesktop.systemd1"
#define UNIT_PATH "/org/freedesktop/systemd1/unit/lustre_2dinit_2eservice"
#define UNIT      "org.freedesktop.systemd1.Unit"
#define SERVICE   "org.freedesktop.systemd1.Service"

static bool is_activating(sd_bus *bus)
{
	cleanup(free_pointer) char *state = NULL;

	return sd_bus_get_property_string(bus, SYSTEMD, UNIT_PATH, UNIT, "ActiveState",
					  /* error= */ NULL, &state) >= 0 &&
	       strcmp(state, "activating") == 0;
}

/* org.freedesktop.systemd1(5): the number of the job that is queued for the unit, or 0. */
static bool has_job(sd_bus *bus)
{
	sd_bus_message *reply = NULL;
	uint32_t job = 0;
	int r = sd_bus_get_property(bus, SYSTEMD, UNIT_PATH, UNIT, "Job", /* error= */ NULL, &reply,
				    "(uo)");

	if (r >= 0)
		r = sd_bus_message_read(reply, "(uo)", &job, NULL);
	sd_bus_message_unref(reply);
	return r >= 0 && job != 0;
}

/* org.freedesktop.systemd1(5): when the main process was started last, 0 for never. */
enum boot_unit_past boot_unit_past(sd_bus *bus)
{
	uint64_t started = 0;

	if (!bus || sd_bus_get_property_trivial(bus, SYSTEMD, UNIT_PATH, SERVICE,
						"ExecMainStartTimestampMonotonic",
						/* error= */ NULL, 't', &started) < 0)
		return BOOT_UNIT_UNKNOWN;
	return started > 0 ? BOOT_UNIT_RAN : BOOT_UNIT_NEVER;
}

bool boot_unit_is_starting(sd_bus *bus)
{
	return bus && (is_activating(bus) || has_job(bus));
}

bool boot_unit_ask_starting(void)
{
	sd_bus *bus = NULL;
	bool starting = sd_bus_open_system(&bus) >= 0 && boot_unit_is_starting(bus);

	sd_bus_flush_close_unref(bus);
	return starting;
}

enum boot_unit_past boot_unit_ask_past(void)
{
	enum boot_unit_past past = BOOT_UNIT_UNKNOWN;
	sd_bus *bus = NULL;

	if (sd_bus_open_system(&bus) >= 0)
		past = boot_unit_past(bus);
	sd_bus_flush_close_unref(bus);
	return past;
}
