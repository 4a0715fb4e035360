/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The one message format, on TCP port 988 between nodes and on the unix socket inside a node: a
 * header (payload length, operation, status) and a payload of little-endian numbers and counted
 * strings. A reader that runs past the end gets zeros, and `bad` is set: check it once, after the
 * last get.
 */
enum {
	WIRE_DATA_MAX = 1 << 20,
	WIRE_PAYLOAD_MAX = WIRE_DATA_MAX + 65536,
};

struct message {
	uint8_t *data;
	size_t length, capacity, position;
	bool bad;
};

void message_done(struct message *message);
void message_reset(struct message *message);

void put_u32(struct message *message, uint32_t value);
void put_u64(struct message *message, uint64_t value);
void put_bytes(struct message *message, const void *bytes, size_t length);
void put_string(struct message *message, const char *string);

uint32_t get_u32(struct message *message);
uint64_t get_u64(struct message *message);
/* Points into the message; valid until it is reset. */
const uint8_t *get_bytes(struct message *message, size_t *ret_length);
/* Copies a string that fits `size` with its end; else `bad`. */
void get_string(struct message *message, char *string, size_t size);

/* 0 or a negative errno; -ECONNRESET when the peer has gone. */
int wire_send(int fd, uint32_t operation, int32_t status, const struct message *message);
int wire_receive(int fd, uint32_t *ret_operation, int32_t *ret_status, struct message *message);

/*
 * Sends a request and waits for its answer, in the same message object.
 * Returns a negative errno if the transport failed; else 0 and the peer's word in `ret_status`
 * (0 or a negative errno).
 */
int wire_call(int fd, uint32_t operation, struct message *message, int32_t *ret_status);
