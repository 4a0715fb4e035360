/* SPDX-License-Identifier: Apache-2.0 */
#include "verbs/boot_unit.h"

#include "base/cleanup.h"

#include <stdint.h>
#include <string.h>

#define SYSTEMD   "org.freedesktop.systemd1"
#define UNIT_PATH "/org/freedesktop/systemd1/unit/lustre_2dinit_2eservice"
#define UNIT      "org.freedesktop.systemd1.Unit"

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

bool boot_unit_is_starting(sd_bus *bus)
{
	return bus && (is_activating(bus) || has_job(bus));
}
