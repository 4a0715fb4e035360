/* SPDX-License-Identifier: Apache-2.0 */

/* Who is left of a process group: its head is our child, but its other members are not. */

#include "base/process_private.h"

#include "base/cleanup.h"

#include <ctype.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* proc_pid_stat(5): "PID (NAME) STATE PARENT GROUP …"; the name may hold anything, ')' too. */
static bool is_running_member(const char *stat, pid_t group)
{
	const char *rest = strrchr(stat, ')');
	char *parent;

	if (!rest || strlen(rest) < strlen(") S 1 1") || rest[2] == 'Z' || rest[2] == 'X')
		return false;
	strtol(rest + 3, &parent, 10);
	return strtol(parent, NULL, 10) == group;
}

static bool process_is_running_member(int proc, const char *pid, pid_t group)
{
	char path[32], stat[512];
	cleanup(close_fd) int fd = -1;
	ssize_t n;

	snprintf(path, sizeof(path), "%.20s/stat", pid);
	fd = openat(proc, path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, stat, sizeof(stat) - 1);
	if (n <= 0)
		return false;
	stat[n] = '\0';
	return is_running_member(stat, group);
}

bool process_group_runs(pid_t group)
{
	cleanup(close_directory) DIR *proc = opendir("/proc");
	const struct dirent *entry;

	while (proc && (entry = readdir(proc)))
		if (isdigit((unsigned char)entry->d_name[0]) &&
		    process_is_running_member(dirfd(proc), entry->d_name, group))
			return true;
	return false;
}
