/* SPDX-License-Identifier: Apache-2.0 */
#include "base/startup.h"

#include "base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/*
 * open(2) takes the lowest number that is free, so from below each gets its own. What is written to
 * a standard output that was closed shall fail, not be lost.
 */
static int open_standard(struct error *err)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) >= 0)
			continue;
		if (open("/dev/null", fd == STDERR_FILENO ? O_WRONLY : O_RDONLY) < 0)
			return error_errno(err, -errno, "cannot open /dev/null");
	}
	return 0;
}

static bool may_stay_ignored(int signo)
{
	struct sigaction now;

	return (signo == SIGHUP || signo == SIGINT || signo == SIGQUIT) &&
	       sigaction(signo, NULL, &now) == 0 && now.sa_handler == SIG_IGN;
}

static void reset_signals(void)
{
	const struct sigaction plain = { .sa_handler = SIG_DFL };
	const struct sigaction ignored = { .sa_handler = SIG_IGN };
	sigset_t none;

	for (int signo = 1; signo < NSIG; signo++)
		if (!may_stay_ignored(signo))
			sigaction(signo, &plain, NULL);
	sigaction(SIGPIPE, &ignored, NULL);
	sigaction(SIGXFSZ, &ignored, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static bool has_directory(const char *path, const char *directory)
{
	const size_t length = strlen(directory);

	while (path) {
		if (strcspn(path, ":") == length && strncmp(path, directory, length) == 0)
			return true;
		path = strchr(path, ':');
		path = path ? path + 1 : NULL;
	}
	return false;
}

/* `path` with the directory behind it; NULL, and `path` freed, when there is no memory. */
static char *add_directory(char *path, const char *directory)
{
	char *longer;

	if (has_directory(path, directory))
		return path;
	if (asprintf(&longer, "%s%s%s", path, path[0] != '\0' ? ":" : "", directory) < 0)
		longer = NULL;
	free(path);
	return longer;
}

/* Behind what is there already: cron's PATH has no sbin, and mkfs.lustre lives there. */
static int complete_path(struct error *err)
{
	static const char *const directories[] = { "/usr/sbin", "/usr/bin", "/sbin", "/bin" };
	const char *inherited = getenv("PATH");
	cleanup(free_pointer) char *path = strdup(inherited ? inherited : "");

	for (size_t i = 0; path && i < sizeof(directories) / sizeof(directories[0]); i++)
		path = add_directory(path, directories[i]);
	if (!path || setenv("PATH", path, /* overwrite= */ 1) < 0)
		return error_set(err, -ENOMEM, "out of memory");
	return 0;
}

int startup_put_in_order(struct error *err)
{
	int r = open_standard(err);

	if (r < 0)
		return r;
	reset_signals();
	umask(022);
	return complete_path(err);
}
