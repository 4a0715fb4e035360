/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* How the service treats the connection after an answer. */
enum connection_mode {
	CONNECTION_CLOSE,    /* HTTP/1.1 and "Connection: close", as EC2 does */
	CONNECTION_HTTP_1_0, /* HTTP/1.0, as EC2's older hosts did */
	CONNECTION_KEEP_ALIVE,
};

struct answer_header {
	const char *name; /* static */
	char *value;
};

enum { ANSWER_HEADERS_MAX = 8 };

/* One answer as a value, before anything is sent. */
struct answer {
	unsigned int status;
	struct answer_header headers[ANSWER_HEADERS_MAX];
	size_t header_count;
	char *body; /* owned; NULL when empty */
	size_t size;
	bool chunked;
	enum connection_mode connection;
};

/* Replaces status and body by EC2's error page for that status (empty for 401 and 405). */
void answer_error(struct answer *answer, unsigned int status);

/* Replaces the body by a copy of the bytes. */
void answer_set_body(struct answer *answer, const void *data, size_t size);

/* Pads the body with '#', or cuts it, to the size. */
void answer_resize_body(struct answer *answer, size_t size);

/* Sets a header, replacing one of that name; beyond ANSWER_HEADERS_MAX it is dropped. */
void answer_set_header(struct answer *answer, const char *name, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The words after the status code: "Not Found". */
const char *answer_reason(unsigned int status);

/* Frees the contents, not the answer itself. */
void answer_done(struct answer *answer);
