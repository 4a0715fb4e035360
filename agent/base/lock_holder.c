/* SPDX-License-Identifier: Apache-2.0 */
#include "base/lock_holder.h"

#include "base/cleanup.h"
#include "base/printable.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

static bool is_same_file(const struct stat *a, const struct stat *b)
{
	if (S_ISBLK(a->st_mode) && S_ISBLK(b->st_mode))
		return a->st_rdev == b->st_rdev;
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* A small file of /proc, its NULs turned into blanks; "" where it cannot be read. */
static void read_text(int process, const char *name, char *text, size_t size)
{
	cleanup(close_fd) int fd = openat(process, name, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, size - 1);

	text[n > 0 ? n : 0] = '\0';
	for (ssize_t i = 0; i < n; i++)
		if (text[i] == '\0' || text[i] == '\n')
			text[i] = ' ';
	for (size_t end = strlen(text); end > 0 && text[end - 1] == ' '; end--)
		text[end - 1] = '\0';
	printable_make(text);
}

/* proc_pid_fdinfo(5): "lock: 1: FLOCK ADVISORY WRITE …" where this descriptor holds one. */
static bool holds_lock(int process, const char *descriptor)
{
	char path[64], info[1024];

	snprintf(path, sizeof(path), "fdinfo/%.20s", descriptor);
	read_text(process, path, info, sizeof(info));
	return strstr(info, "FLOCK ") != NULL;
}

static bool has_locked(int process, const struct stat *file)
{
	const int fd = openat(process, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	cleanup(close_directory) DIR *descriptors = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;
	struct stat status;

	if (!descriptors && fd >= 0)
		close(fd);
	while (descriptors && (entry = readdir(descriptors)))
		if (fstatat(dirfd(descriptors), entry->d_name, &status, 0) == 0 &&
		    is_same_file(&status, file) && holds_lock(process, entry->d_name))
			return true;
	return false;
}

static void describe(int process, pid_t pid, struct lock_holder *ret)
{
	char command[LOCK_HOLDER_TEXT_MAX - 80];

	ret->pid = pid;
	read_text(process, "comm", ret->name, sizeof(ret->name));
	read_text(process, "cmdline", command, sizeof(command));
	snprintf(ret->text, sizeof(ret->text), "%s (process %d%s%s)", ret->name, (int)pid,
		 command[0] != '\0' ? ": " : "", command);
}

/*
 * proc_locks(5), which everybody may read: "1: FLOCK ADVISORY WRITE 123 00:19:456 0 EOF". The
 * process is the one that took the lock, and may be gone.
 */
static pid_t taker_of(char *line, const struct stat *file)
{
	enum { NUMBER, KIND, MODE, ACCESS, PROCESS, PLACE, FIELDS };
	const char *fields[FIELDS] = { NULL };
	char place[64], *rest = NULL;
	long pid;

	for (size_t i = 0; i < FIELDS; i++, line = NULL) {
		fields[i] = strtok_r(line, " \n", &rest);
		if (!fields[i])
			return 0;
	}
	snprintf(place, sizeof(place), "%02x:%02x:%llu", major(file->st_dev), minor(file->st_dev),
		 (unsigned long long)file->st_ino);
	if (strcmp(fields[KIND], "FLOCK") != 0 || strcmp(fields[ACCESS], "WRITE") != 0 ||
	    strcmp(fields[PLACE], place) != 0)
		return 0;
	pid = strtol(fields[PROCESS], NULL, 10);
	return pid > 0 && pid <= INT_MAX ? (pid_t)pid : 0;
}

/* Where /proc shows to each user their own processes alone (hidepid=) they answer to signals. */
static bool is_alive(pid_t pid)
{
	return kill(pid, 0) == 0 || errno == EPERM;
}

static void describe_unseen(pid_t pid, struct lock_holder *ret)
{
	ret->pid = pid;
	snprintf(ret->text, sizeof(ret->text), "process %d", (int)pid);
}

/* Whose descriptors cannot be seen without its rights. */
static void find_taker(int proc, const struct stat *file, struct lock_holder *ret)
{
	const int fd = openat(proc, "locks", O_RDONLY | O_CLOEXEC);
	FILE *locks = fd < 0 ? NULL : fdopen(fd, "re");
	char line[256], path[32];
	pid_t pid = 0;

	while (locks && pid == 0 && fgets(line, sizeof(line), locks))
		pid = taker_of(line, file);
	if (locks)
		fclose(locks);
	else if (fd >= 0)
		close(fd);
	if (pid > 0 && pid != getpid()) {
		cleanup(close_fd) int process = -1;

		snprintf(path, sizeof(path), "%d", (int)pid);
		process = openat(proc, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (process >= 0)
			describe(process, pid, ret);
		else if (is_alive(pid))
			describe_unseen(pid, ret);
	}
}

void lock_holder_find(int fd, const char *preferred, struct lock_holder *ret)
{
	cleanup(close_directory) DIR *proc = opendir("/proc");
	const struct dirent *entry;
	struct stat file;

	*ret = (struct lock_holder){ .text = "another program" };
	if (!proc || fstat(fd, &file) < 0)
		return;
	while ((entry = readdir(proc))) {
		cleanup(close_fd) int process = -1;
		pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);

		if (pid <= 0 || pid == getpid())
			continue;
		process = openat(dirfd(proc), entry->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (process < 0 || !has_locked(process, &file))
			continue;
		describe(process, pid, ret);
		if (!preferred || strcmp(ret->name, preferred) == 0)
			return;
	}
	if (ret->pid == 0)
		find_taker(dirfd(proc), &file, ret);
}
