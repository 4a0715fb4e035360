/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "report.h"

/*
 * Starts lustre-ready.target, on which units that need the file system hang. Success alone starts
 * it; it is never pulled in by a requirement. Without systemd (a test) it is a warning.
 */
void ready_announce(const struct report *report);
