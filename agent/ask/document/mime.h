/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * MIME messages (RFC 2045, 2046), as far as user-data uses them. Nothing is decoded and nothing
 * judged here; line ends may be LF or CRLF. Everything points into the caller's bytes.
 */

#include <stdbool.h>
#include <stddef.h>

/* What the headers of a message or part say. Texts are "" where there is no such header. */
struct mime_headers {
	char type[128];      /* "text/lustre-init", lower case, without parameters */
	char boundary[257];  /* as written; RFC 2046 has 70, and other readers take more */
	char charset[32];    /* lower case */
	char transfer[32];   /* Content-Transfer-Encoding, lower case */
	bool is_mime;        /* there is a Content-Type or a MIME-Version */
	bool is_launch_only; /* there is a Launch-Index: for some instances of a launch only */
	size_t body;         /* where the body begins, counted from the first header */
	bool lacks_blank; /* headers end without a blank line; `body` is at the line that is none */
};

/*
 * Called for each header, in order, names as written, values unfolded into blanks. Both are
 * terminated and live for the call.
 */
typedef void (*mime_header_fn)(void *userdata, const char *name, const char *value, size_t offset);

/*
 * Reads headers from the start of `data` to the blank line, the first line that is no header, or
 * the end. `each` may be NULL; it gets also those headers that struct mime_headers has no room for.
 */
void mime_read_headers(const char *data, size_t size, struct mime_headers *ret, mime_header_fn each,
		       void *userdata);

/*
 * Where the first header of a MIME message is: behind blank lines and the "From " line of an mbox.
 * `size` when the data is no such message: it has neither a Content-Type nor a MIME-Version.
 */
size_t mime_message_start(const char *data, size_t size);

/* The parts of a multipart's body, one after the other. */
struct mime_parts {
	const char *data; /* the body */
	size_t size;
	const char *boundary;
	size_t next;    /* where the next part begins */
	bool is_begun;  /* the first delimiter was found */
	bool is_closed; /* the closing delimiter was found */
};

struct mime_parts mime_parts_of(const char *body, size_t size, const char *boundary);

/*
 * The next part, headers and body, without the line end that belongs to the delimiter behind it.
 * false: there is none. A last part that no delimiter closes is returned all the same; is_closed
 * stays false.
 */
bool mime_next_part(struct mime_parts *parts, const char **ret_data, size_t *ret_size);
