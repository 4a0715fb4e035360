/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Whether processes have ended. Include <cmocka.h> before. */

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define ENDED_LOOKS 2000 /* 50 ms apart, for a busy machine */

/* Ended, be it that nobody has waited for it yet: in a container process 1 may not. */
static inline bool has_ended(pid_t pid)
{
	char path[64], line[256] = "";
	const char *state;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	file = fopen(path, "re");
	if (!file)
		return true;
	if (!fgets(line, sizeof(line), file))
		line[0] = '\0';
	fclose(file);
	state = strrchr(line, ')');
	return !state || state[2] == 'Z';
}

static inline bool ends_soon(pid_t pid)
{
	for (unsigned looks = 0; looks < ENDED_LOOKS && !has_ended(pid); looks++)
		usleep(50000);
	return has_ended(pid);
}
