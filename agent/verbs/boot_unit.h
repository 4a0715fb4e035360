/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The boot unit, lustre-init.service, as systemd sees it. */

#include <stdbool.h>
#include <systemd/sd-bus.h>

/*
 * Whether the unit is being started, or is about to be: boot.json is then of the time before.
 * False where `bus` is NULL or systemd does not answer.
 */
bool boot_unit_is_starting(sd_bus *bus);

enum boot_unit_past {
	BOOT_UNIT_UNKNOWN, /* systemd does not answer */
	BOOT_UNIT_NEVER,   /* it was not started since this node booted */
	BOOT_UNIT_RAN,     /* it was; it may be at it still */
};

/* BOOT_UNIT_UNKNOWN where `bus` is NULL. */
enum boot_unit_past boot_unit_past(sd_bus *bus);

/* The same two questions, over a connection of their own. */
bool boot_unit_ask_starting(void);
enum boot_unit_past boot_unit_ask_past(void);
