// SPDX-License-Identifier: Apache-2.0
#include "wire.h"

#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

struct header {
	uint32_t length, operation;
	int32_t status;
};

void message_done(struct message *message)
{
	free(message->data);
	*message = (struct message){ 0 };
}

void message_reset(struct message *message)
{
	message->length = message->position = 0;
	message->bad = false;
}

static bool message_reserve(struct message *message, size_t length)
{
	size_t capacity = message->capacity ? message->capacity : 512;
	uint8_t *data;

	if (length > WIRE_PAYLOAD_MAX) {
		message->bad = true;
		return false;
	}
	while (capacity < length)
		capacity *= 2;
	if (capacity == message->capacity)
		return true;
	data = realloc(message->data, capacity);
	if (!data) {
		message->bad = true;
		return false;
	}
	message->data = data;
	message->capacity = capacity;
	return true;
}

static void put_raw(struct message *message, const void *bytes, size_t length)
{
	if (!length || !message_reserve(message, message->length + length))
		return;
	memcpy(message->data + message->length, bytes, length);
	message->length += length;
}

void put_u32(struct message *message, uint32_t value)
{
	value = htole32(value);
	put_raw(message, &value, sizeof(value));
}

void put_u64(struct message *message, uint64_t value)
{
	value = htole64(value);
	put_raw(message, &value, sizeof(value));
}

void put_bytes(struct message *message, const void *bytes, size_t length)
{
	put_u32(message, (uint32_t)length);
	put_raw(message, bytes, length);
}

void put_string(struct message *message, const char *string)
{
	put_bytes(message, string, strlen(string));
}

static const uint8_t *get_raw(struct message *message, size_t length)
{
	const uint8_t *bytes = message->data + message->position;

	if (message->bad || message->length - message->position < length) {
		message->bad = true;
		return NULL;
	}
	message->position += length;
	return bytes;
}

uint32_t get_u32(struct message *message)
{
	const uint8_t *bytes = get_raw(message, sizeof(uint32_t));
	uint32_t value = 0;

	if (bytes)
		memcpy(&value, bytes, sizeof(value));
	return le32toh(value);
}

uint64_t get_u64(struct message *message)
{
	const uint8_t *bytes = get_raw(message, sizeof(uint64_t));
	uint64_t value = 0;

	if (bytes)
		memcpy(&value, bytes, sizeof(value));
	return le64toh(value);
}

const uint8_t *get_bytes(struct message *message, size_t *ret_length)
{
	size_t length = get_u32(message);
	const uint8_t *bytes = get_raw(message, length);

	*ret_length = bytes ? length : 0;
	return bytes;
}

void get_string(struct message *message, char *string, size_t size)
{
	size_t length;
	const uint8_t *bytes = get_bytes(message, &length);

	string[0] = '\0';
	if (!bytes)
		return;
	if (length >= size || memchr(bytes, 0, length)) {
		message->bad = true;
		return;
	}
	memcpy(string, bytes, length);
	string[length] = '\0';
}

int wire_send(int fd, uint32_t operation, int32_t status, const struct message *message)
{
	struct header header = { .operation = htole32(operation),
				 .status = (int32_t)htole32((uint32_t)status) };
	size_t length = message ? message->length : 0;
	struct iovec parts[2] = { { &header, sizeof(header) },
				  { message ? message->data : NULL, length } };
	struct msghdr out = { .msg_iov = parts, .msg_iovlen = 2 };

	header.length = htole32((uint32_t)length);
	for (size_t left = sizeof(header) + length; left;) {
		ssize_t n = sendmsg(fd, &out, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -ECONNRESET;
		left -= (size_t)n;
		for (int i = 0; i < 2; i++) {
			size_t step = (size_t)n < parts[i].iov_len ? (size_t)n : parts[i].iov_len;

			if (step)
				parts[i].iov_base = (uint8_t *)parts[i].iov_base + step;
			parts[i].iov_len -= step;
			n -= (ssize_t)step;
		}
	}
	return 0;
}

static int receive_all(int fd, void *buffer, size_t length)
{
	uint8_t *at = buffer;

	while (length) {
		ssize_t n = recv(fd, at, length, 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -ECONNRESET;
		at += n;
		length -= (size_t)n;
	}
	return 0;
}

int wire_receive(int fd, uint32_t *ret_operation, int32_t *ret_status, struct message *message)
{
	struct header header;
	size_t length;
	int r = receive_all(fd, &header, sizeof(header));

	if (r < 0)
		return r;
	message_reset(message);
	length = le32toh(header.length);
	if (length > WIRE_PAYLOAD_MAX)
		return -EPROTO;
	if (!message_reserve(message, length ? length : 1))
		return -ENOMEM;
	r = receive_all(fd, message->data, length);
	if (r < 0)
		return r;
	message->length = length;
	*ret_operation = le32toh(header.operation);
	*ret_status = (int32_t)le32toh((uint32_t)header.status);
	return 0;
}

int wire_call(int fd, uint32_t operation, struct message *message, int32_t *ret_status)
{
	uint32_t answered;
	int r;

	if (message->bad)
		return -E2BIG;
	r = wire_send(fd, operation, 0, message);
	if (r < 0)
		return r;
	r = wire_receive(fd, &answered, ret_status, message);
	if (r < 0)
		return r;
	return answered == operation ? 0 : -EPROTO;
}
