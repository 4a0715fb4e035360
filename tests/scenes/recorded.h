/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Recorded machines, made by a test in a temporary directory: sysfs as plain files and links, block
 * devices as sparse files, tools as scripts that go first in PATH. Include <cmocka.h> before.
 */

#include "base/process.h"

#include <fcntl.h>
#include <ftw.h>
#include <libgen.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MIB (1024ULL * 1024)

struct recorded {
	char root[64];
	unsigned disks; /* made so far: for their numbers */
};

static inline void recorded_start(struct recorded *machine)
{
	*machine = (struct recorded){ .root = "/tmp/recorded.XXXXXX" };
	assert_non_null(mkdtemp(machine->root));
}

static inline int recorded_remove_one(const char *path, const struct stat *status, int kind,
				      struct FTW *place)
{
	(void)status;
	(void)kind;
	(void)place;
	return remove(path);
}

static inline void recorded_end(struct recorded *machine)
{
	assert_int_equal(nftw(machine->root, recorded_remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}

/* The full path, its directories made. */
static inline void recorded_path(const struct recorded *machine, const char *path, char full[4096])
{
	snprintf(full, 4096, "%s%s", machine->root, path);
	for (char *at = full + strlen(machine->root) + 1; (at = strchr(at, '/')); at++) {
		*at = '\0';
		mkdir(full, 0755);
		*at = '/';
	}
}

__attribute__((format(printf, 3, 4))) static inline void
recorded_file(const struct recorded *machine, const char *path, const char *format, ...)
{
	char full[4096];
	va_list args;
	FILE *file;

	recorded_path(machine, path, full);
	file = fopen(full, "we");
	assert_non_null(file);
	va_start(args, format);
	vfprintf(file, format, args);
	va_end(args);
	assert_int_equal(fclose(file), 0);
}

/* The kernel's links in sysfs are relative; an absolute one would lead to this machine's. */
static inline void recorded_link(const struct recorded *machine, const char *path,
				 const char *target)
{
	char full[4096], relative[4096] = "";

	if (strncmp(path, "/sys/", 5) == 0 && target[0] == '/') {
		for (const char *at = path; (at = strchr(at + 1, '/'));)
			strcat(relative, "../");
		target = strcat(relative, target + 1);
	}
	recorded_path(machine, path, full);
	assert_int_equal(symlink(target, full), 0);
}

/*
 * What reading an attribute of sysfs may fail with: EIO, as of memory at address 0; and EINVAL, as
 * of less than an entry of the page map, where a driver has no value.
 */
#define RECORDED_EIO      "/proc/self/mem"
#define RECORDED_NO_VALUE "/proc/self/pagemap"

static inline void recorded_failing(const struct recorded *machine, const char *path,
				    const char *failure)
{
	char full[4096];

	recorded_path(machine, path, full);
	unlink(full);
	assert_int_equal(symlink(failure, full), 0);
}

static inline void recorded_unlink(const struct recorded *machine, const char *path)
{
	char full[4096];

	recorded_path(machine, path, full);
	unlink(full);
}

/* A sparse file in place of a block device. */
static inline void recorded_device(const struct recorded *machine, const char *path, uint64_t size)
{
	char full[4096];
	int fd;

	recorded_path(machine, path, full);
	fd = open(full, O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, (off_t)size), 0);
	close(fd);
}

static inline void recorded_write(const struct recorded *machine, const char *path, uint64_t offset,
				  const void *data, size_t size)
{
	char full[4096];
	int fd;

	recorded_path(machine, path, full);
	fd = open(full, O_WRONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, data, size, (off_t)offset), size);
	close(fd);
}

/* The label of a PV of LVM, in the second sector, with the 32 characters of its UUID. */
static inline void recorded_pv(const struct recorded *machine, const char *device, const char *uuid)
{
	char sector[512] = "LABELONE\1\0\0\0\0\0\0\0\0\0\0\0\x20\0\0\0LVM2 001";

	assert_int_equal(strlen(uuid), 32);
	memcpy(sector + 32, uuid, 32);
	recorded_write(machine, device, 512, sector, sizeof(sector));
}

/* A program of the test's own that is found before all others. */
static inline void recorded_tool(const struct recorded *machine, const char *name,
				 const char *script)
{
	char path[256], full[4096], search[8192];
	const char *now = getenv("PATH");

	snprintf(path, sizeof(path), "/tools/%s", name);
	recorded_file(machine, path, "#!/bin/sh\n%s\n", script);
	recorded_path(machine, path, full);
	assert_int_equal(chmod(full, 0755), 0);
	*strrchr(full, '/') = '\0';
	if (strncmp(now, full, strlen(full)) != 0) {
		snprintf(search, sizeof(search), "%s:%s", full, now);
		setenv("PATH", search, 1);
	}
}

/* A real program of this machine, which must succeed. */
static inline void recorded_program(const char *const argv[])
{
	struct process_output output;
	struct error err;

	if (process_run(argv, 300 * 1000000ULL, &output, &err) < 0)
		fail_msg("%s", err.text);
	if (output.end != PROCESS_EXITED || output.code != 0)
		fail_msg("%s: %s", argv[0], output.errors);
	process_output_done(&output);
}
