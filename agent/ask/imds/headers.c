/* SPDX-License-Identifier: Apache-2.0 */
#include "ask/imds/headers.h"

#include "base/utc.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define RETRY_AFTER_MAX_SEC 3600
#define LENGTH_DIGITS_MAX   18

/* "HTTP/1.1 200 OK" begins a head: what an interim answer (1xx) said is forgotten, its size is not.
 */
static void begin(struct imds_headers *headers, const char *line)
{
	const char *space = strchr(line, ' ');

	*headers = (struct imds_headers){ .size = headers->size, .length = IMDS_LENGTH_ABSENT };
	headers->status = space ? strtol(space, NULL, 10) : 0;
	headers->closes = strncmp(line, "HTTP/1.0", strlen("HTTP/1.0")) == 0;
}

static void take_length(struct imds_headers *headers, const char *value)
{
	size_t digits = strspn(value, "0123456789");
	int64_t length = IMDS_LENGTH_INVALID;

	if (digits > 0 && digits <= LENGTH_DIGITS_MAX && value[digits] == '\0')
		length = strtoll(value, NULL, 10);
	if (headers->length != IMDS_LENGTH_ABSENT && headers->length != length)
		length = IMDS_LENGTH_INVALID;
	headers->length = length;
	if (length == IMDS_LENGTH_INVALID)
		headers->flaw = "its Content-Length is no number";
}

static void take_retry_after(struct imds_headers *headers, const char *value)
{
	/* A date would be read by the wall clock, which a first boot may have wrong; it counts as
	 * unsaid. */
	unsigned long seconds = isdigit((unsigned char)*value) ? strtoul(value, NULL, 10) : 0;

	headers->retry_after_sec =
		seconds < RETRY_AFTER_MAX_SEC ? (unsigned)seconds : RETRY_AFTER_MAX_SEC;
}

/* "Sun, 21 Jan 2019 09:00:43 GMT"; other forms, which RFC 9110 has for the past, count as unsaid.
 */
static void take_date(struct imds_headers *headers, const char *value)
{
	const char *comma = strstr(value, ", ");
	uint64_t sec;

	if (comma && utc_parse_http(comma + strlen(", "), &sec))
		headers->date_sec = sec;
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
	if (strcasecmp(name, "Content-Length") == 0)
		take_length(headers, value);
	else if (strcasecmp(name, "Retry-After") == 0)
		take_retry_after(headers, value);
	else if (strcasecmp(name, "Date") == 0)
		take_date(headers, value);
	else if (strcasecmp(name, "Location") == 0)
		take_location(headers, value);
	else if (strcasecmp(name, "Transfer-Encoding") == 0)
		headers->chunked = strcasestr(value, "chunked") != NULL;
	else if (strcasecmp(name, "Content-Type") == 0)
		headers->is_page = strcasestr(value, "text/html") != NULL;
	else if (strcasecmp(name, "Connection") == 0)
		headers->closes |= strcasestr(value, "close") != NULL;
}

bool imds_headers_add(struct imds_headers *headers, const char *line, size_t size)
{
	char text[512];
	char *colon;

	headers->size += size;
	if (headers->size > IMDS_HEAD_MAX) {
		headers->flaw = "its head does not end";
		return false;
	}
	snprintf(text, sizeof(text), "%.*s", (int)size, line);
	for (size_t end = strlen(text); end > 0 && strchr("\r\n\t ", text[end - 1]); end--)
		text[end - 1] = '\0';
	if (strncmp(text, "HTTP/", strlen("HTTP/")) == 0)
		begin(headers, text);
	else if (text[0] == '\0')
		headers->complete = true;
	colon = strchr(text, ':');
	if (colon) {
		*colon = '\0';
		take(headers, text, colon + 1 + strspn(colon + 1, " \t"));
	}
	return headers->flaw == NULL;
}
