/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Where words leave the program: in standard output and standard error, whoever writes to them, all
 * that is not shown (base/printable.h) becomes '?', but for tabs and ends of lines. What could not
 * be written is remembered, and told at the end.
 */

#include "base/error.h"

#include <stddef.h>
#include <stdio.h>

struct report_stream {
	FILE *before; /* what stdout or stderr was */
	int fd;
	char begun[4]; /* of a character whose other bytes are still to come */
	size_t begun_size;
	int error; /* a negative errno, of the first write that failed */
};

struct report_streams {
	struct report_stream output, errors;
};

/* Puts stdout and stderr in place; *streams is in use until report_streams_close(). -ENOMEM. */
int report_streams_open(struct report_streams *streams, struct error *err);

/* The end of both. Returns `code`, or 1 where something did not reach standard output, said so. */
int report_streams_close(struct report_streams *streams, int code);
