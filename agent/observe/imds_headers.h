/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The head of an answer, line by line: the few headers that matter, within a bound. */

#include <stdbool.h>
#include <stddef.h>

#define IMDS_HEAD_MAX 16384

struct imds_headers {
	size_t size;    /* bytes so far, interim (1xx) heads included */
	bool too_large; /* more than IMDS_HEAD_MAX */
	bool complete;  /* the empty line was seen */
	long status;
	bool chunked; /* Transfer-Encoding: chunked */
	bool closes;  /* Connection: close, or HTTP/1.0 */
	unsigned retry_after_sec;
	char location[128]; /* printable */
};

/* One line with its end, not NUL-terminated. False when the head has become too large. */
bool imds_headers_add(struct imds_headers *headers, const char *line, size_t size);
