/* SPDX-License-Identifier: Apache-2.0 */
#include "observe/imds_headers.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define RETRY_AFTER_MAX_SEC 3600

/* "HTTP/1.1 200 OK" begins a head: what an interim answer (1xx) said is forgotten, its size is not.
 */
static void begin(struct imds_headers *headers, const char *line)
{
	const char *space = strchr(line, ' ');

	*headers = (struct imds_headers){ .size = headers->size };
	headers->status = space ? strtol(space, NULL, 10) : 0;
	headers->closes = strncmp(line, "HTTP/1.0", strlen("HTTP/1.0")) == 0;
}

static void take_retry_after(struct imds_headers *headers, const char *value)
{
	/* A date would be read by the wall clock, which a first boot may have wrong; it counts as
	 * unsaid. */
	unsigned long seconds = isdigit((unsigned char)*value) ? strtoul(value, NULL, 10) : 0;

	headers->retry_after_sec =
		seconds < RETRY_AFTER_MAX_SEC ? (unsigned)seconds : RETRY_AFTER_MAX_SEC;
}

static void take_location(struct imds_headers *headers, const char *value)
{
	snprintf(headers->location, sizeof(headers->location), "%s", value);
	for (char *c = headers->location; *c; c++)
		if (!isgraph((unsigned char)*c) || !isascii((unsigned char)*c))
			*c = '?';
}

static void take(struct imds_headers *headers, const char *name, const char *value)
{
	if (strcasecmp(name, "Retry-After") == 0)
		take_retry_after(headers, value);
	else if (strcasecmp(name, "Location") == 0)
		take_location(headers, value);
	else if (strcasecmp(name, "Transfer-Encoding") == 0)
		headers->chunked = strcasestr(value, "chunked") != NULL;
	else if (strcasecmp(name, "Connection") == 0)
		headers->closes |= strcasestr(value, "close") != NULL;
}

bool imds_headers_add(struct imds_headers *headers, const char *line, size_t size)
{
	char text[512];
	char *colon;

	headers->size += size;
	headers->too_large = headers->size > IMDS_HEAD_MAX;
	if (headers->too_large)
		return false;
	snprintf(text, sizeof(text), "%.*s", (int)size, line);
	text[strcspn(text, "\r\n")] = '\0';
	if (strncmp(text, "HTTP/", strlen("HTTP/")) == 0)
		begin(headers, text);
	else if (text[0] == '\0')
		headers->complete = true;
	colon = strchr(text, ':');
	if (colon) {
		*colon = '\0';
		take(headers, text, colon + 1 + strspn(colon + 1, " \t"));
	}
	return true;
}
