/* SPDX-License-Identifier: Apache-2.0 */
#include "base/blockdev_private.h"

#include "base/cleanup.h"
#include "base/lock_holder.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/nvme_ioctl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define LOCK_TRIES_MAX  3000
#define LOCK_PAUSE_NSEC (20 * 1000 * 1000)

static void close_device(struct blockdev **device)
{
	blockdev_close(*device);
}

static int find_size(struct blockdev *device, struct error *err)
{
	struct stat status;

	if (fstat(device->fd, &status) < 0)
		return error_errno(err, -errno, "cannot stat %s", device->path);
	if (S_ISREG(status.st_mode)) {
		device->size = (uint64_t)status.st_size;
		return 0;
	}
	if (!S_ISBLK(status.st_mode))
		return error_set(err, -ENOTBLK, "%s is not a block device", device->path);
	if (ioctl(device->fd, BLKGETSIZE64, &device->size) < 0)
		return error_errno(err, -errno, "cannot find the size of %s", device->path);
	return 0;
}

/*
 * A second description of the same device, not of the same name: the name may belong to another
 * disk by now. EINVAL is a file system without O_DIRECT, as under a test's temporary directory.
 */
static int open_direct(struct blockdev *device, struct error *err)
{
	char again[64];

	snprintf(again, sizeof(again), "/proc/self/fd/%d", device->fd);
	device->direct_fd = open(again, O_RDONLY | O_DIRECT | O_CLOEXEC);
	if (device->direct_fd < 0 && errno != EINVAL)
		return error_errno(err, -errno, "cannot open %s past the page cache", device->path);
	return 0;
}

/* On a description of its own, so that it can be given up while the lock stays. */
static int open_exclusive(struct blockdev *device, int flags, struct error *err)
{
	char again[64];

	snprintf(again, sizeof(again), "/proc/self/fd/%d", device->fd);
	device->exclusive_fd = open(again, flags | O_EXCL);
	if (device->exclusive_fd < 0 && errno == EBUSY)
		return error_set(err, -EBUSY, "%s is in use", device->path);
	if (device->exclusive_fd < 0)
		return error_errno(err, -errno, "cannot claim %s", device->path);
	return 0;
}

/* udev holds LOCK_SH while it looks at a disk: for milliseconds, or as long as the disk stands
 * still. A wait without end would be a hang. */
static int lock(struct blockdev *device, struct error *err)
{
	const struct timespec pause = { .tv_nsec = LOCK_PAUSE_NSEC };
	struct lock_holder holder;

	for (int i = 0; i < LOCK_TRIES_MAX; i++) {
		if (flock(device->fd, LOCK_EX | LOCK_NB) == 0)
			return 0;
		if (errno != EWOULDBLOCK && errno != EINTR)
			return error_errno(err, -errno, "cannot lock %s", device->path);
		nanosleep(&pause, NULL);
	}
	lock_holder_find(device->fd, /* preferred= */ NULL, &holder);
	return error_set(err, -EBUSY, "%s is locked by %s", device->path, holder.text);
}

int blockdev_open(const char *path, enum blockdev_mode mode, struct blockdev **ret,
		  struct error *err)
{
	cleanup(close_device) struct blockdev *device = calloc(1, sizeof(*device));
	int flags = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
	int r;

	if (!device)
		return error_set(err, -ENOMEM, "out of memory opening %s", path);
	device->fd = device->direct_fd = device->exclusive_fd = -1;
	if (text_format(device->path, sizeof(device->path), "%s", path) < 0)
		return error_set(err, -ENAMETOOLONG, "%s: path too long", path);
	device->fd = open(path, flags);
	if (device->fd < 0)
		return error_errno(err, -errno, "cannot open %s", path);
	r = mode == BLOCKDEV_READ ? 0 : open_exclusive(device, flags, err);
	if (r >= 0)
		r = find_size(device, err);
	if (r >= 0)
		r = open_direct(device, err);
	if (r >= 0 && mode == BLOCKDEV_CLAIM)
		r = lock(device, err);
	if (r < 0)
		return r;
	*ret = take_pointer(device);
	return 0;
}

void blockdev_hand_over(struct blockdev *device)
{
	if (device->exclusive_fd >= 0)
		close(device->exclusive_fd);
	device->exclusive_fd = -1;
}

struct blockdev *blockdev_close(struct blockdev *device)
{
	if (!device)
		return NULL;
	blockdev_hand_over(device);
	if (device->direct_fd >= 0)
		close(device->direct_fd);
	if (device->fd >= 0)
		close(device->fd);
	free(device);
	return NULL;
}

int blockdev_lock_fd(const struct blockdev *device)
{
	return device->fd;
}

struct blockdev *blockdev_leave_locked(struct blockdev *device)
{
	free(device);
	return NULL;
}

uint64_t blockdev_size(const struct blockdev *device)
{
	return device->size;
}

int blockdev_flush(const char *path, struct error *err)
{
	cleanup(close_fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	if (fd < 0)
		return error_errno(err, -errno, "cannot open %s", path);
	if (fsync(fd) < 0)
		return error_errno(err, -errno, "cannot flush %s", path);
	return 0;
}

static int run_admin(struct blockdev *device, struct nvme_admin_cmd *command, const char *what,
		     struct error *err)
{
	int status = ioctl(device->fd, NVME_IOCTL_ADMIN_CMD, command);

	/* As drivers say that they do not know it (block/ioctl.c: is_unrecognized_ioctl()): Xen's
	 * and the loop device's with EINVAL. */
	if (status < 0 && errno == EINVAL)
		errno = ENOTTY;
	if (status < 0)
		return error_errno(err, -errno, "%s does not %s", device->path, what);
	if (status > 0)
		return error_set(err, -EIO, "%s does not %s: NVMe status 0x%x", device->path, what,
				 (unsigned)status);
	return 0;
}

int blockdev_nvme_identify(struct blockdev *device, uint8_t identify[NVME_IDENTIFY_SIZE],
			   struct error *err)
{
	struct nvme_admin_cmd command = {
		.opcode = 0x06, /* Identify */
		.addr = (uint64_t)(uintptr_t)identify,
		.data_len = NVME_IDENTIFY_SIZE,
		.cdw10 = 1, /* CNS: the controller */
		.timeout_ms = 5000,
	};

	memset(identify, 0, NVME_IDENTIFY_SIZE);
	return run_admin(device, &command, "identify itself", err);
}

/* With the kernel's own limit of time: after it the controller is reset, and this one serves. */
int blockdev_nvme_health(struct blockdev *device, uint8_t log[NVME_HEALTH_SIZE], struct error *err)
{
	struct nvme_admin_cmd command = {
		.opcode = 0x02,     /* Get Log Page */
		.nsid = UINT32_MAX, /* of the controller */
		.addr = (uint64_t)(uintptr_t)log,
		.data_len = NVME_HEALTH_SIZE,
		.cdw10 = (NVME_HEALTH_SIZE / 4 - 1) << 16 | 0x02, /* SMART / Health Information */
	};

	memset(log, 0, NVME_HEALTH_SIZE);
	return run_admin(device, &command, "give its health log", err);
}
