/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Many small reads at once, by the kernel's asynchronous I/O (io_submit(2), the raw system calls).
 * One after the other, a thousand samples are a thousand round trips: a tenth of a second on the
 * fastest disk, ten on one that moves its heads, and the boot waits for each.
 */

#include "base/blockdev_private.h"

#include <errno.h>
#include <linux/aio_abi.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static long submit(aio_context_t context, struct iocb **requests, long count)
{
	return syscall(SYS_io_submit, context, count, requests);
}

static long collect(aio_context_t context, struct io_event *events, long count)
{
	return syscall(SYS_io_getevents, context, 1L, count, events, NULL);
}

static struct iocb make_request(const struct blockdev *device, uint64_t offset, void *buffer)
{
	return (struct iocb){
		.aio_lio_opcode = IOCB_CMD_PREAD,
		.aio_fildes = (uint32_t)device->direct_fd,
		.aio_buf = (uint64_t)(uintptr_t)buffer,
		.aio_nbytes = BLOCKDEV_SAMPLE_SIZE,
		.aio_offset = (int64_t)offset,
		.aio_data = offset,
	};
}

/* All of them, though it may take the kernel's queue several times. */
static int submit_all(aio_context_t context, struct iocb **requests, size_t count)
{
	while (count > 0) {
		long n = submit(context, requests, (long)count);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EIO;
		requests += n;
		count -= (size_t)n;
	}
	return 0;
}

static int collect_all(const struct blockdev *device, aio_context_t context, size_t count,
		       struct error *err)
{
	struct io_event events[BLOCKDEV_SAMPLES_MAX];

	while (count > 0) {
		long n = collect(context, events, (long)count);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return error_errno(err, n < 0 ? -errno : -EIO, "cannot read %s",
					   device->path);
		for (long i = 0; i < n; i++) {
			int64_t result = events[i].res;

			if (result != BLOCKDEV_SAMPLE_SIZE)
				return error_errno(err, result < 0 ? (int)result : -EIO,
						   "cannot read %s at byte %llu", device->path,
						   (unsigned long long)events[i].data);
		}
		count -= (size_t)n;
	}
	return 0;
}

int blockdev_samples_start(struct blockdev *device, uint64_t *ret_context)
{
	aio_context_t context = 0;

	if (device->direct_fd < 0)
		return -EOPNOTSUPP;
	if (syscall(SYS_io_setup, (unsigned)BLOCKDEV_SAMPLES_MAX, &context) < 0)
		return -errno;
	*ret_context = context;
	return 0;
}

int blockdev_samples_read(struct blockdev *device, uint64_t context, const uint64_t offsets[],
			  size_t count, uint8_t *buffer, struct error *err)
{
	struct iocb requests[BLOCKDEV_SAMPLES_MAX];
	struct iocb *pointers[BLOCKDEV_SAMPLES_MAX];
	int r;

	for (size_t i = 0; i < count; i++) {
		requests[i] = make_request(device, offsets[i], buffer + i * BLOCKDEV_SAMPLE_SIZE);
		pointers[i] = &requests[i];
	}
	r = submit_all(context, pointers, count);
	if (r < 0)
		return error_errno(err, r, "cannot read %s", device->path);
	return collect_all(device, context, count, err);
}

/* Waits for whatever is still being read: the buffer may be freed after this, and not before. */
void blockdev_samples_end(uint64_t context)
{
	syscall(SYS_io_destroy, (aio_context_t)context);
}
