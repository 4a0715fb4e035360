/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>

/*
 * Runs argv[0] (found in PATH) and waits. Both output streams go to `output` (always terminated,
 * cut at `size`; NULL throws them away). Returns the exit status, 128 + signal number, or a
 * negative errno if it could not be started.
 */
int child_run(char *const argv[], char *output, size_t size);
