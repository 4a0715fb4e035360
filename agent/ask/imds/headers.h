/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The head of an answer, line by line: the few headers that matter, within a bound. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define IMDS_HEAD_MAX 16384

#define IMDS_LENGTH_ABSENT  (-1)
#define IMDS_LENGTH_INVALID (-2) /* no number, or two that differ */

/* Begin with { .length = IMDS_LENGTH_ABSENT }. */
struct imds_headers {
	size_t size;      /* bytes so far, interim (1xx) heads included */
	const char *flaw; /* why it cannot go on; NULL: nothing is wrong */
	bool complete;    /* the empty line was seen */
	long status;
	int64_t length; /* Content-Length; negative: IMDS_LENGTH_… */
	bool chunked;   /* Transfer-Encoding: chunked */
	bool is_page;   /* Content-Type: text/html */
	bool closes;    /* Connection: close, or HTTP/1.0 */
	unsigned retry_after_sec;
	uint64_t date_sec;  /* since 1970, by the service's clock; 0: not said */
	char location[128]; /* printable */
};

/* One line with its end, not NUL-terminated. False when there is a flaw. */
bool imds_headers_add(struct imds_headers *headers, const char *line, size_t size);
