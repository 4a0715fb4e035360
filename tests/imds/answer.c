// SPDX-License-Identifier: Apache-2.0
#include "answer.h"

#include <microhttpd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *answer_reason(unsigned int status)
{
	const char *reason = MHD_get_reason_phrase_for(status);

	return reason ? reason : "Unknown";
}

void answer_set_body(struct answer *answer, const void *data, size_t size)
{
	char *copy = size ? malloc(size) : NULL;

	if (copy)
		memcpy(copy, data, size);
	free(answer->body);
	answer->body = copy;
	answer->size = copy ? size : 0;
}

void answer_resize_body(struct answer *answer, size_t size)
{
	char *body = size ? realloc(answer->body, size) : NULL;

	if (!body)
		return;
	if (size > answer->size)
		memset(body + answer->size, '#', size - answer->size);
	answer->body = body;
	answer->size = size;
}

void answer_set_header(struct answer *answer, const char *name, const char *format, ...)
{
	struct answer_header *header = answer->headers;
	struct answer_header *end = header + answer->header_count;
	va_list arguments;
	char *value = NULL;
	int length;

	va_start(arguments, format);
	length = vasprintf(&value, format, arguments);
	va_end(arguments);
	if (length < 0)
		return;

	while (header < end && strcmp(header->name, name) != 0)
		header++;
	if (header == end) {
		if (answer->header_count == ANSWER_HEADERS_MAX) {
			free(value);
			return;
		}
		answer->header_count++;
		*header = (struct answer_header){ .name = name };
	}
	free(header->value);
	header->value = value;
}

void answer_error(struct answer *answer, unsigned int status)
{
	char page[256];
	int length;

	answer->status = status;
	/* A client without a good token is told nothing at all. */
	if (status == MHD_HTTP_UNAUTHORIZED || status == MHD_HTTP_METHOD_NOT_ALLOWED) {
		answer_set_body(answer, "", 0);
		answer_set_header(answer, "Content-Type", "text/plain");
		return;
	}
	length = snprintf(page, sizeof(page),
			  "<?xml version=\"1.0\" encoding=\"iso-8859-1\"?>\n"
			  "<html><head><title>%u - %s</title></head>"
			  "<body><h1>%u - %s</h1></body></html>\n",
			  status, answer_reason(status), status, answer_reason(status));
	answer_set_body(answer, page, (size_t)length);
	answer_set_header(answer, "Content-Type", "text/html");
}

void answer_done(struct answer *answer)
{
	for (size_t i = 0; i < answer->header_count; i++)
		free(answer->headers[i].value);
	free(answer->body);
	*answer = (struct answer){ 0 };
}
