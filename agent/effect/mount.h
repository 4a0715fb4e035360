/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Mounts are mount units, written to /run/systemd/system before they are needed, so that systemd
 * shows them and stops everything in order, however the start went. They are started over the bus,
 * and mount.lustre's errno is read back from the unit's ExecMount property. systemd.mount(5),
 * org.freedesktop.systemd1(5).
 */

#include "effect/step.h"

/*
 * Writes the units of all targets and the client: before anything else is written, so that a full
 * /run is not found after a format (S7). *ret_changed: another text of one was there.
 */
int mount_write_units(const struct apply_options *options, bool *ret_changed, struct error *err);

/* Tells systemd of them, where it knew another text. */
void mount_tell_units(struct step *step);

/* Starts the unit of the step's target, or of the client where it has none, and waits for the
 * result. */
void mount_start(struct step *step);

/* Tells that it takes long, and what it may be waiting for (mount_wait.c). */
void mount_remind(struct step *step, unsigned seconds);
