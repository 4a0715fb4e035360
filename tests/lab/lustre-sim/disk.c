// SPDX-License-Identifier: Apache-2.0
#include "disk.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <mntent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "child.h"

enum {
	SUPERBLOCK_AT = 1024,
	EXT_MAGIC_AT = 0x38,
	EXT_LABEL_AT = 0x78,
	EXT_MAGIC = 0xef53,
	SCRATCH_SIZE = 32,
};

uint64_t disk_size_kb(const char *device)
{
	uint64_t bytes = 0;
	struct stat st;
	int fd = open(device, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return 0;
	if (fstat(fd, &st) == 0) {
		if (S_ISREG(st.st_mode))
			bytes = (uint64_t)st.st_size;
		else if (ioctl(fd, BLKGETSIZE64, &bytes) < 0)
			bytes = 0;
	}
	close(fd);
	return bytes >> 10;
}

bool disk_mounted(const char *device, char directory[static PATH_MAX])
{
	struct stat want, have;
	struct mntent *entry;
	bool found = false;
	FILE *mounts;

	if (stat(device, &want) < 0)
		return false;
	mounts = setmntent("/proc/self/mounts", "re");
	if (!mounts)
		return false;
	while (!found && (entry = getmntent(mounts))) {
		if (entry->mnt_fsname[0] != '/' || stat(entry->mnt_fsname, &have) < 0)
			continue;
		found = S_ISBLK(want.st_mode)
				? S_ISBLK(have.st_mode) && want.st_rdev == have.st_rdev
				: want.st_dev == have.st_dev && want.st_ino == have.st_ino;
		if (found)
			snprintf(directory, PATH_MAX, "%s", entry->mnt_dir);
	}
	endmntent(mounts);
	return found;
}

int disk_label(const char *device, char label[static LABEL_SIZE])
{
	uint8_t superblock[1024];
	uint16_t magic;
	ssize_t n;
	int fd = open(device, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	n = pread(fd, superblock, sizeof(superblock), SUPERBLOCK_AT);
	close(fd);
	if (n != (ssize_t)sizeof(superblock))
		return -ENODEV;
	memcpy(&magic, superblock + EXT_MAGIC_AT, sizeof(magic));
	if (le16toh(magic) != EXT_MAGIC)
		return -ENODEV;
	memcpy(label, superblock + EXT_LABEL_AT, LABEL_SIZE - 1);
	label[LABEL_SIZE - 1] = '\0';
	return 0;
}

int disk_set_label(const char *device, const char *label)
{
	char *const argv[] = { (char[]){ "e2label" }, strdupa(device), strdupa(label), NULL };

	return child_run(argv, NULL, 0) ? -EIO : 0;
}

/* One request, read-only. */
static int debugfs_look(const char *device, const char *request, char *output, size_t size)
{
	char *const argv[] = { (char[]){ "debugfs" }, (char[]){ "-c" }, (char[]){ "-R" },
			       strdupa(request),      strdupa(device),  NULL };

	return child_run(argv, output, size);
}

bool disk_has(const char *device, const char *path)
{
	char request[128], output[4096], label[LABEL_SIZE];

	/* Usually a blank disk: no need to start anything. */
	if (disk_label(device, label) < 0)
		return false;
	snprintf(request, sizeof(request), "stat %s", path);
	if (debugfs_look(device, request, output, sizeof(output)) != 0)
		return false;
	return strstr(output, "Inode: ") != NULL;
}

static int read_mountdata_file(const char *path, struct mountdata *ret_data)
{
	uint8_t bytes[MOUNTDATA_SIZE];
	ssize_t n;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -ENODEV;
	n = read(fd, bytes, sizeof(bytes));
	close(fd);
	return n < 0 || mountdata_decode(bytes, (size_t)n, ret_data) < 0 ? -ENODEV : 0;
}

/* A small file under /tmp; the caller closes and unlinks it. */
static int scratch_file(char path[static SCRATCH_SIZE])
{
	int fd;

	snprintf(path, SCRATCH_SIZE, "/tmp/lustre-sim-XXXXXX");
	fd = mkostemp(path, O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static int write_scratch(const void *bytes, size_t length, char path[static SCRATCH_SIZE])
{
	int fd = scratch_file(path);

	if (fd < 0)
		return fd;
	if (write(fd, bytes, length) != (ssize_t)length) {
		close(fd);
		unlink(path);
		return -ENOSPC;
	}
	close(fd);
	return 0;
}

int disk_read_mountdata(const char *device, struct mountdata *ret_data)
{
	char directory[PATH_MAX], path[PATH_MAX + 32], scratch[SCRATCH_SIZE], request[128];
	int r;

	if (disk_mounted(device, directory)) {
		snprintf(path, sizeof(path), "%s/CONFIGS/mountdata", directory);
		return read_mountdata_file(path, ret_data);
	}
	r = scratch_file(scratch);
	if (r < 0)
		return r;
	close(r);
	snprintf(request, sizeof(request), "dump /CONFIGS/mountdata %s", scratch);
	debugfs_look(device, request, NULL, 0);
	r = read_mountdata_file(scratch, ret_data);
	unlink(scratch);
	return r;
}

int disk_write_mountdata(const char *device, const struct mountdata *data)
{
	char content[SCRATCH_SIZE], script[SCRATCH_SIZE], requests[256];
	uint8_t bytes[MOUNTDATA_SIZE];
	struct mountdata written;
	int r;

	mountdata_encode(data, bytes);
	r = write_scratch(bytes, sizeof(bytes), content);
	if (r < 0)
		return r;
	snprintf(requests, sizeof(requests),
		 "mkdir CONFIGS\nrm CONFIGS/mountdata\nwrite %s CONFIGS/mountdata\n", content);
	r = write_scratch(requests, strlen(requests), script);
	if (r == 0) {
		char *const argv[] = { (char[]){ "debugfs" }, (char[]){ "-w" },
				       (char[]){ "-f" },      script,
				       strdupa(device),       NULL };

		/* Its exit status says little: read back. */
		child_run(argv, NULL, 0);
		unlink(script);
	}
	unlink(content);
	if (r == 0)
		r = disk_read_mountdata(device, &written);
	if (r == 0 && (written.flags != data->flags || strcmp(written.svname, data->svname) != 0))
		r = -EIO;
	return r;
}
