/* SPDX-License-Identifier: Apache-2.0 */

/* Headers, and the parts between the boundary that they name. */

#include "ask/document/mime.h"
#include "fuzz.h"

#include <string.h>

struct seen {
	size_t size;
	size_t last; /* offset of the header before */
	size_t count;
};

static void see_header(void *userdata, const char *name, const char *value, size_t offset)
{
	struct seen *seen = userdata;

	must(name[0] && strlen(name) < 64 && strlen(value) < 512, "headers are bounded");
	must(!strchr(value, '\n') && !strchr(value, '\r'), "values are unfolded");
	must(offset < seen->size && (seen->count == 0 || offset > seen->last),
	     "headers go forward");
	seen->last = offset;
	seen->count++;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	size_t start = mime_message_start(text, size), part_size, behind = 0;
	struct seen seen = { .size = size };
	struct mime_headers headers;
	struct mime_parts parts;
	const char *part;

	must(start <= size, "a message is inside of the data");
	mime_read_headers(text, size, &headers, see_header, &seen);
	must(headers.body <= size, "the body is inside of the data");
	must(strlen(headers.boundary) < sizeof(headers.boundary), "boundaries are bounded");
	parts = mime_parts_of(text + headers.body, size - headers.body, headers.boundary);
	while (mime_next_part(&parts, &part, &part_size)) {
		size_t offset = (size_t)(part - parts.data);

		must(offset >= behind && offset + part_size <= parts.size,
		     "parts follow each other inside of the body");
		behind = offset + part_size;
		if (part_size > 0) {
			seen = (struct seen){ .size = part_size };
			mime_read_headers(part, part_size, &headers, see_header, &seen);
			/* The headers of the part took the boundary's place. */
			break;
		}
	}
	return 0;
}
