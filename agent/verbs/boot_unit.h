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
