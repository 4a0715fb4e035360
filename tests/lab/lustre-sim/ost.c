// SPDX-License-Identifier: Apache-2.0
#include "ost.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "attributes.h"
#include "targets.h"

struct object {
	char folders[2][64]; /* O/<sequence>, and the bucket below it */
	char path[128];
};

static void get_object(struct message *message, struct object *object)
{
	uint64_t sequence = get_u64(message);
	uint32_t number = get_u32(message);

	snprintf(object->folders[0], sizeof(object->folders[0]), "O/%016" PRIx64, sequence);
	snprintf(object->folders[1], sizeof(object->folders[1]), "O/%016" PRIx64 "/d%" PRIu32,
		 sequence, number % 32);
	snprintf(object->path, sizeof(object->path), "%s/%" PRIx32, object->folders[1], number);
}

static int open_object(int root, const struct object *object, int flags)
{
	int fd = openat(root, object->path, flags | O_CLOEXEC, 0600);

	if (fd < 0 && errno == ENOENT && (flags & O_CREAT)) {
		mkdirat(root, object->folders[0], 0700);
		mkdirat(root, object->folders[1], 0700);
		fd = openat(root, object->path, flags | O_CLOEXEC, 0600);
	}
	return fd < 0 ? -errno : fd;
}

static int answer_attributes(int fd, struct message *message)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	message_reset(message);
	put_stat(message, &st);
	return 0;
}

static int answer_read(int fd, uint64_t offset, uint32_t length, struct message *message)
{
	size_t done = 0;
	ssize_t n = 0;

	if (length > WIRE_DATA_MAX)
		return -EINVAL;
	message_reset(message);
	while (done < length) {
		uint8_t block[65536];
		size_t want = length - done < sizeof(block) ? length - done : sizeof(block);

		n = pread(fd, block, want, (off_t)(offset + done));
		if (n <= 0)
			break;
		/* Blocks of counted bytes; the reader joins them. */
		put_bytes(message, block, (size_t)n);
		done += (size_t)n;
	}
	return n < 0 ? -errno : 0;
}

static int write_bytes(int fd, uint64_t offset, struct message *message)
{
	size_t length, done = 0;
	const uint8_t *bytes = get_bytes(message, &length);

	if (message->bad)
		return -EINVAL;
	while (done < length) {
		ssize_t n = pwrite(fd, bytes + done, length - done, (off_t)(offset + done));

		if (n < 0)
			return -errno;
		done += (size_t)n;
	}
	return 0;
}

static int at_object(enum operation operation, int fd, struct message *message)
{
	struct timespec times[2];
	uint64_t offset;
	int r = 0;

	switch ((int)operation) {
	case OP_OST_GETATTR:
		return answer_attributes(fd, message);
	case OP_OST_READ:
		offset = get_u64(message);
		return answer_read(fd, offset, get_u32(message), message);
	case OP_OST_WRITE:
		offset = get_u64(message);
		r = write_bytes(fd, offset, message);
		break;
	case OP_OST_TRUNCATE:
		if (ftruncate(fd, (off_t)get_u64(message)) < 0)
			r = -errno;
		break;
	case OP_OST_UTIMENS:
		get_times(message, times);
		if (futimens(fd, times) < 0)
			r = -errno;
		break;
	case OP_OST_SYNC:
		if (fsync(fd) < 0)
			r = -errno;
		break;
	}
	message_reset(message);
	return r;
}

static int on_object(enum operation operation, int root, struct message *message)
{
	bool makes = operation == OP_OST_WRITE || operation == OP_OST_TRUNCATE;
	struct object object;
	int fd, r;

	get_object(message, &object);
	if (message->bad)
		return -EINVAL;
	if (operation == OP_OST_DESTROY) {
		message_reset(message);
		return unlinkat(root, object.path, 0) < 0 && errno != ENOENT ? -errno : 0;
	}
	fd = open_object(root, &object, makes ? O_RDWR | O_CREAT : O_RDWR);
	if (fd < 0)
		return fd;
	r = at_object(operation, fd, message);
	close(fd);
	return r;
}

static int answer_statfs(int root, const struct target *target, struct message *message)
{
	struct statvfs fs;
	int fd = openat(root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), r = 0;

	if (fd < 0)
		return -errno;
	if (fstatvfs(fd, &fs) < 0)
		r = -errno;
	close(fd);
	if (r < 0)
		return r;
	message_reset(message);
	put_statfs(message, &fs, target->degraded);
	return 0;
}

int ost_handle(struct simd *simd, enum operation operation, struct message *message)
{
	struct target *target;
	char name[NAME_SIZE];
	int root, r;

	get_string(message, name, sizeof(name));
	if (message->bad)
		return -EINVAL;
	root = targets_get(simd, name, &target);
	if (root < 0)
		return root;
	r = operation == OP_STATFS ? answer_statfs(root, target, message)
				   : on_object(operation, root, message);
	targets_put(simd, target, root);
	return r;
}
