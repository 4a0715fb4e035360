/* SPDX-License-Identifier: Apache-2.0 */

/* What is on the medium, read past the page cache where that can be. */

#include "base/blockdev_private.h"

#include "base/cleanup.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* O_DIRECT wants offset, length and memory aligned to the logical sector, which is at most 4 KiB.
 */
#define ALIGNMENT 4096ULL
#define MIB       (1024ULL * 1024)

#define HEAD_SIZE   (4 * MIB)
#define TAIL_SIZE   MIB
#define SAMPLES     1024ULL /* a multiple of BLOCKDEV_SAMPLES_MAX */
#define SAMPLE_SIZE ((uint64_t)BLOCKDEV_SAMPLE_SIZE)
#define MEDIUM_MAX  MIB

/* At once: disks are looked at together, with a buffer each. */
#define SCAN_SIZE (BLOCKDEV_SAMPLES_MAX * SAMPLE_SIZE)

static uint64_t round_up(uint64_t size)
{
	return (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

static uint8_t *make_buffer(uint64_t size, struct error *err)
{
	uint8_t *buffer = aligned_alloc(ALIGNMENT, round_up(size));

	if (!buffer)
		error_set(err, -ENOMEM, "out of memory reading a disk");
	return buffer;
}

/*
 * Reads `size` bytes at an aligned place, fewer only at the end of the device: *ret_size. What is
 * asked of the kernel is aligned in length too, beyond the end if need be, where it just stops.
 */
static int read_aligned(struct blockdev *device, uint64_t offset, uint8_t *buffer, uint64_t size,
			uint64_t *ret_size, struct error *err)
{
	int fd = device->direct_fd >= 0 ? device->direct_fd : device->fd;
	uint64_t length = round_up(size), used = 0;

	if (size > device->size - offset)
		size = device->size - offset;
	while (used < size) {
		ssize_t n = pread(fd, buffer + used, length - used, (off_t)(offset + used));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_errno(err, -errno, "cannot read %s at byte %llu", device->path,
					   (unsigned long long)(offset + used));
		if (n == 0)
			return error_set(err, -EIO, "%s ends early, at byte %llu", device->path,
					 (unsigned long long)(offset + used));
		used += (uint64_t)n;
	}
	*ret_size = size;
	return 0;
}

/* The first place in `data` that is not zero, or `size`. */
static uint64_t first_data(const uint8_t *data, uint64_t size)
{
	/* Almost always all zero: let memcmp() see that, it is the fastest there is. */
	if (size == 0 || (data[0] == 0 && memcmp(data, data + 1, size - 1) == 0))
		return size;
	for (uint64_t i = 0; i < size; i++)
		if (data[i] != 0)
			return i;
	return size;
}

/* Looks at [start, end); *ret_offset is left alone when there is nothing but zeros. */
static int scan(struct blockdev *device, uint64_t start, uint64_t end, uint8_t *buffer,
		uint64_t *ret_offset, struct error *err)
{
	if (end > device->size)
		end = device->size;
	for (uint64_t at = start; at < end; at += SCAN_SIZE) {
		uint64_t want = end - at < SCAN_SIZE ? end - at : SCAN_SIZE;
		uint64_t size, found;
		int r = read_aligned(device, at, buffer, want, &size, err);

		if (r < 0)
			return r;
		found = first_data(buffer, size);
		if (found < size) {
			*ret_offset = at + found;
			return 0;
		}
	}
	return 0;
}

/* In the middle of its step: disks are more often written at round places. */
static uint64_t sample_place(uint64_t start, uint64_t step, uint64_t number)
{
	return start + number * step + step / 2 / ALIGNMENT * ALIGNMENT;
}

static int scan_one_by_one(struct blockdev *device, uint64_t start, uint64_t step, uint8_t *buffer,
			   uint64_t *ret_offset, struct error *err)
{
	int r = 0;

	for (uint64_t i = 0; r >= 0 && *ret_offset == UINT64_MAX && i < SAMPLES; i++) {
		uint64_t at = sample_place(start, step, i);

		r = scan(device, at, at + SAMPLE_SIZE, buffer, ret_offset, err);
	}
	return r;
}

/* In ascending order, which is the fastest way over a disk that has to move its heads. */
static int scan_together(struct blockdev *device, uint64_t context, uint64_t start, uint64_t step,
			 uint8_t *buffer, uint64_t *ret_offset, struct error *err)
{
	uint64_t places[BLOCKDEV_SAMPLES_MAX];

	for (uint64_t first = 0; first < SAMPLES; first += BLOCKDEV_SAMPLES_MAX) {
		uint64_t found;
		int r;

		for (uint64_t i = 0; i < BLOCKDEV_SAMPLES_MAX; i++)
			places[i] = sample_place(start, step, first + i);
		r = blockdev_samples_read(device, context, places, BLOCKDEV_SAMPLES_MAX, buffer,
					  err);
		if (r < 0)
			return r;
		found = first_data(buffer, BLOCKDEV_SAMPLES_MAX * SAMPLE_SIZE);
		if (found < BLOCKDEV_SAMPLES_MAX * SAMPLE_SIZE) {
			*ret_offset = places[found / SAMPLE_SIZE] + found % SAMPLE_SIZE;
			return 0;
		}
	}
	return 0;
}

static int scan_samples(struct blockdev *device, uint64_t start, uint64_t end, uint8_t *buffer,
			uint64_t *ret_offset, struct error *err)
{
	uint64_t step = (end - start) / SAMPLES / ALIGNMENT * ALIGNMENT, context = 0;
	int r;

	/* So small that the samples would touch each other. */
	if (step <= SAMPLE_SIZE)
		return scan(device, start, end, buffer, ret_offset, err);
	if (blockdev_samples_start(device, &context) < 0)
		return scan_one_by_one(device, start, step, buffer, ret_offset, err);
	r = scan_together(device, context, start, step, buffer, ret_offset, err);
	blockdev_samples_end(context);
	return r;
}

/* The head and the tail. *ret_tail is where the tail begins: what lies before it is not looked at.
 */
static int scan_ends(struct blockdev *device, uint64_t from, uint8_t *buffer, uint64_t *ret_tail,
		     uint64_t *ret_offset, struct error *err)
{
	uint64_t tail = HEAD_SIZE;
	int r = scan(device, from, HEAD_SIZE, buffer, ret_offset, err);

	if (device->size > HEAD_SIZE + TAIL_SIZE)
		tail = (device->size - TAIL_SIZE) / ALIGNMENT * ALIGNMENT;
	if (r >= 0 && *ret_offset == UINT64_MAX)
		r = scan(device, tail, device->size, buffer, ret_offset, err);
	*ret_tail = tail;
	return r;
}

/*
 * Where the superblocks of file systems have their copies, which outlive who cleared the head of a
 * disk: btrfs (fs/btrfs/disk-io.h), ext of 4 KiB blocks, and XFS, whose groups are a quarter of the
 * disk or the most that they can be (mkfs/xfs_mkfs.c).
 */
static int scan_copies(struct blockdev *device, uint64_t tail, uint8_t *buffer,
		       uint64_t *ret_offset, struct error *err)
{
	const uint64_t blocks = device->size / ALIGNMENT;
	const uint64_t places[] = {
		64 * MIB,
		128 * MIB,
		(blocks + 3) / 4 * ALIGNMENT,
		256 * 1024 * MIB,
		1024 * 1024 * MIB - ALIGNMENT,
	};
	int r = 0;

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (r >= 0 && *ret_offset == UINT64_MAX && places[i] >= HEAD_SIZE &&
		    places[i] < tail)
			r = scan(device, places[i], places[i] + SAMPLE_SIZE, buffer, ret_offset,
				 err);
	return r;
}

static int find_data(struct blockdev *device, uint64_t from, bool between, uint64_t *ret_offset,
		     struct error *err)
{
	cleanup(free_pointer) uint8_t *buffer = make_buffer(SCAN_SIZE, err);
	uint64_t tail, found = UINT64_MAX;
	int r;

	if (!buffer)
		return -ENOMEM;
	r = scan_ends(device, from, buffer, &tail, &found, err);
	if (r >= 0 && between && found == UINT64_MAX)
		r = scan_copies(device, tail, buffer, &found, err);
	if (r >= 0 && between && found == UINT64_MAX)
		r = scan_samples(device, HEAD_SIZE, tail, buffer, &found, err);
	if (r < 0)
		return r;
	*ret_offset = found;
	return 0;
}

int blockdev_find_data(struct blockdev *device, uint64_t from, uint64_t *ret_offset,
		       struct error *err)
{
	return find_data(device, from, /* between= */ true, ret_offset, err);
}

int blockdev_find_data_at_ends(struct blockdev *device, uint64_t from, uint64_t *ret_offset,
			       struct error *err)
{
	return find_data(device, from, /* between= */ false, ret_offset, err);
}

int blockdev_read_medium(struct blockdev *device, uint64_t offset, void *data, size_t size,
			 struct error *err)
{
	cleanup(free_pointer) uint8_t *buffer = NULL;
	uint64_t start = offset / ALIGNMENT * ALIGNMENT, got;
	uint64_t before = offset - start;
	int r;

	if (size > MEDIUM_MAX || size > device->size || offset > device->size - size)
		return error_set(err, -ERANGE, "%s has no %zu bytes at byte %llu", device->path,
				 size, (unsigned long long)offset);
	buffer = make_buffer(before + size, err);
	if (!buffer)
		return -ENOMEM;
	r = read_aligned(device, start, buffer, before + size, &got, err);
	if (r < 0)
		return r;
	memcpy(data, buffer + before, size);
	return 0;
}
