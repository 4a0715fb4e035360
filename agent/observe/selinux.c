/* SPDX-License-Identifier: Apache-2.0 */
#include "observe/selinux.h"

#include "base/file.h"

#include <stdio.h>
#include <string.h>

void selinux_observe(const char *root, char *mode, size_t size)
{
	char line[8];
	bool on = file_read_line(root, "/sys/fs/selinux/enforce", line, sizeof(line));

	snprintf(mode, size, "%s", !on ? "" : strcmp(line, "1") == 0 ? "enforcing" : "permissive");
}
