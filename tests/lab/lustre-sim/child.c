// SPDX-License-Identifier: Apache-2.0
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static void drain(int fd, char *output, size_t size)
{
	char rest[4096];
	size_t used = 0;
	ssize_t n;

	do {
		if (output && used + 1 < size)
			n = read(fd, output + used, size - used - 1);
		else
			n = read(fd, rest, sizeof(rest));
		if (n > 0 && output && used + 1 < size)
			used += (size_t)n;
	} while (n > 0 || (n < 0 && errno == EINTR));
	if (output && size)
		output[used] = '\0';
}

static int child_status(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			return -errno;
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int child_run(char *const argv[], char *output, size_t size)
{
	posix_spawn_file_actions_t actions;
	int ends[2], r;
	pid_t pid;

	if (output && size)
		output[0] = '\0';
	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
	posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO);
	r = posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	close(ends[1]);
	if (r == 0)
		drain(ends[0], output, size);
	close(ends[0]);
	return r ? -r : child_status(pid);
}
